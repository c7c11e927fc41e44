"""Links to other entries of a transaction, where they stand beside references.

Source: FHIR R4 http.html#trules: elements of type uri, url, oid and uuid, and href and src in a
narrative. A canonical is none, nor is text that happens to read like one.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from hub.fhir.shape import elements, is_type

_LINKS = frozenset({"uri", "url", "oid", "uuid"})
_ATTRIBUTE = re.compile(r"""(\b(?:href|src)\s*=\s*)(["'])([^"']*)\2""")


def linked(value: Mapping[str, Any], given: Mapping[str, str], kind: str = "") -> dict[str, Any]:
    """Return a resource, or an element of that type, with its links replaced."""
    names = _types_by_name(str(value.get("resourceType", kind)))
    return {key: _linked(each, given, names.get(key, "")) for key, each in value.items()}


def _linked(value: Any, given: Mapping[str, str], kind: str) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, list):
        return [_linked(each, given, kind) for each in value]
    if isinstance(value, Mapping):
        known = is_type(kind) or "resourceType" in value
        return linked(value, given, kind) if known else value
    if kind in _LINKS:
        return given.get(value, value)
    if kind == "xhtml" and isinstance(value, str):
        return _ATTRIBUTE.sub(lambda found: _attribute(found, given), value)
    return value


def _attribute(found: re.Match[str], given: Mapping[str, str]) -> str:
    name, quote, url = found.groups()
    return f"{name}{quote}{given.get(url, url)}{quote}"


@cache
def _types_by_name(kind: str) -> dict[str, str]:
    """The type of each JSON name of a type; `_name` holds what a primitive has beside its value."""
    found: dict[str, str] = {}
    for each in elements(kind).values() if is_type(kind) else ():
        for name, type_ in each.json_names().items():
            found |= {name: type_, f"_{name}": "Element"}
    return found
