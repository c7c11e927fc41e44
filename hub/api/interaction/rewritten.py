"""References in a resource replaced, and those that nothing can be put in the place of.

Source: FHIR R4 http.html#trules, references.html. A `urn:uuid:` names another entry of the same
Bundle: anywhere else nobody could ever find what it means.
"""

from collections.abc import Mapping
from typing import Any

from hub.errors import Place, Unprocessable


def refuse_unresolved(resource: Mapping[str, Any]) -> None:
    """Refuse a resource, sent by itself, with references that only a Bundle gives a meaning.

    Raises:
        Unprocessable: it has such; each place is named.
    """
    missing: list[str] = []
    rewritten(resource, {}, missing)
    kind = resource.get("resourceType")
    text = "a reference by urn:uuid names an entry of a transaction; send both in one"
    if missing:
        places = [Place("invalid", "unresolved-reference", text, f"{kind}.{at}") for at in missing]
        raise Unprocessable("a reference does not resolve", places=places)


def rewritten(
    value: Any,  # noqa: ANN401  # JSON
    given: Mapping[str, str],
    missing: list[str],
    at: str = "",
) -> Any:  # noqa: ANN401  # JSON
    """Return a value with its references replaced; `missing` gets the places of those left over."""
    if isinstance(value, Mapping):
        return {
            key: _reference(inner, given, missing, f"{at}.{key}".lstrip("."))
            if key == "reference" and isinstance(inner, str)
            else rewritten(inner, given, missing, f"{at}.{key}".lstrip("."))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            rewritten(inner, given, missing, f"{at}[{number}]")
            for number, inner in enumerate(value)
        ]
    return value


def _reference(reference: str, given: Mapping[str, str], missing: list[str], at: str) -> str:
    if reference in given:
        return given[reference]
    if reference.startswith("urn:uuid:"):
        missing.append(at)
    return reference
