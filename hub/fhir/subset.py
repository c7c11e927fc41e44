"""A part of a resource: `_summary` and `_elements`, marked as one.

Source: FHIR R4 search.html#summary, #elements; the elements of summaries are those that
fhir.resources takes from the definitions. What is required is always there.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from hub.fhir.shape import elements

SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
SUMMARIES = ("true", "text", "data", "count", "false")
_ALWAYS = frozenset({"resourceType", "id", "meta"})


def summary(resource: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the summary of a resource.

    `true`: its summary elements; `text`: its narrative and what is required; `data`: all but that.
    """
    name = str(resource.get("resourceType"))
    if kind == "data":
        return _marked({key: value for key, value in resource.items() if key != "text"})
    wanted = _summary_elements(name) if kind == "true" else frozenset({"text"})
    return elements_only(resource, wanted)


def elements_only(resource: Mapping[str, Any], wanted: Collection[str]) -> dict[str, Any]:
    """Return the elements of these names, with what is required; `value` names `valueQuantity`."""
    name = str(resource.get("resourceType"))
    kept = set(_ALWAYS) | _required(name)
    for element in elements(name).values():
        if element.name.removesuffix("[x]") in wanted or element.json_names().keys() & set(wanted):
            kept |= element.json_names().keys()
    return _marked({k: v for k, v in resource.items() if k.removeprefix("_") in kept})


def _marked(resource: dict[str, Any]) -> dict[str, Any]:
    meta = dict(resource.get("meta", {}))
    meta["tag"] = [*meta.get("tag", []), SUBSETTED]
    head: dict[str, Any] = {k: resource[k] for k in ("resourceType", "id") if k in resource}
    return {**head, "meta": meta, **{k: v for k, v in resource.items() if k not in (*head, "meta")}}


@cache
def _summary_elements(name: str) -> frozenset[str]:
    return frozenset(get_fhir_model_class(name).summary_elements_sequence())


@cache
def _required(name: str) -> frozenset[str]:
    return frozenset(
        json_name
        for element in elements(name).values()
        if element.minimum
        for json_name in element.json_names()
    )
