"""Resources of every type made from the tables: invented values in every element."""

import random
from decimal import Decimal
from typing import Any

from hub.fhir.definitions import table
from hub.fhir.shape import PRIMITIVES, Element, elements, is_a, open_types

_SAMPLES: dict[str, list[Any]] = {
    "base64Binary": ["aGVq"],
    "boolean": [True, False],
    "canonical": ["http://example.org/a|1.0", "http://example.org/b"],
    "code": ["en", "sv"],
    "date": ["2024", "2024-03", "2024-03-01"],
    "dateTime": ["2024", "2024-03-01", "2024-03-01T10:00:00+01:00", "2024-03-01T10:00:00.123Z"],
    "decimal": [Decimal("1.50"), 12, Decimal("0.001"), -1],
    "id": ["a", "b-1.2"],
    "instant": ["2024-03-01T10:00:00.123+01:00", "2024-03-01T10:00:00Z"],
    "integer": [0, 1, 70],
    "markdown": ["*En* text"],
    "oid": ["urn:oid:1.2.3"],
    "positiveInt": [1, 2],
    "string": ["Åsa", "en text"],
    "time": ["10:00:00"],
    "unsignedInt": [0, 3],
    "uri": ["http://example.org/u", "urn:oid:1.2.752.129.2.1.3.1"],
    "url": ["https://example.org/x"],
    "uuid": ["urn:uuid:6d8a4d0b-1111-4c11-8888-0123456789ab"],
    "xhtml": ['<div xmlns="http://www.w3.org/1999/xhtml">text</div>'],
}
_DEEPEST = 4
_NOT_FILLED = ("contained", "extension", "modifierExtension", "id", "implicitRules")


def filled(name: str, seed: int, *, share: float = 0.8) -> dict[str, Any]:
    """Return a resource of a type; `share` of its optional elements are there."""
    chance = random.Random(seed)  # noqa: S311 -- data for tests
    found = {"resourceType": name, "id": "a-1", **_object(name, chance, share, 0)}
    if is_a(name, "DomainResource"):
        found["text"] = {"status": "generated", "div": _SAMPLES["xhtml"][0]}
    return found


def filled_type(name: str, seed: int, *, share: float = 0.6) -> dict[str, Any]:
    """Return a value of a data type, filled like a resource."""
    return _object(name, random.Random(seed), share, 1)  # noqa: S311 -- data for tests


def _object(name: str, chance: random.Random, share: float, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in elements(name).values():
        if (
            element.name in _NOT_FILLED
            or element.types == ("Narrative",)
            or "Resource" in element.types
        ):
            continue
        if element.minimum or (depth < _DEEPEST and chance.random() < share):
            _fill(found, element, chance, share, depth)
    if not found:
        first = next(
            e for e in elements(name).values() if e.name not in _NOT_FILLED and not e.choice
        )
        _fill(found, first, chance, share, depth)
    return found


def _fill(
    found: dict[str, Any], element: Element, chance: random.Random, share: float, depth: int
) -> None:
    names = [(key, kind) for key, kind in element.json_names().items()]
    if len(element.types) == len(open_types()):
        names = [each for each in names if each[1] in ("string", "Coding", "Reference", "boolean")]
    key, kind = chance.choice(names)
    values = [_value(element, kind, chance, share, depth) for _ in range(chance.choice((1, 2)))]
    found[key] = values if element.many else values[0]


def _value(element: Element, kind: str, chance: random.Random, share: float, depth: int) -> Any:  # noqa: ANN401
    bound = table("value_sets").get(element.value_set, {}) if element.value_set else {}
    codings = [(system, code) for system, codes in bound.items() for code in codes]
    if codings and kind == "code":
        return chance.choice(codings)[1]
    if codings and kind in ("CodeableConcept", "Coding"):
        system, code = chance.choice(codings)
        coding = {"system": system, "code": code}
        return coding if kind == "Coding" else {"coding": [coding], "text": "Text"}
    if kind in PRIMITIVES:
        return chance.choice(_SAMPLES[kind])
    if kind == "Reference":
        target = chance.choice(element.targets or ("Patient", "Practitioner"))
        return chance.choice(
            (
                {"reference": f"{target}/{chance.choice('abc')}"},
                {"type": target, "identifier": {"system": "urn:oid:1.2", "value": "1"}},
                {"reference": f"https://example.org/fhir/{target}/x/_history/2"},
            )
        )
    return _object(kind, chance, share, depth + 1)
