"""A type's elements made ready for the strict check: one look-up for each key of a JSON object.

Source: FHIR R4 json.html (names of choices), by way of hub/fhir/shape.py. A shape is built when the
first resource needs it.
"""

from dataclasses import dataclass
from functools import cache, cached_property

from hub.fhir.definitions import table
from hub.fhir.invariant import Invariant
from hub.fhir.invariants_of_resources import OF_RESOURCES
from hub.fhir.invariants_of_types import OF_TYPES
from hub.fhir.json_value import JsonValue
from hub.fhir.primitives import PRIMITIVE_TESTS, Test, one_of
from hub.fhir.shape import PRIMITIVES, Element, elements, resource_types

INVARIANTS = {**OF_TYPES, **OF_RESOURCES}


@dataclass(frozen=True, slots=True)
class Field:
    """One JSON key: its element, and how its value is checked.

    `test` for a primitive, `shape` for an object, neither for a whole resource. `after` are rules
    of the element itself: issue type, rule, severity, what must hold.
    """

    name: str
    many: bool
    choice: bool
    test: Test | None
    shape: "Shape | None"
    bound: bool
    reference: bool
    targets: frozenset[str]
    after: tuple[tuple[str, str, str, Invariant], ...]


class Shape:
    """A type as the check sees it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.resource = name in resource_types()

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The elements by JSON key; a choice has a key for each type."""
        return {
            key: _field(self.name, element, kind)
            for element in elements(self.name).values()
            for key, kind in element.json_names().items()
        }

    @cached_property
    def required(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The elements that must be there, each with the keys that say that it is."""
        found = []
        for element in elements(self.name).values():
            if element.minimum:
                keys = tuple(each for key in element.json_names() for each in (key, f"_{key}"))
                found.append((element.name.removesuffix("[x]"), keys))
        return tuple(found)

    @cached_property
    def invariants(self) -> tuple[tuple[str, str, Invariant], ...]:
        """What holds for every element of the type: key, severity, what must hold."""
        base = table("elements")[self.name].get(":")
        return (*(shape(base).invariants if base else ()), *_invariants_at(self.name))


@cache
def shape(name: str) -> Shape:
    """Return the shape of a type or of a part of one."""
    return Shape(name)


def _invariants_at(path: str) -> list[tuple[str, str, Invariant]]:
    return [
        (key.split(" ")[0], row["severity"], INVARIANTS[key])
        for key, row in table("invariants").items()
        if path in row["at"] and key in INVARIANTS
    ]


def _field(owner: str, element: Element, kind: str) -> Field:
    codes = table("value_sets").get(element.value_set, {}) if element.value_set else {}
    primitive = kind in PRIMITIVES
    test: Test | None = PRIMITIVE_TESTS[kind] if primitive else None
    after = []
    if codes and kind == "code":
        test = one_of(frozenset(code for each in codes.values() for code in each))
    elif codes and kind in ("CodeableConcept", "Coding"):
        after.append(("code-invalid", "code", "error", _one_coding_of(codes)))
    if kind == "Extension" and owner != "Extension":
        after.append(("value", "format", "error", _ABSOLUTE_URL))
    if not primitive and kind != f"{owner}.{element.name}":
        path = f"{owner}.{element.name}"
        after += [("invariant", *each) for each in _invariants_at(path)]
    return Field(
        name=element.name.removesuffix("[x]"),
        many=element.many,
        choice=element.choice,
        test=test,
        shape=None if primitive or kind == "Resource" else shape(kind),
        bound=bool(codes),
        reference=kind == "Reference",
        targets=frozenset(element.targets),
        after=tuple(after),
    )


def _one_coding_of(codes: dict[str, list[str]]) -> Invariant:
    allowed = {(system, code) for system, listed in codes.items() for code in listed}

    def holds(value: JsonValue, _resource: object) -> bool:
        codings = value.get("coding", ()) if "coding" in value or "text" in value else (value,)
        return any((each.get("system"), each.get("code")) in allowed for each in codings)

    systems = ", ".join(sorted(codes))
    return Invariant(holds, f"must have a coding of {systems}")


_ABSOLUTE_URL = Invariant(
    lambda value, _resource: ":" in value["url"], "an extension's url must be absolute"
)
