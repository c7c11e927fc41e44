"""The edge where written values become typed ones: strict, closed, and clear about what is wrong.

Models of pydantic live here and in the readers of files, nowhere else. Every model refuses a key
that it does not know and says which one was probably meant; a value that is refused is described
and never repeated.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Annotated, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from consent.period import period
from hub.config.address import secure
from hub.config.problem import ConfigurationError, Problem
from hub.config.written import Place, Written, WrittenInteger

LONGEST_ID = 64
LONGEST_TEXT = 200
EARLIEST, LATEST = 1800, 2999
_OURS = "samvy"
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
M = TypeVar("M", bound="Entry")


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """Return the error that a validator raises: what is wrong, and what to do about it."""
    return PydanticCustomError(_OURS, "{what}", {"what": what, "remedy": remedy})


def secure_url(value: object) -> str:
    """Return an address that the hub may call; http on 127.0.0.1 is for --dev, which is seen then.

    Raises:
        PydanticCustomError: it is none.
    """
    if not isinstance(value, str) or not secure(value, dev=True):
        raise wrong(
            "this is not an https address",
            "write https://HOST/PATH without user or fragment; http only for 127.0.0.1, with --dev",
        )
    return value


class Entry(BaseModel):
    """One mapping in a file. `from_` and `as_` stand for the keys `from` and `as`."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        alias_generator=lambda name: name.removesuffix("_"),
    )


def validated(model: type[M], written: Written) -> M:
    """Return the file's content as `model`.

    Raises:
        ConfigurationError: with every problem that was found, in the order of the file.
    """
    try:
        return model.model_validate(written.value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    raise ConfigurationError(_problem(detail, written, model) for detail in details)


_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("the key is required", "add it"),
    "bool_type": ("this is not true or false", "write true or false, without quotes"),
    "int_type": ("this is not a whole number", "write digits, without quotes"),
    "list_type": ("this is not a list", "write [a, b], or one entry on each line after a dash"),
    "model_type": ("this is not a mapping of keys", "write `key: value` entries"),
    "too_short": ("the list is empty", "name at least one"),
}


def _problem(detail: ErrorDetails, written: Written, model: type[Entry]) -> Problem:
    place: Place = detail["loc"]
    if detail["type"] == "extra_forbidden":
        known = _keys_at(model, place[:-1])
        return written.problem(place, "the key is not known", _meant(str(place[-1]), known))
    if detail["type"] == _OURS:
        context = detail["ctx"]
        return written.problem(place, context["what"], context["remedy"])
    what, remedy = _WORDS.get(
        detail["type"], ("the value does not fit here", "see the documented format")
    )
    return written.problem(place, what, remedy)


def _keys_at(model: type[Entry], place: Place) -> list[str]:
    """Return the keys of the mapping at a place, found by walking the models' fields."""
    for step in place:
        for name, field in model.model_fields.items():
            if step == (field.alias or name):
                model = _entry_in(field.annotation) or model
    return sorted(field.alias or name for name, field in model.model_fields.items())


def _entry_in(annotation: object) -> type[Entry] | None:
    if isinstance(annotation, type) and issubclass(annotation, Entry):
        return annotation
    found = (_entry_in(inner) for inner in get_args(annotation))
    return next((entry for entry in found if entry is not None), None)


def _meant(key: str, known: Sequence[str]) -> str:
    near = get_close_matches(key.lower(), known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"remove it; the keys are {', '.join(known)}"


def _empty_when_null(value: object) -> object:
    return [] if value is None else value


def _text(value: object) -> str:
    if isinstance(value, WrittenInteger):
        return value.written
    if isinstance(value, bool):
        raise wrong("YAML takes this word for true or false", "write it in quotes")
    if not isinstance(value, str):
        raise wrong("this is not text", "write one word or sentence")
    return value


def _sentence(value: object) -> str:
    text = _text(value).strip()
    if not text:
        raise wrong("the text is empty", "write it, or remove the key")
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise wrong("the text is too long or holds control characters", "shorten it")
    return text


def _identifier(value: object) -> str:
    text = _text(value)
    if not text or text == "*" or len(text) > LONGEST_ID:
        raise wrong("an id has between 1 and 64 characters, and is not *", "correct it")
    if not text.isprintable() or any(sign.isspace() or sign == "|" for sign in text):
        raise wrong("an id holds no spaces, bars or control characters", "remove them")
    return text


def _when(value: object) -> date:
    text = _text(value)
    if not _DATE.fullmatch(text) and not _TIME.fullmatch(text):
        raise wrong("this is not a date or time", "write 2026-01-20 or 2026-01-20T10:00")
    try:
        read = date if _DATE.fullmatch(text) else datetime
        found = read.fromisoformat(text)
    except ValueError:
        raise wrong("there is no such day or time", "correct it") from None
    if not EARLIEST <= found.year <= LATEST:
        raise wrong("the year cannot be meant", "correct it; null means no start or end")
    return found


def one_of(kind: type[E]) -> Callable[[object], E]:
    """Return a validator that takes exactly the codes of `kind` and names the nearest one."""
    codes = [each.value for each in kind]

    def read(value: object) -> E:
        text = _text(value)
        if text in codes:
            return kind(text)
        near = get_close_matches(text, codes, n=1)
        remedy = f"did you mean `{near[0]}`?" if near else f"write one of {', '.join(codes)}"
        raise wrong("the code is not known", remedy)

    return read


Text = Annotated[str, PlainValidator(_sentence)]
Identifier = Annotated[str, PlainValidator(_identifier)]
When = Annotated[date, PlainValidator(_when)]
Listed = Annotated[list[T], BeforeValidator(_empty_when_null)]
"""A list; a key without a value is an empty one."""


def between(least: int, most: int) -> PlainValidator:
    """Return what reads a whole number that lies between two, and they are among it."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise wrong(f"this is not a whole number from {least} to {most}", "correct it")
        return int(value)

    return PlainValidator(read)


def reversed_dates(start: date | None, end: date | None) -> bool:
    """Tell whether a written period ends before it starts (a day ends with its last moment)."""
    span = period(start, end)
    return span.start is not None and span.end is not None and span.end <= span.start
