"""What a search asks for, taken apart: names with modifiers, alternatives, prefixes, numbers.

Source: FHIR R4 search.html (modifiers, prefixes, escaping, precision). An error names the parameter
and what it takes, never the value that was sent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from hub.errors import BadRequest

PREFIXES = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_MAX_EXPONENT = 300
MOST_LINKS = 5
"""Of a chain or of nested `_has`, all together."""


class BadSearch(BadRequest):
    """A parameter that this server knows was asked for in a way that it cannot be answered."""

    issue, code = "value", "search-parameter"

    def __init__(self, name: str, remedy: str) -> None:
        """Name the parameter, and say what it takes."""
        super().__init__(f"search parameter {name}: {remedy}")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter of a search. `values` are alternatives, still escaped; criteria add up.

    `then` is what a chain asks of the resources that the reference `name` leads to (search.html
    #chaining), and `of` the type that `_has` looks back from (#has); both hold the same values.
    """

    name: str
    modifier: str | None
    values: tuple[str, ...]
    then: "Criterion | None" = None
    of: str | None = None


def criterion(name: str, written: str) -> Criterion:
    """Return one `name=value` of a query, decoded from the URL, as a criterion.

    Raises:
        BadSearch: a `_has` is not whole, or a chain has more than five links.
    """
    return _criterion(name, tuple(_split(written, ",")), 0)


def _criterion(name: str, values: tuple[str, ...], links: int) -> Criterion:
    if links > MOST_LINKS:
        raise BadSearch("chain", f"a chain has at most {MOST_LINKS} links; ask in two steps")
    if name == "_list":  # the resources that a List holds, as `_has` asks for them
        return Criterion("item", None, values, Criterion("_id", None, values), "List")
    if name.startswith("_has:"):
        _, kind, reference, rest = [*name.split(":", 3), "", "", ""][:4]
        if not (kind and reference and rest):
            raise BadSearch("_has", "write _has:Type:reference:parameter")
        return Criterion(reference, None, values, _criterion(rest, values, links + 1), kind)
    head, dot, rest = name.partition(".")
    bare, _, modifier = head.partition(":")
    then = _criterion(rest, values, links + 1) if dot else None
    return Criterion(bare, modifier or None, values, then)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was asked for: the value, and the range that its precision stands for."""

    value: float
    low: float
    high: float


def components(value: str) -> list[str]:
    """Return the parts of a composite value between dollar signs, still escaped."""
    return list(_split(value, "$"))


def parts(value: str) -> list[str]:
    """Return a value's parts between bars, without escapes."""
    return [plain(each) for each in _split(value, "|")]


def plain(value: str) -> str:
    """Return a value without escapes."""
    return re.sub(r"\\([,|$\\])", r"\1", value)


def prefixed(name: str, value: str) -> tuple[str, str]:
    """Return the prefix, `eq` when there is none, and what it stands before."""
    prefix = value[:2]
    if not prefix.isalpha():
        return "eq", value
    if prefix not in PREFIXES:
        raise BadSearch(name, f"a value may begin with one of {', '.join(sorted(PREFIXES))}")
    return prefix, value[2:]


def number(name: str, value: str) -> Number:
    """Return a number with the range that its last digit leaves open: 100 is 99.5 to 100.5."""
    if not _NUMBER.fullmatch(value):
        raise BadSearch(name, "write the number as 5, 5.40 or 5e-3")
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exact.adjusted()) > _MAX_EXPONENT:
        raise BadSearch(name, f"numbers go to 1e{_MAX_EXPONENT}")
    half = Decimal(5).scaleb(exponent - 1)
    return Number(float(exact), float(exact - half), float(exact + half))


def _split(text: str, separator: str) -> Iterator[str]:
    """Yield the pieces between separators that no backslash stands before; escapes are kept."""
    begin = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == separator:
            yield text[begin:at]
            begin = at + 1
        at += 1
    yield text[begin:]
