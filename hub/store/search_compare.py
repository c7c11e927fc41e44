"""One value of a search as a condition on the index rows of its kind.

Source: FHIR R4 search.html. A condition speaks of a single row; hub/store/search_sql.py says which
resources have, or lack, such a row.
"""

import re
from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, not_, or_

from hub.fhir.extract import OF_TYPE, scaled
from hub.fhir.index_text import code_keys, key, normalised, of_type, start
from hub.fhir.reference import within
from hub.fhir.search_parameters import Kind
from hub.fhir.shape import resource_types
from hub.fhir.time_span import Span, span
from hub.fhir.ucum import SYSTEM, canonical
from hub.store.search_asked import Asked
from hub.store.search_terminology import in_hierarchy, in_value_set
from hub.store.search_values import BadSearch, Number, number, parts, plain, prefixed

_LOCAL = re.compile(
    r"(?:([A-Z][A-Za-z]+)/)?([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_LAST = "\U0010ffff"  # sorts after every character that a text holds
_ROUNDING = 1e-12  # relative; two ways to the same base unit differ by less
_NEARLY = 0.1  # what `ap` means: a tenth of the value, or of the time between it and now
_BARE, _WITH_SYSTEM, _WITH_TYPE = 1, 2, 3  # how many parts a value between bars has


Condition = ColumnElement[bool]


def token(asked: Asked) -> Condition:
    """A code, `system|code`, `|code` without a system, `system|` any code of a system.

    Case does not count, but in identifiers and where a code system tells codes apart by it
    (hub/fhir/index_text.py).
    """
    row = asked.row.c
    if asked.modifier == "text":
        return _begins(row.text, normalised(plain(asked.value)))
    if asked.modifier in ("in", "not-in"):
        return in_value_set(asked)
    found = parts(asked.value)
    if asked.modifier in ("above", "below"):
        return in_hierarchy(asked, found)
    if asked.modifier == "of-type":
        if len(found) != _WITH_TYPE or not all(found):
            raise BadSearch(asked.name, "with :of-type, write system|code|value")
        return and_(row.system == key(found[0]), row.code == of_type(found[1], found[2]))
    return _system_and_code(asked, row.system, row.code, found)


def _system_and_code(
    asked: Asked, system: ColumnElement[str], code: ColumnElement[str], found: list[str]
) -> Condition:
    if len(found) > _WITH_SYSTEM or not any(found):
        raise BadSearch(asked.name, "write code, system|code, |code or system|")
    if len(found) == _BARE:
        return code.in_(_held(asked, None, found[0]))
    if not found[1]:
        return system == key(found[0])
    held = code.in_(_held(asked, found[0], found[1]))
    return and_(system == key(found[0]) if found[0] else system.is_(None), held)


def _held(asked: Asked, system: str | None, code: str) -> list[str]:
    """What the index may hold of a code, or of an identifier's value, whose case counts."""
    exact = asked.identifies or asked.modifier == "identifier"
    return [key(code)] if exact else code_keys(system, code)


def string(asked: Asked) -> Condition:
    """A beginning, without case and accents; all of it with :exact, any of it with :contains."""
    row = asked.row.c
    written = plain(asked.value)
    text = normalised(written)
    if asked.modifier == "exact":
        return and_(row.start == start(text), row.exact == written)
    if asked.modifier == "contains":
        return row.value.contains(text, autoescape=True)
    if start(text) == text:
        return _begins(row.start, text)
    return and_(row.start == start(text), _begins(row.value, text))


def _begins(column: ColumnElement[str], text: str) -> Condition:
    return and_(column >= text, column < text + _LAST)


def date(asked: Asked) -> Condition:
    """A span compared with the resource's span, by prefix."""
    return compare_dates(asked, asked.row.c.low, asked.row.c.high)


def compare_dates(asked: Asked, low: ColumnElement[int], high: ColumnElement[int]) -> Condition:
    """Compare the half-open span `low` to `high` of a row with the span that was asked for."""
    prefix, written = prefixed(asked.name, plain(asked.value))
    written = written.replace(" ", "+")  # a plus of a zone that was not escaped in a URL
    try:
        begin, end = span(written)
    except ValueError:
        raise BadSearch(
            asked.name, "write a date as 2024, 2024-03, 2024-03-01 or 2024-03-01T10:00:00+01:00"
        ) from None
    within = and_(low >= begin, high <= end)
    conditions: dict[str, Callable[[], Condition]] = {
        "eq": lambda: within,
        "ne": lambda: not_(within),
        "gt": lambda: high > end,
        "lt": lambda: low < begin,
        "ge": lambda: or_(high > end, within),
        "le": lambda: or_(low < begin, within),
        "sa": lambda: low >= end,
        "eb": lambda: high <= begin,
        "ap": lambda: _overlaps(low, high, _widened((begin, end), asked.now)),
    }
    return conditions[prefix]()


def _widened(asked: Span, now: int) -> Span:
    away = max(asked[0] - now, now - asked[1], 0)
    more = int(away * _NEARLY)
    return asked[0] - more, asked[1] + more


def _overlaps(low: ColumnElement[int], high: ColumnElement[int], asked: Span) -> Condition:
    return and_(low < asked[1], high > asked[0])


def reference(asked: Asked) -> Condition:
    """`Type/id`, an id, an absolute URL or canonical; an identifier with :identifier."""
    row = asked.row.c
    if asked.modifier == "identifier":
        found = parts(asked.value)
        return _system_and_code(asked, row.system, row.value, found)
    written = plain(asked.value)
    written = within(written, asked.roots) or written
    local = _LOCAL.fullmatch(written)
    if local is None:
        if ":" not in written:
            raise BadSearch(asked.name, "write Type/id, an id or an absolute URL")
        return row.url == key(written)
    kind, target = local[1] or asked.modifier, local[2]
    if asked.modifier and kind != asked.modifier:
        raise BadSearch(asked.name, "the modifier names another type than the value")
    if kind is None:
        return row.target_id == target
    if kind not in resource_types():
        raise BadSearch(asked.name, "the value names a type that FHIR R4 does not have")
    here = and_(row.target_id == target, row.target_type == kind)
    absolute = [key(f"{root}{kind}/{target}") for root in asked.roots]
    return or_(here, row.url.in_(absolute)) if absolute else here


def uri(asked: Asked) -> Condition:
    """A URI, equal in every character; with :below what it begins, with :above what begins it."""
    value: ColumnElement[str] = asked.row.c.value
    written = key(plain(asked.value))
    if asked.modifier == "below":
        return or_(value == written, value.startswith(written.rstrip("/") + "/", autoescape=True))
    if asked.modifier == "above":
        return value.in_([written, *_above(written)])
    return value == written


def _above(uri: str) -> list[str]:
    """The addresses that a hierarchical URI lies below, longest first, ended or not by a slash."""
    head, scheme, path = uri.partition("://")
    steps = path.rstrip("/").split("/")
    found = ["/".join(steps[:end]) for end in range(len(steps) - 1, 0, -1)] if scheme else []
    return [f"{head}://{each}{end}" for each in found for end in ("", "/")]


def numeric(asked: Asked) -> Condition:
    """A number, equal within the precision that it was written with."""
    prefix, written = prefixed(asked.name, plain(asked.value))
    return _compare(prefix, number(asked.name, written), asked.row.c.low, asked.row.c.high)


def quantity(asked: Asked) -> Condition:
    """A number with or without a unit; UCUM units are compared with all of their dimension."""
    row = asked.row.c
    found = parts(asked.value)
    if len(found) not in (_BARE, _WITH_TYPE):
        raise BadSearch(asked.name, "write number, number|system|code or number||unit")
    prefix, written = prefixed(asked.name, found[0])
    wanted = number(asked.name, written)
    here = _compare(prefix, wanted, row.low, row.high)
    if len(found) == _BARE:
        return here
    system, code = found[1:]
    base = canonical(code) if system == SYSTEM else None
    if base is not None:
        same = _compare(prefix, _in_base(wanted, base.factor), row.base_low, row.base_high)
        return and_(row.dimension == base.dimension, same)
    if not system:
        return and_(or_(row.code == key(code), row.unit == key(code)), here) if code else here
    condition = and_(row.system == key(system), here)
    return and_(row.code == key(code), condition) if code else condition


def _in_base(wanted: Number, factor: float) -> Number:
    low, value, high = (scaled(each, factor) for each in (wanted.low, wanted.value, wanted.high))
    return Number(value, low, high)


def _compare(
    prefix: str, wanted: Number, low: ColumnElement[float], high: ColumnElement[float]
) -> Condition:
    value, near = wanted.value, abs(wanted.value) * _NEARLY
    more, less = value + abs(value) * _ROUNDING, value - abs(value) * _ROUNDING
    within = and_(low >= wanted.low, high < wanted.high)
    conditions: dict[str, Callable[[], Condition]] = {
        "eq": lambda: within,
        "ne": lambda: not_(within),
        "gt": lambda: high > more,
        "lt": lambda: low < less,
        "ge": lambda: high >= less,
        "le": lambda: low <= more,
        "sa": lambda: low > more,
        "eb": lambda: high < less,
        "ap": lambda: and_(low <= value + near, high >= value - near),
    }
    return conditions[prefix]()


CONDITIONS: dict[Kind, Callable[[Asked], Condition]] = {
    Kind.TOKEN: token,
    Kind.STRING: string,
    Kind.DATE: date,
    Kind.REFERENCE: reference,
    Kind.URI: uri,
    Kind.NUMBER: numeric,
    Kind.QUANTITY: quantity,
}
"""The kinds that have index rows. A composite has none of its own."""

MODIFIERS: dict[Kind, frozenset[str]] = {
    Kind.TOKEN: frozenset({"above", "below", "in", "missing", "not", "not-in", "of-type", "text"}),
    Kind.STRING: frozenset({"contains", "exact", "missing"}),
    Kind.DATE: frozenset({"missing"}),
    Kind.REFERENCE: frozenset({"identifier", "missing"}) | resource_types(),
    Kind.URI: frozenset({"above", "below", "missing"}),
    Kind.NUMBER: frozenset({"missing"}),
    Kind.QUANTITY: frozenset({"missing"}),
    Kind.COMPOSITE: frozenset(),
}

PARAM_SUFFIX = {"of-type": OF_TYPE}
"""Modifiers whose rows stand under a parameter of their own."""
