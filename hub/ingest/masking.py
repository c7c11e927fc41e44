"""A resource without what reveals a protected person's whereabouts.

Source: OSL 21:3, 22:1, 22:2; law.md §2 "Protected identity". Clinical content stays; addresses,
ways of contact, places and their names go, and so does a narrative, which may repeat any of them.
Made when the resource is written, so that no reading path has to remember it.
"""

from collections.abc import Mapping
from typing import Any

_BY_MASK: Mapping[str, frozenset[str]] = {
    "address": frozenset({"address", "position", "location"}),
    "contact": frozenset({"telecom", "contact"}),
}
_PLACES = ("Organization", "Location")


def masked(resource: Mapping[str, Any], masks: frozenset[str]) -> dict[str, Any]:
    """Return a copy without what the masks name: address, contact, unit_name."""
    gone = frozenset().union(*(_BY_MASK.get(mask, frozenset()) for mask in masks))
    names = "unit_name" in masks
    return _resource(resource, gone, names=names)


def _resource(resource: Mapping[str, Any], gone: frozenset[str], *, names: bool) -> dict[str, Any]:
    own = {"name"} if names and resource.get("resourceType") in _PLACES else frozenset[str]()
    return {
        key: _masked(value, gone, names=names)
        for key, value in resource.items()
        if key not in gone and key not in own and not _is_narrative(key, value)
    }


def _is_narrative(key: str, value: object) -> bool:
    return key == "text" and isinstance(value, Mapping) and "div" in value


def _masked(value: Any, gone: frozenset[str], *, names: bool) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, Mapping) and "resourceType" in value:
        return _resource(value, gone, names=names)
    if isinstance(value, Mapping):
        place = names and value.get("type") in _PLACES
        return {
            key: _masked(inner, gone, names=names)
            for key, inner in value.items()
            if key not in gone and not (place and key == "display")
        }
    if isinstance(value, list):
        return [_masked(inner, gone, names=names) for inner in value]
    return value
