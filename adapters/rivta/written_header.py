"""What the header of a known form says, taken from a record's values without a tree.

Which value is the owner's id and which the time is the same in all records of a form; the form's
shape is asked for it once, by the function that reads headers. Where a value counts as missing,
another may take its place: such a header is read as any other.

Source: DESIGN §7 (parse and map, beside lxml's parse).
"""

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from adapters.document import Tree
from adapters.rivta.contracts import Contract
from adapters.rivta.header_texts import MISSING, HeaderTexts, header_texts
from mappings.paths import Value

Said: TypeAlias = Callable[[Sequence[str]], HeaderTexts | None]
"""Gives a header's texts from a record's values; None where one of them counts as missing."""

_MARK = re.compile(r"#(\d+)")


def said_by(head: Tree, contract: Contract) -> Said | None:
    """Return what reads the headers of a shape; None where an element in it is repeated.

    Elements that are repeated may agree in one record and not in another.
    """
    if _repeats(head):
        return None
    shape = header_texts(head, contract)
    fields = {name: text for name, text in shape._asdict().items() if name != "marks"}
    used = sorted({int(each) for text in (*fields.values(), *shape.marks) for each in _in(text)})
    values = ", ".join(f"v{each}" for each in used)
    given = ", ".join(f"{name}={_expression(text)}" for name, text in fields.items())
    marks = "".join(f"{_expression(text)}, " for text in shape.marks)
    lines = [
        "def said(t):",
        *(f"    v{each} = t[{each}].strip()" for each in used),
        f"    if not missing.isdisjoint([{values}]):",
        "        return None",
        f"    return Texts({given}, marks=({marks}))",
    ]
    bound: dict[str, object] = {"Texts": HeaderTexts, "missing": MISSING}
    exec(compile("\n".join(lines), "<a form's header>", "exec"), bound)  # noqa: S102  # nosec B102  # made of names here and of numbers
    return cast("Said", bound["said"])


def _repeats(value: Value) -> bool:
    if isinstance(value, dict):
        return any(_repeats(each) for each in value.values())
    return isinstance(value, list)


def _in(text: str | None) -> list[str]:
    return _MARK.findall(text or "")


def _expression(text: str | None) -> str:
    """Return the expression of a text that has marks and nothing else but the signs between."""
    pieces = _MARK.split(text or "")
    found = [
        f"v{piece}" if number % 2 else repr(piece) for number, piece in enumerate(pieces) if piece
    ]
    return " + ".join(found) or repr(text)
