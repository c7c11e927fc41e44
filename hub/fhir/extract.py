"""The rows that a resource has in the search index, made from its type's search parameters.

Source: FHIR R4 search.html (what each kind of parameter compares). The resource has passed
`hub.fhir.check`. What a parameter finds but cannot compare (an age where dates are asked for, a
series of samples where a quantity is) has no row.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from sys import float_info
from typing import Any

from hub.fhir.definitions import table
from hub.fhir.index_rows import IndexRows
from hub.fhir.index_text import code_key, key, normalised, of_type, start
from hub.fhir.json_value import JsonValue
from hub.fhir.search_expression import Path, compile_expression
from hub.fhir.search_parameters import Kind, SearchParameter, parameters
from hub.fhir.time_span import BEGINNING, END, Span, span
from hub.fhir.ucum import SYSTEM, canonical

LOWEST, HIGHEST = -float_info.max, float_info.max
"""The ends of an open range: below and above every value."""

OF_TYPE = ":of-type"
"""Ends the parameter of a row that holds an identifier's type: its system, and `code|value`."""

ELEMENT = "#"
"""Between a composite's code and the number of the element whose parts stand under it."""

# They are columns of the resource's own row.
NOT_INDEXED = frozenset({"_id", "_lastUpdated"})

_LOCAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")


Converter = Callable[[IndexRows, str, Path, Any], None]


class NotConvertible(ValueError):
    """A parameter of the table ends in a type that no converter is known for."""


def index_rows(resource: Mapping[str, Any]) -> IndexRows:
    """Return a resource's rows, each once."""
    rows = IndexRows()
    plan = _plan(resource["resourceType"])
    for name in resource:
        for code, path, convert in plan.by_first.get(name, ()):
            for value in path.values(resource):
                convert(rows, code, path, value)
    for parameter in plan.presence:
        for path, value in parameter.extractor.values(resource):
            _boolean(rows, parameter.code, path, value)
    for each in plan.composites:
        _composite(rows, each, resource)
    for name in _KINDS:
        found = getattr(rows, name)
        if len(found) > 1:
            setattr(rows, name, list(dict.fromkeys(found)))
    return rows


_KINDS = tuple(IndexRows.__slots__)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to look for under each element that a resource has at its top."""

    by_first: dict[str, list[tuple[str, Path, Converter]]]
    presence: tuple[SearchParameter, ...]
    composites: tuple["_Composite", ...]


@dataclass(frozen=True, slots=True)
class _Composite:
    """The elements of a composite, each way with the parts that an element there has."""

    code: str
    ways: tuple[tuple[Path, tuple[tuple[tuple[Path, Converter], ...], ...]], ...]


def _composite(rows: IndexRows, composite: _Composite, resource: Mapping[str, Any]) -> None:
    """Index the parts of each element that has all of them."""
    number = 0
    for way, parts in composite.ways:
        for element in way.values(resource):
            found = [
                [(path, convert, value) for path, convert in part for value in path.values(element)]
                for part in parts
            ]
            if not all(found):
                continue
            code = f"{composite.code}{ELEMENT}{number}"
            number += 1
            for path, convert, value in (each for part in found for each in part):
                convert(rows, code, path, value)


@cache
def _plan(resource_type: str) -> _Plan:
    by_first: dict[str, list[tuple[str, Path, Converter]]] = {}
    presence = []
    composites = []
    for parameter in parameters(resource_type).values():
        if parameter.code in NOT_INDEXED:
            continue
        if parameter.kind is Kind.COMPOSITE:
            composites.append(_Composite(parameter.code, tuple(_ways(parameter))))
            continue
        if parameter.extractor.presence:
            presence.append(parameter)
            continue
        for path in parameter.extractor.paths:
            row = (parameter.code, path, _convert(parameter, parameter.kind, path))
            by_first.setdefault(path.steps[0].key, []).append(row)
    return _Plan(by_first, tuple(presence), tuple(composites))


def _ways(
    parameter: SearchParameter,
) -> Iterator[tuple[Path, tuple[tuple[tuple[Path, Converter], ...], ...]]]:
    known = parameters(parameter.type)
    for way in parameter.extractor.paths:
        parts = []
        for component in parameter.components:
            kind = known[component.code].kind
            paths = compile_expression(component.expression, way.type).paths
            parts.append(tuple((path, _convert(parameter, kind, path)) for path in paths))
        yield way, tuple(parts)


def _convert(parameter: SearchParameter, kind: Kind, path: Path) -> Converter:
    if path.type == "Extension":
        return _extension(kind)
    try:
        return _CONVERTERS[kind, path.type]
    except KeyError:
        raise NotConvertible(f"{parameter.type}.{parameter.code}: {path.type} as {kind}") from None


def _extension(kind: Kind) -> Converter:
    """Index the value of an extension by the type that its name says."""

    def convert(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
        for name, inner in value.items():
            stem = name.removeprefix("value")
            for written in (stem, stem[:1].lower() + stem[1:]):
                converter = _CONVERTERS.get((kind, written)) if stem != name else None
                if converter is not None:
                    converter(rows, code, Path((), written), inner)
                    return

    return convert


def _nothing(_rows: IndexRows, _code: str, _path: Path, _value: JsonValue) -> None:
    """Leave out what the kind cannot compare."""


def _coding_row(
    code: str, coding: Mapping[str, Any]
) -> tuple[str, str | None, str | None, str | None]:
    system, value, display = coding.get("system"), coding.get("code"), coding.get("display")
    return (
        code,
        key(system) if system else None,
        code_key(system, value) if value else None,
        normalised(display) if display else None,
    )


def _coding(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    rows.token.append(_coding_row(code, value))


def _concept(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    for coding in value.get("coding", ()):
        rows.token.append(_coding_row(code, coding))
    text = value.get("text")
    if text:
        rows.token.append((code, None, None, normalised(text)))


def _identifier(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    system, number = value.get("system"), value.get("value")
    kind = value.get("type", {})
    text = kind.get("text")
    rows.token.append(
        (
            code,
            key(system) if system else None,
            key(number) if number else None,
            normalised(text) if text else None,
        )
    )
    for coding in kind.get("coding", ()) if number else ():
        written = of_type(coding.get("code", ""), number)
        rows.token.append((code + OF_TYPE, coding.get("system"), written, None))


def _code(rows: IndexRows, code: str, path: Path, value: JsonValue) -> None:
    system = _system(path.value_set, value)
    rows.token.append((code, system, code_key(system, value), None))


@cache
def _system(value_set: str | None, code: str) -> str | None:
    """The code system that a bound code belongs to, when its value set says it."""
    systems: dict[str, list[str]] = table("value_sets").get(value_set, {}) if value_set else {}
    return next((system for system, codes in systems.items() if code in codes), None)


def _boolean(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    rows.token.append((code, None, "true" if value else "false", None))


def _contact_point(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    if "value" in value:
        rows.token.append((code, None, code_key(None, value["value"]), None))


def _plain_token(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    rows.token.append((code, None, code_key(None, value), None))


def _string(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    text = normalised(value)
    rows.string.append((code, start(text), text, value))


def _parts(*names: str) -> Converter:
    def convert(rows: IndexRows, code: str, path: Path, value: JsonValue) -> None:
        for name in names:
            part = value.get(name)
            for each in part if isinstance(part, list) else (part,):
                if each is not None:
                    _string(rows, code, path, each)

    return convert


def _date(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    rows.date.append((code, *span(value)))


def period_span(period: Mapping[str, Any]) -> Span:
    """Return the span of a Period, open where it has no start or no end."""
    start, end = period.get("start"), period.get("end")
    return span(start)[0] if start else BEGINNING, span(end)[1] if end else END


def _period(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    if "start" in value or "end" in value:
        rows.date.append((code, *period_span(value)))


def _timing(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    spans = [span(each) for each in value.get("event", ()) if each is not None]
    bounds = value.get("repeat", {}).get("boundsPeriod")
    if bounds:
        spans.append(period_span(bounds))
    if spans:
        rows.date.append((code, min(each[0] for each in spans), max(each[1] for each in spans)))


def _reference(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    identifier = value.get("identifier", {})
    system, number = identifier.get("system"), identifier.get("value")
    kind: str | None = value.get("type")
    target, url = None, None
    reference = value.get("reference")
    if reference and not reference.startswith("#"):
        local = _LOCAL.fullmatch(reference)
        if local:
            kind, target = local[1], local[2]
        else:
            url = key(reference)
    if target or url or number:
        rows.reference.append(
            (
                code,
                kind,
                target,
                url,
                key(system) if system else None,
                key(number) if number else None,
            )
        )


def _inline(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    """A resource that stands in a Bundle, found as if it were referred to."""
    if "id" in value:
        rows.reference.append((code, value["resourceType"], value["id"], None, None, None))


def _canonical(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    """A canonical is found with its version and without."""
    for each in dict.fromkeys((value, value.partition("|")[0])):
        rows.reference.append((code, None, None, key(each), None, None))


def _uri(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    for each in dict.fromkeys((value, value.partition("|")[0])):
        rows.uri.append((code, key(each)))


def _plain_uri(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    rows.uri.append((code, key(value)))


def _quantity(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    if "value" in value:
        number = float(value["value"])
        comparator = value.get("comparator", "")
        low = LOWEST if comparator.startswith("<") else number
        high = HIGHEST if comparator.startswith(">") else number
        _quantity_row(rows, code, value, low, high)


def _range(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    low, high = value.get("low", {}), value.get("high", {})
    if "value" in low or "value" in high:
        least = float(low["value"]) if "value" in low else LOWEST
        most = float(high["value"]) if "value" in high else HIGHEST
        _quantity_row(rows, code, low or high, least, most)


def _quantity_row(
    rows: IndexRows, code: str, unit: Mapping[str, Any], low: float, high: float
) -> None:
    system, symbol = unit.get("system"), unit.get("code")
    base = canonical(symbol) if symbol and system == SYSTEM else None
    rows.quantity.append(
        (
            code,
            low,
            high,
            key(unit["unit"]) if "unit" in unit else None,
            key(system) if system else None,
            key(symbol) if symbol else None,
            scaled(low, base.factor) if base else None,
            scaled(high, base.factor) if base else None,
            base.dimension if base else None,
        )
    )


def scaled(value: float, factor: float) -> float:
    """Return a value in base units, an open end still open."""
    return value if value in (LOWEST, HIGHEST) else max(LOWEST, min(HIGHEST, value * factor))


def _number(rows: IndexRows, code: str, _path: Path, value: JsonValue) -> None:
    rows.number.append((code, float(value), float(value)))


_CONVERTERS: dict[tuple[Kind, str], Converter] = {
    **dict.fromkeys(((Kind.TOKEN, each) for each in ("id", "string", "uri")), _plain_token),
    (Kind.TOKEN, "CodeableConcept"): _concept,
    (Kind.TOKEN, "Coding"): _coding,
    (Kind.TOKEN, "ContactPoint"): _contact_point,
    (Kind.TOKEN, "Identifier"): _identifier,
    (Kind.TOKEN, "boolean"): _boolean,
    (Kind.TOKEN, "code"): _code,
    (Kind.STRING, "Address"): _parts(
        "text", "line", "city", "district", "state", "postalCode", "country"
    ),
    (Kind.STRING, "HumanName"): _parts("text", "family", "given", "prefix", "suffix"),
    (Kind.STRING, "markdown"): _string,
    (Kind.STRING, "string"): _string,
    **dict.fromkeys(((Kind.DATE, each) for each in ("date", "dateTime", "instant")), _date),
    (Kind.DATE, "Period"): _period,
    (Kind.DATE, "Timing"): _timing,
    **dict.fromkeys(((Kind.DATE, each) for each in ("Age", "Range", "string")), _nothing),
    (Kind.REFERENCE, "Attachment"): _nothing,
    (Kind.REFERENCE, "Reference"): _reference,
    (Kind.REFERENCE, "Resource"): _inline,
    (Kind.REFERENCE, "canonical"): _canonical,
    **dict.fromkeys(((Kind.QUANTITY, each) for each in ("Age", "Duration", "Quantity")), _quantity),
    (Kind.QUANTITY, "Range"): _range,
    (Kind.QUANTITY, "SampledData"): _nothing,
    **dict.fromkeys(
        ((Kind.NUMBER, each) for each in ("decimal", "integer", "positiveInt")), _number
    ),
    (Kind.URI, "canonical"): _uri,
    (Kind.URI, "uri"): _plain_uri,
    (Kind.URI, "url"): _plain_uri,
}
