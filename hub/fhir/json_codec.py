"""JSON read and written without loss: decimals keep their text, keys their order.

Source: FHIR R4 json.html (no duplicate keys, the precision of a decimal is kept), RFC 8259.
A number with a fraction or an exponent is a `Decimal`; one whose text Python would write in another
way (`1e3`, `-0`) is a `Written`, which is the same Decimal and remembers its text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import msgspec

from hub.errors import BadRequest, TooLarge
from hub.fhir.json_value import JsonValue
from hub.fhir.shape import resource_types

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
_MAX_DIGITS = 18  # of an integer that is surely an int on every machine; FHIR's decimals have 18
_MAX_EXPONENT = 300  # what a binary float, and so every search index, can hold
_MAX_NUMBER = 400  # characters
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Malformed(BadRequest):
    """The body is not JSON that FHIR allows; says where and what to send instead."""

    issue, code = "structure", "json"


class Written(Decimal):
    """A decimal that is written as it was sent, although Python would write it in another way."""

    __slots__ = ("text",)
    text: str


class _Repeated(Exception):
    """A key stands twice in one object; found at once, placed afterwards."""


def decode(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> dict[str, Any]:
    """Return the object that the bytes hold; Malformed or TooLarge says why there is none."""
    if len(data) > max_bytes:
        raise TooLarge(
            f"the body is {len(data)} bytes and at most {max_bytes} are taken; send it in parts"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(
            f"byte {error.start + 1} of the body is not UTF-8; send JSON in UTF-8"
        ) from None
    found = _parse(text)
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object; send one resource")
    if data.count(b"{") + data.count(b"[") > max_depth:
        _refuse_depth(found, max_depth)
    if _ESCAPED.search(data):
        _refuse_characters(found)
    return found


def encode(resource: Mapping[str, Any] | list[Any]) -> bytes:
    """Return the JSON of a resource: compact, keys in their order, numbers as they were sent."""
    return _ENCODER.encode(resource)


def number(text: str) -> int | Decimal:
    """Return a number by its text, as JSON would hold it; Malformed where it is none."""
    if not _NUMBER.fullmatch(text):
        raise Malformed("this is not a number; write it as JSON does")
    return _fraction(text) if set(text) & set(".eE") else _integer(text)


def _parse(text: str) -> JsonValue:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(
            f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg}); correct it"
            " there"
        ) from None
    except RecursionError:
        raise Malformed(
            f"the body is nested deeper than {MAX_DEPTH} levels; flatten it",
        ) from None
    except _Repeated:
        pairs = json.JSONDecoder(object_pairs_hook=_Pairs).decode(text)
        place = next(_repeated(pairs, _root(dict(pairs) if isinstance(pairs, _Pairs) else {})), "")
        raise Malformed(
            f"{place} stands more than once in its object; send each key once", expression=place
        ) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Repeated
    return found


def _fraction(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        _refuse_number()
    if len(text) > _MAX_NUMBER or abs(value.adjusted()) > _MAX_EXPONENT:
        _refuse_number()
    if str(value) == text:
        return value
    written = Written(text)
    written.text = text
    return written


def _refuse_number() -> NoReturn:
    raise Malformed(
        f"a number is beyond 1e{_MAX_EXPONENT} or has more than {_MAX_NUMBER} characters; send one"
        " that can be computed with"
    )


def _integer(text: str) -> int | Decimal:
    if len(text) > _MAX_DIGITS or text == "-0":
        return _fraction(text)
    return int(text)


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not a JSON number; leave the element out or say why it is absent")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_fraction,
    parse_int=_integer,
    parse_constant=_constant,
)


def _plain(value: object) -> msgspec.Raw:
    if isinstance(value, Written):
        return msgspec.Raw(value.text.encode())
    raise TypeError(f"{type(value).__name__} is no JSON value")


_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_plain)


def _refuse_depth(found: JsonValue, max_depth: int) -> None:
    level = [found]
    for _ in range(max_depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise Malformed(f"the body is nested deeper than {max_depth} levels; flatten it")


def _refuse_characters(found: Mapping[str, Any]) -> None:
    """Refuse what no database and no UTF-8 text can hold: NUL and half a surrogate pair."""
    for place, value in _strings(found, _root(found)):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Malformed(
                f"{place} holds U+0000 or half a surrogate pair, which is no character; leave it"
                " out",
                expression=place,
            )


def _strings(value: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _strings(each, f"{place}[{index}]")
    elif isinstance(value, dict):
        for key, each in value.items():
            inner = _joined(place, key)
            yield inner, key
            yield from _strings(each, inner)


def _root(found: Mapping[str, Any]) -> str:
    """What a FHIRPath from the whole body begins with: its type, where it has one."""
    name = found.get("resourceType")
    return name if isinstance(name, str) and name in resource_types() else ""


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, repeated keys and all."""


def _repeated(value: JsonValue, place: str) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, each in value:
            inner = _joined(place, key)
            if key in seen:
                yield inner
            seen.add(key)
            yield from _repeated(each, inner)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _repeated(each, f"{place}[{index}]")


def _joined(place: str, key: str) -> str:
    """A key that is no element's name may hold anything, and is not repeated in an answer."""
    name = key if _NAME.fullmatch(key) else "(a key that is no element's name)"
    return f"{place}.{name}" if place else name
