"""The services' descriptions: served as WSDL, and what messages are checked against.

Source: rivta.md §5 (shapes of Update and ProcessNotification 1.0), §0 (RIV-TA Basic Profile 2.1).
"""

from functools import cache
from html import escape
from importlib import resources
from typing import Any

from lxml import etree

OPERATIONS = ("Update", "ProcessNotification")
_XS = "http://www.w3.org/2001/XMLSchema"
_PLACE = '"https://localhost/soap/{}"'


def wsdl(operation: str, location: str) -> bytes:
    """Return the description of a service that is served at `location`."""
    text = _text(operation)
    return text.replace(_PLACE.format(operation), f'"{escape(location)}"').encode()


@cache
def schema(operation: str) -> etree.XMLSchema:
    """Return the schema of a service's messages, out of its description.

    The description holds one schema for each namespace; the validator wants one document, whose
    imports are looked up by a resolver.
    """
    found = {
        str(each.get("targetNamespace")): etree.tostring(each)
        for each in etree.fromstring(_text(operation).encode()).iter(f"{{{_XS}}}schema")
    }

    class Inside(etree.Resolver):
        def resolve(  # type: ignore[override]  # the stubs want names that lxml does not use
            self,
            system_url: str,
            _public_id: str,
            context: Any,  # noqa: ANN401 - lxml's own
        ) -> Any:  # noqa: ANN401 - as above
            return self.resolve_string(found[system_url], context, base_url=system_url)

    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(Inside())
    imports = "".join(f'<xs:import namespace="{name}" schemaLocation="{name}"/>' for name in found)
    whole = f'<xs:schema xmlns:xs="{_XS}">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(whole.encode(), parser))


@cache
def _text(operation: str) -> str:
    return (resources.files(__package__) / f"{operation}.wsdl").read_text(encoding="utf-8")
