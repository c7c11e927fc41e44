"""What an invariant is, and the conditions that many of them are made of.

Source: FHIR R4 ElementDefinition.constraint. A function gets an element whose structure is right,
and the whole resource, and returns whether the invariant holds. What an invariant needs and cannot
know (what a reference resolves to, two dates of which one is vague) does not break it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.fhir.json_value import JsonValue
from hub.fhir.time_span import span

Json = Mapping[str, Any]
Holds = Callable[[Any, Json], bool]

_TERMS = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True, slots=True)
class Invariant:
    """What must hold, and what to do when it does not."""

    holds: Holds
    remedy: str


def any_of(*names: str) -> Holds:
    """Return the condition that one of these elements is there."""
    return lambda value, _root: any(name in value for name in names)


def not_both(first: str, second: str) -> Holds:
    """Return the condition that two elements do not stand together."""
    return lambda value, _root: missing(value, first) or missing(value, second)


def needs(name: str, other: str) -> Holds:
    """Return the condition that an element stands only with another."""
    return lambda value, _root: missing(value, name) or not missing(value, other)


def missing(value: Json, name: str) -> bool:
    """Tell whether an element, or with [x] every form of a choice, is absent."""
    if not name.endswith("[x]"):
        return name not in value and f"_{name}" not in value
    stem = name[:-3]
    for key in value:
        bare = key[1:] if key[0] == "_" else key
        if bare.startswith(stem) and bare[len(stem) :][:1].isupper():
            return False
    return True


def codings(concept: JsonValue) -> set[tuple[str | None, str | None]]:
    """Return the systems and codes of a concept, or of several."""
    concepts: Iterable[Json] = concept if isinstance(concept, list) else (concept or {},)
    return {
        (coding.get("system"), coding.get("code"))
        for each in concepts
        for coding in each.get("coding", ())
    }


def has_code(concept: JsonValue, system: str, *codes: str) -> bool:
    """Tell whether a concept, or one of several, has one of these codes of an HL7 system."""
    return any((_TERMS + system, code) in codings(concept) for code in codes)


def in_order(first: str | None, second: str | None) -> bool:
    """Tell whether two dates can be in that order, as far as they say."""
    return not (first and second) or span(first)[0] < span(second)[1]


def distinct(values: Iterable[Any]) -> bool:
    """Tell whether no value stands twice."""
    found = list(values)
    return len(found) == len(set(found))
