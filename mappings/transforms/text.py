"""Plain values: text, codes, booleans, numbers.

Source: FHIR R4 datatypes (string has no control characters except tab, CR and LF; code no outer or
double blanks; decimal keeps its precision).
"""

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from mappings.paths import Value, leaf
from mappings.transforms.registry import Transform, transform

if TYPE_CHECKING:
    from mappings.engine import Frame

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WINDOWS = {
    number: sign
    for number in range(0x80, 0xA0)
    if (sign := bytes([number]).decode("cp1252", "ignore"))
}
"""What stands in a text that says ISO-8859-1 and is Windows-1252: dashes, quotes, the euro."""
_INTEGER = re.compile(r"[+-]?\d{1,9}")
_DECIMAL = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?")

TRUE = frozenset({"true", "1", "ja", "j", "yes"})
FALSE = frozenset({"false", "0", "nej", "n", "no"})


def clean(text: str) -> str:
    """Return text without the control characters that FHIR does not allow.

    Those that nobody writes, and that Windows has signs for, are the signs.
    """
    return text if text.isprintable() else _CONTROL.sub("", text).translate(_WINDOWS)


@transform("string")
def string() -> Transform:
    """Text as it stands, without outer blanks and control characters."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        if text is None or text.isprintable():
            return text
        return clean(text) or None

    return convert


@transform("code")
def code() -> Transform:
    """A code: text whose inner blanks are single."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        return None if text is None else " ".join(clean(text).split()) or None

    return convert


@transform("boolean")
def boolean(*, inverted: bool = False) -> Transform:
    """True or false, from true/1/ja or false/0/nej; `inverted` turns it round."""

    def convert(value: Value, frame: "Frame") -> object | None:
        text = (leaf(value) or "").lower()
        if text in TRUE:
            return not inverted
        if text in FALSE:
            return inverted
        frame.note("not-boolean", "the value is neither true nor false and is left out")
        return None

    return convert


@transform("integer")
def integer(*, lowest: int | None = None) -> Transform:
    """A whole number, at least `lowest`."""

    def convert(value: Value, frame: "Frame") -> object | None:
        text = leaf(value) or ""
        if _INTEGER.fullmatch(text) and (lowest is None or int(text) >= lowest):
            return int(text)
        frame.note("not-a-number", "the value is not a whole number that fits and is left out")
        return None

    return convert


def number(text: str | None) -> Decimal | None:
    """Return a number with the precision it was written in; a decimal comma is a point."""
    if text is None or not _DECIMAL.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


@transform("decimal")
def decimal() -> Transform:
    """A number with the precision it was written in; a decimal comma is a point."""

    def convert(value: Value, frame: "Frame") -> object | None:
        found = number(leaf(value))
        if found is None:
            frame.note("not-a-number", "the value is not a number and is left out")
        return found

    return convert


@transform("annotation")
def annotation(*, label: str = "") -> Transform:
    """An Annotation with the text, after a label that says what the source calls it."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        return None if text is None else {"text": clean(f"{label}: {text}" if label else text)}

    return convert


@transform("labelled")
def labelled(*, label: str) -> Transform:
    """Text after a label that says what the source calls it."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        return None if text is None else clean(f"{label}: {text}")

    return convert
