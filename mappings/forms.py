"""Forms of records: everything about a record but its values, learned from records that recur.

A record's *outline* here is its text without the values of its leaves: tags, blanks between them,
and filler ("?" or blanks) where a leaf says nothing. Records of one outline differ in their values
alone, so that one function can lay their trees out, and one can map them (written_for_form.py).

Writing these functions costs as much as reading some dozens of records the long way. It is done
for an outline that has been met that often; so a stranger who sends ever new ones makes the work
twice as much at the most. How many are kept has a limit, and no form holds a value of a document.

Source: DESIGN §7 (parse and map, beside lxml's parse).
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar, cast

from mappings.coverage import beyond
from mappings.engine import Table
from mappings.paths import Node, Value
from mappings.written_for_form import Run, written_for

Laid: TypeAlias = Callable[[Sequence[str]], dict[str, object]]


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A form: what lays out the tree of a record, and its table's rules as one function."""

    table: Table
    lay: Laid
    run: Run


def form_of(table: Table, shape: Node) -> Form | None:
    """Return the form of a shape (a tree whose leaves are marks, "#3" for the fourth value).

    None where the table does not know all of its elements (no names of a stranger's are kept), or
    where it has blanks for a value.
    """
    if not _marked(shape) or beyond(shape, table.outline):
        return None
    return Form(table, laid(shape), written_for(table, shape))


def _marked(value: Value) -> bool:
    if isinstance(value, str):
        return value.startswith("#")
    return all(_marked(each) for each in (value.values() if isinstance(value, dict) else value))


def laid(shape: Node) -> Laid:
    """Return what lays out the tree of a shape that a table knows, from values in their order."""
    bound: dict[str, object] = {}
    text = f"def lay(t):\n    return {_literal(shape)}"
    exec(compile(text, "<a form's tree>", "exec"), bound)  # noqa: S102  # nosec B102  # names that the table knows
    return cast("Laid", bound["lay"])


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return f"t[{value[1:]}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name!r}: {_literal(each)}' for name, each in value.items())}}}"
    return f"[{', '.join(_literal(each) for each in value)}]"


Kept = TypeVar("Kept")


@dataclass(slots=True)
class Forms(Generic[Kept]):
    """The forms that a process knows, by outline; `after` so many records of one it is learned."""

    most: int = 512
    after: int = 12
    by_outline: dict[str, Kept] = field(default_factory=dict)
    met: dict[int, int] = field(default_factory=dict)
    learning: threading.Lock = field(default_factory=threading.Lock)

    def due(self, outline: str) -> bool:
        """Tell whether an outline that is not known has now been met often enough."""
        own = hash(outline)
        times = self.met.get(own, 0) + 1
        if len(self.met) >= self.most * 16 and own not in self.met:
            self.met.clear()
        self.met[own] = times
        return times % self.after == 0

    def keep(self, outline: str, form: Kept) -> None:
        """Keep a form, in the place of the oldest where there is no more room."""
        with self.learning:
            if len(self.by_outline) >= self.most:
                del self.by_outline[next(iter(self.by_outline))]
            self.by_outline[outline] = form
