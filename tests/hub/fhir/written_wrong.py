"""Resources that break one rule of R4 each, made from its definitions: where, what, and the body.

Source: FHIR R4 validation.html, json.html, datatypes.html; the tables in hub/fhir/definitions.
A valid resource is walked; at each element that no earlier resource had, it is broken in every way
that the element's definition allows it to be broken.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.fhir.check import check
from hub.fhir.definitions import table
from hub.fhir.shape import PRIMITIVES, Element, elements, resource_types
from tests.hub.fhir.filled import filled

SEEDS = 60
Json = dict[str, Any]
Covered = set[tuple[str, str, str]]

WRONG: Mapping[str, tuple[Any, ...]] = {
    "base64Binary": ("a", "a===", "*", "", 1, True),
    "boolean": ("true", 1, 0, "", "yes"),
    "canonical": ("http://x y", "", 1, "\x01"),
    "code": (" a", "a ", "a  b", "", 1, "a\tb", "a\nb"),
    "date": ("2024-1", "2024-13", "2024-02-30", "24", "2024-01-01T10:00:00Z", "", 2024, "0000",
             "2024-01-01Z", "12024", "\uff12\uff10\uff12\uff14"),
    "dateTime": ("2024-01-01T10:00", "2024-01-01T10:00:00", "2024-02-30", "2024-01-01 10:00:00Z",
                 "2024-01-01T24:00:00Z", "2024-01-01T10:00:00+15:00", "", 0, "now",
                 "2024-01-01t10:00:00z", "2024-01-01T10:00:61Z"),
    "decimal": ("1.0", "", True, "NaN", "1,5"),
    "id": ("a" * 65, "a_b", "", "a b", 1, "å"),
    "instant": ("2024-01-01", "2024-01-01T10:00:00", "2024", "", 1, "2024-02-30T10:00:00Z"),
    "integer": ("1", 2**31, -(2**31) - 1, Decimal("1.5"), Decimal("1.0"), True, Decimal("1e2")),
    "markdown": ("", 1, "a\x00b", "a\x1fb"),
    "oid": ("1.2.3", "urn:oid:3.1", "urn:oid:1.02", "", 1),
    "positiveInt": (0, -1, "1", 2**31, Decimal("1.5"), False),
    "string": ("", 1, "a\x01b", "a\x0bb", Decimal("1.5"), True),
    "time": ("10:00", "24:00:00", "10:00:00Z", "", 10, "10:60:00"),
    "unsignedInt": (-1, "0", 2**31, Decimal("0.5")),
    "uri": ("a b", "", 1, "a\nb"),
    "url": ("http://x y", "", 1),
    "uuid": ("urn:uuid:x", "6d8a4d0b-1111-4c11-8888-0123456789ab", "",
             "urn:uuid:6D8A4D0B-1111-4C11-8888-0123456789AB"),
    "xhtml": ("text", "<div>a</div>", "", 1, '<div xmlns="http://www.w3.org/1999/xhtml"> </div>',
              '<div xmlns="http://www.w3.org/1999/xhtml"><script>a</script></div>',
              '<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="a()">a</p></div>',
              '<p xmlns="http://www.w3.org/1999/xhtml">a</p>'),
}  # fmt: skip
"""What each primitive type is not, as JSON holds it."""

_RIGHT: Mapping[str, Any] = {
    "boolean": True,
    "date": "2024",
    "dateTime": "2024",
    "decimal": 1,
    "integer": 1,
    "positiveInt": 1,
    "unsignedInt": 1,
    "time": "10:00:00",
    "instant": "2024-03-01T10:00:00Z",
    "base64Binary": "aGVq",
    "uuid": "urn:uuid:6d8a4d0b-1111-4c11-8888-0123456789ab",
    "oid": "urn:oid:1.2.3",
    "canonical": "http://x.example/a",
    "uri": "http://x.example/a",
    "url": "http://x.example/a",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A resource with one fault: how it was broken, and the place that an answer has to name."""

    what: str
    at: str
    resource: Json


def valid(name: str, person: str, seeds: int = SEEDS) -> Iterator[Json]:
    """Yield resources of a type about a person, from few elements to many, that break no rule."""
    for seed in range(seeds):
        found = filled(name, seed, share=0.05 + 0.01 * seed)
        for element in ("subject", "patient", "for", "securityContext"):
            if element in elements(name):
                found[element] = {"reference": f"Patient/{person}"}
        if not any(issue.severity == "error" for issue in check(found)):
            yield found


def broken(name: str, person: str, covered: Covered) -> Iterator[Wrong]:
    """Yield each way in which a resource of a type can be wrong, that `covered` does not hold."""
    for resource in valid(name, person):
        yield from _object(resource, resource, name, name, covered)


def _object(whole: Json, value: Json, kind: str, at: str, covered: Covered) -> Iterator[Wrong]:
    """Break an object in whatever ways it has not been broken in yet."""

    def once(element: str, what: str, change: dict[str, Any], place: str) -> Iterator[Wrong]:
        if (kind, element, what) not in covered:
            covered.add((kind, element, what))
            yield Wrong(f"{kind}.{element} {what}", place, _with(whole, value, change))

    yield from once("", "an unknown element", {"colour": "red"}, f"{at}.colour")
    yield from once("", "an extension without a url", {"extension": [{"valueCode": "a"}]}, at)
    for element in elements(kind).values():
        for key, type_name in element.json_names().items():
            if key not in value:
                continue
            stem = element.name.removesuffix("[x]")
            for what, change in _ways(element, key, type_name, value[key]):
                yield from once(stem, what, change, f"{at}.{stem}")
            other = key[0].upper() + key[1:]
            change = {key: _GONE, other: value[key]}
            yield from once(stem, "in another case", change, f"{at}.{other}")
            if type_name in PRIMITIVES or type_name == "Resource":
                continue
            for index, each in enumerate(value[key] if element.many else [value[key]]):
                inner = f"{at}.{stem}[{index}]" if element.many else f"{at}.{stem}"
                yield from _object(whole, each, type_name, inner, covered)


def _ways(element: Element, key: str, kind: str, value: Any) -> Iterator[tuple[str, Json]]:  # noqa: ANN401  # JSON
    """How one element is broken: what is put in place of what; None takes it away."""
    one = value[0] if element.many else value

    def put(instead: Any) -> Json:  # noqa: ANN401  # JSON
        return {key: [instead] if element.many else instead}

    if element.minimum:
        yield "left out", {key: _GONE}
    yield ("not a list", {key: one}) if element.many else ("more than once", {key: [one, one]})
    yield "an empty list", {key: []}
    yield "null", put(None)
    if element.choice:
        for other, other_kind in element.json_names().items():
            if other != key and (other_kind in _RIGHT or other_kind == "string"):
                yield "of two types", {other: _RIGHT.get(other_kind, "a")}
                break
        yield "of no such type", {key: _GONE, f"{element.name.removesuffix('[x]')}Colour": value}
    if kind in PRIMITIVES:
        for number, each in enumerate(WRONG[kind]):
            yield f"{kind} {number}", put(each)
        yield "an object", put({"value": one})
    else:
        yield "an empty object", put({})
        yield "a text", put("a")
    if element.value_set in table("value_sets") and kind == "code":
        yield "a code of no such value set", put("no-such-code")
    if element.value_set in table("value_sets") and kind == "CodeableConcept":
        yield "a text alone", put({"text": "a"})
        yield "a coding of another system", put({"coding": [{"system": "urn:s", "code": "a"}]})
    if kind == "Reference":
        yield from _references(element, put)


def _references(element: Element, put: Any) -> Iterator[tuple[str, Json]]:  # noqa: ANN401
    for number, each in enumerate(
        ("", "Patient", "Patient/", "/Patient/1", "Patientt/1", "Patient/a_b", "#nothing",
         "Patient?identifier=1", "a b", "Patient/" + "a" * 65, "http://x y")
    ):  # fmt: skip
        yield f"malformed {number}", put({"reference": each})
    if element.targets:
        other = min(resource_types() - set(element.targets))
        for form in (f"{other}/1", f"http://x.example/fhir/{other}/1"):
            yield f"to another type {form[:4]}", put({"reference": form})
        yield "said to be another type", put({"type": other, "identifier": {"value": "1"}})


_GONE = object()


def _with(whole: Json, inside: Json, change: Json) -> Json:
    """A copy of the whole in which one object, told by its identity, is changed."""

    def copied(value: Any) -> Any:  # noqa: ANN401  # JSON
        if isinstance(value, dict):
            found = {name: copied(each) for name, each in value.items()}
            if value is inside:
                found |= change
                found = {name: each for name, each in found.items() if each is not _GONE}
            return found
        return [copied(each) for each in value] if isinstance(value, list) else value

    found: Json = copied(whole)
    return found
