"""Whether a Consent is what a search asks for.

Source: FHIR R4 search.html, consent.html#search. A person has few, and they are made of facts and
stand in no index: each is compared as it would be served.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from hub.fhir.search_parameters import Kind
from hub.fhir.time_span import BEGINNING, END, Span, microseconds, span
from hub.store.search_values import BadSearch, Criterion, parts, plain, prefixed

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter that Consents are found by: its kind, and where its values are."""

    kind: Kind
    values: Callable[[Resource], Iterator[Any]]


def _token(name: str) -> Parameter:
    return Parameter(Kind.TOKEN, lambda each: iter([{"code": each[name]}]))


def _codings(concepts: Sequence[Resource]) -> Iterator[Any]:
    return (coding for concept in concepts for coding in concept["coding"])


PARAMETERS: Mapping[str, Parameter] = {
    "_id": _token("id"),
    "_lastUpdated": Parameter(Kind.DATE, lambda each: iter([each["meta"]["lastUpdated"]])),
    "_profile": Parameter(Kind.URI, lambda each: iter(each["meta"]["profile"])),
    "actor": Parameter(
        Kind.REFERENCE, lambda each: (a["reference"] for a in each["provision"].get("actor", ()))
    ),
    "category": Parameter(Kind.TOKEN, lambda each: _codings(each["category"])),
    "consentor": Parameter(Kind.REFERENCE, lambda each: iter(each["performer"])),
    "date": Parameter(Kind.DATE, lambda each: iter([each["dateTime"]])),
    "identifier": Parameter(
        Kind.TOKEN,
        lambda each: ({"system": i["system"], "code": i["value"]} for i in each["identifier"]),
    ),
    "organization": Parameter(Kind.REFERENCE, lambda each: iter(each["organization"])),
    "patient": Parameter(Kind.REFERENCE, lambda each: iter([each["patient"]])),
    "period": Parameter(
        Kind.DATE, lambda each: (p for p in [each["provision"].get("period")] if p is not None)
    ),
    "scope": Parameter(Kind.TOKEN, lambda each: _codings([each["scope"]])),
    "status": _token("status"),
}

MODIFIERS = {Kind.TOKEN: ("not",), Kind.REFERENCE: ("identifier", "Patient")}


def compiled(asked: Criterion, now: datetime) -> Callable[[Resource], bool]:
    """Return what tells whether a Consent has what one parameter, which is known, asks for.

    What is wrong with it is found now, whether or not there is anything to compare (P3).

    Raises:
        BadSearch: the parameter takes no such value, or has no such modifier.
    """
    parameter = PARAMETERS[asked.name]
    if asked.then is not None or asked.modifier not in (None, *MODIFIERS.get(parameter.kind, ())):
        raise BadSearch(asked.name, "of a Consent it has no such modifier, and leads no further")
    tests = [_test(parameter.kind, each, asked, now) for each in asked.values]
    negated = asked.modifier == "not"

    def matches(resource: Resource) -> bool:
        return negated is not any(
            test(value) for value in parameter.values(resource) for test in tests
        )

    return matches


def order(written: str) -> list[tuple[Callable[[Resource], Any], bool]]:
    """Return what `_sort` sorts by, each with whether it goes backwards; the foremost first.

    Raises:
        BadSearch: it names what a Consent has no order by.
    """
    found: list[tuple[Callable[[Resource], Any], bool]] = []
    for each in filter(None, written.split(",")):
        name = each.removeprefix("-")
        if name not in PARAMETERS:
            raise BadSearch("_sort", "name parameters of Consent, with - for backwards")
        found.append((partial(_rank, PARAMETERS[name]), each != name))
    return found


def _rank(parameter: Parameter, resource: Resource) -> tuple[bool, Any]:
    """The value that stands first in order; what has none comes last."""
    values = list(parameter.values(resource))
    if parameter.kind is Kind.DATE:
        values = [_span(each)[0] for each in values]
    elif parameter.kind is Kind.TOKEN:
        values = [each["code"] for each in values]
    elif parameter.kind is Kind.REFERENCE:
        values = [str(each.get("reference") or each["identifier"]["value"]) for each in values]
    return not values, min(values, default=None)


def _test(kind: Kind, wanted: str, asked: Criterion, now: datetime) -> Callable[[Any], bool]:
    if kind is Kind.DATE:
        return _in_time(asked.name, wanted, now)
    if kind is Kind.TOKEN:
        return lambda value: _is_token(value.get("system", ""), value["code"], wanted)
    if kind is Kind.URI:
        return lambda value: bool(value == plain(wanted))
    return lambda value: _is_reference(value, wanted, asked.modifier)


def _is_reference(value: Resource, wanted: str, modifier: str | None) -> bool:
    """Organisations and staff are known by their numbers, and persons by the hub's ids."""
    number = value.get("identifier")
    if number is not None:
        return _is_token(number["system"], number["value"], wanted)
    last = plain(wanted).rpartition("/")[2]
    return modifier != "identifier" and value["reference"] == f"Patient/{last}"


def _is_token(system: str, code: str, wanted: str) -> bool:
    *before, value = parts(wanted)
    right_system = not before or before[0] == system
    return right_system and value in ({code, ""} if before else {code})


def _span(value: Any) -> Span:  # noqa: ANN401 -- a Period, or a dateTime
    if isinstance(value, str):
        return span(value)
    start, end = value.get("start"), value.get("end")
    return span(start)[0] if start else BEGINNING, span(end)[1] if end else END


def _in_time(name: str, wanted: str, now: datetime) -> Callable[[Any], bool]:
    prefix, written = prefixed(name, plain(wanted))
    try:
        begin, end = span(written)
    except ValueError:
        raise BadSearch(name, "write a date or a time, as 2026-03 or 2026-03-10T10:00Z") from None
    near = abs(microseconds(now) - begin) // 10
    compare: Mapping[str, Callable[[int, int], bool]] = {
        "eq": lambda low, high: begin <= low and high <= end,
        "ne": lambda low, high: low < begin or end < high,
        "gt": lambda _, high: high > end,
        "lt": lambda low, _: low < begin,
        "ge": lambda low, high: high > end or (begin <= low and high <= end),
        "le": lambda low, high: low < begin or (begin <= low and high <= end),
        "sa": lambda low, _: low >= end,
        "eb": lambda _, high: high <= begin,
        "ap": lambda low, high: low < end + near and high > begin - near,
    }
    return lambda value: compare[prefix](*_span(value))
