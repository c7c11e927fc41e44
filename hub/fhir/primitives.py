"""What a value of each primitive type must be; each test returns what is wrong, or None.

Source: FHIR R4 datatypes.html#primitive. Stricter than its regular expressions where the text of
the page is: dates exist, integers have 32 bits. No answer repeats the value.
"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hub.fhir.json_value import JsonValue
from hub.fhir.narrative import wrong_in_narrative

Test = Callable[[Any], str | None]

_MAX_TEXT = 1024 * 1024
_MAX_INTEGER = 2**31 - 1
_LAST_SURE_DAY = 28  # every month has it

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CODE = re.compile(r"[^\s\x00-\x1f]+(?: [^\s\x00-\x1f]+)*")
_URI = re.compile(r"[^\s\x00-\x1f]+")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OID = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_YEAR = r"(?!0000)\d{4}"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,20})?"
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_DAY = rf"({_YEAR})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_DATE = re.compile(rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?|{_DAY}", re.ASCII)
_DATE_TIME = re.compile(rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?|{_DAY}(?:T{_CLOCK}{_ZONE})?", re.ASCII)
_INSTANT = re.compile(rf"{_DAY}T{_CLOCK}{_ZONE}", re.ASCII)
_TIME = re.compile(_CLOCK, re.ASCII)


def _string(value: JsonValue) -> str | None:
    if type(value) is not str:
        return "must be a JSON string"
    if not value:
        return "must not be empty; leave the element out"
    if not value.isprintable() and _CONTROL.search(value):
        return "holds a control character; only tab, line feed and carriage return are allowed"
    if len(value) > _MAX_TEXT:
        return f"is longer than {_MAX_TEXT} characters"
    return None


def _matching(pattern: re.Pattern[str], remedy: str) -> Test:
    fits = pattern.fullmatch

    def test(value: JsonValue) -> str | None:
        if type(value) is not str:
            return "must be a JSON string"
        return None if fits(value) else remedy

    return test


def _without_space(pattern: re.Pattern[str], remedy: str) -> Test:
    """Like _matching, for a pattern that printable ASCII without a space always fits."""
    fits = pattern.fullmatch

    def test(value: JsonValue) -> str | None:
        if type(value) is not str:
            return "must be a JSON string"
        if value.isascii() and value.isprintable() and " " not in value and value:
            return None  # nearly all, and several times faster than the pattern
        return None if fits(value) else remedy

    return test


def _dated(pattern: re.Pattern[str], remedy: str) -> Test:
    @lru_cache(maxsize=2048)
    def written(value: str) -> str | None:
        match = pattern.fullmatch(value)
        if match is None:
            return remedy
        if match[3] and int(match[3]) > _LAST_SURE_DAY:
            try:
                date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                return "is a day that the month does not have"
        return None

    def test(value: JsonValue) -> str | None:
        return written(value) if type(value) is str else "must be a JSON string"

    return test


def _boolean(value: JsonValue) -> str | None:
    return None if type(value) is bool else "must be true or false, without quotes"


def _within(least: int) -> Test:
    def test(value: JsonValue) -> str | None:
        if type(value) is int and least <= value <= _MAX_INTEGER:
            return None
        return f"must be a whole number from {least} to {_MAX_INTEGER}, without quotes"

    return test


def _decimal(value: JsonValue) -> str | None:
    if type(value) is int or (isinstance(value, Decimal) and value.is_finite()):
        return None
    return "must be a JSON number, without quotes"


def _base64(value: JsonValue) -> str | None:
    if type(value) is not str:
        return "must be a JSON string"
    try:
        decoded = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return "must be base64 (RFC 4648 section 4), padded"
    return None if decoded else "must not be empty; leave the element out"


def one_of(codes: frozenset[str]) -> Test:
    """Return the test of a code that must be one of a value set's."""
    many = 15
    listed = ", ".join(sorted(codes)) if len(codes) <= many else f"its {len(codes)} codes"

    def test(value: JsonValue) -> str | None:
        return None if type(value) is str and value in codes else f"must be one of {listed}"

    return test


_WITHOUT_SPACE = _without_space(_URI, "must be a URI without white space")

PRIMITIVE_TESTS: dict[str, Test] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _WITHOUT_SPACE,
    "code": _without_space(_CODE, "must be a code: no space at either end, no double space"),
    "date": _dated(_DATE, "must be a date: YYYY, YYYY-MM or YYYY-MM-DD"),
    "dateTime": _dated(
        _DATE_TIME, "must be a date, or a time with seconds and zone: 2024-03-01T10:00:00+01:00"
    ),
    "decimal": _decimal,
    "id": _matching(_ID, "must be 1 to 64 of A-Z, a-z, 0-9, hyphen and full stop"),
    "instant": _dated(
        _INSTANT, "must be a time with seconds and zone: 2024-03-01T10:00:00.000+01:00"
    ),
    "integer": _within(-_MAX_INTEGER - 1),
    "markdown": _string,
    "oid": _matching(_OID, "must be an OID: urn:oid:1.2.3"),
    "positiveInt": _within(1),
    "string": _string,
    "time": _matching(_TIME, "must be a time of day: 10:00:00"),
    "unsignedInt": _within(0),
    "uri": _WITHOUT_SPACE,
    "url": _WITHOUT_SPACE,
    "uuid": _matching(_UUID, "must be a UUID in lower case: urn:uuid:…"),
    "xhtml": wrong_in_narrative,
}
