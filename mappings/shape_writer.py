"""What a form decides: where things stand in its records, and which conditions always hold.

The shape of a form is a tree whose leaves are marks (`#3` is the fourth value). Whatever is decided
is decided by asking the same functions of the shape that a record would be asked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias, cast

from mappings.conditions import All, Any, Equals, Fact, Not, Present, Repeated
from mappings.engine import CONTEXT_FACTS, Condition
from mappings.paths import Node, Scope, Value, fetch, leaf
from mappings.written_out import Writer

Held: TypeAlias = bool | str
"""Whether a condition holds: decided by the form, or an expression."""


class ShapeWriter(Writer):
    """Writes expressions of what a record has where its form's shape has something."""

    def __init__(self, shape: Node) -> None:
        """Begin with a shape, and nothing written."""
        super().__init__()
        self.shape = shape
        self.top: list[str] = []
        self.ways: dict[int, tuple[Value | None, object]] = {id(shape): (None, None)}
        self.nodes: dict[int, str] = {id(shape): "n0"}
        self.facts: dict[str, str] = {}
        self.scopes: dict[str, Scope] = {}
        self._learn_ways(shape)

    def _learn_ways(self, node: Value) -> None:
        inner: list[tuple[object, Value]] = []
        if isinstance(node, Mapping):
            inner = list(node.items())
        elif isinstance(node, list):
            inner = list(enumerate(node))
        for key, value in inner:
            if not isinstance(value, str):
                self.ways[id(value)] = (node, key)
                self._learn_ways(value)

    def expression(self, value: Value | None) -> str:
        """Return the expression of what a record has where the shape has this."""
        if value is None:
            return "None"
        if isinstance(value, str):
            return f"t[{value[1:]}]"
        if id(value) in self.ways:
            return self.node(value)
        return f"[{', '.join(self.expression(each) for each in cast('list[Value]', value))}]"

    def node(self, value: Value) -> str:
        """Return the name of an element or of repeated ones; the function begins with them."""
        found = self.nodes.get(id(value))
        if found is None:
            holder, key = self.ways[id(value)]
            assert holder is not None  # noqa: S101 - only the record stands in nothing
            way = f"{self.node(holder)}[{key!r}]"
            found = self.nodes[id(value)] = f"n{self.fresh()}"
            self.top.append(f"    {found} = {way}")
        return found

    def scope(self, node: str) -> str:
        """Return the expression of a node's scope."""
        return f"({', '.join(self.expression(each) for each in self.scopes[node])},)"

    def fact(self, name: str) -> str:
        """Return the name of a fact of the record."""
        if name not in self.facts:
            self.facts[name] = f"f{self.fresh()}"
            asked = f"context.{name}" if name in CONTEXT_FACTS else f"context.fact({name!r})"
            self.top.append(f"    {self.facts[name]} = {asked}")
        return self.facts[name]

    def holds(self, when: Condition | None, node: str) -> Held:
        """Return whether a condition holds at a node."""
        if isinstance(when, All | Any):
            parts = [self.holds(part, node) for part in when.parts]
            decides = isinstance(when, Any)
            if decides in parts:
                return decides
            open_ones = [part for part in parts if isinstance(part, str)]
            word = " or " if decides else " and "
            return f"({word.join(open_ones)})" if open_ones else not decides
        if isinstance(when, Not):
            inner = self.holds(when.inner, node)
            return f"(not {inner})" if isinstance(inner, str) else not inner
        if isinstance(when, Present | Repeated):
            return when(self.scopes[node], None)
        if isinstance(when, Equals):
            return self._equals(when, node)
        if isinstance(when, Fact):
            name = self.fact(when.name)
            if isinstance(when.wanted, bool):
                return f"(bool({name}) is {when.wanted})"
            return f"({name} == {self.bind(when.wanted)})"
        return True if when is None else f"{self.bind(when)}({self.scope(node)}, frame)"

    def _equals(self, when: Equals, node: str) -> Held:
        found = fetch(self.scopes[node], when.path)
        marks = [leaf(each) for each in (found if isinstance(found, list) else [found])]
        wanted = self.bind(when.wanted)
        asked = [f"{self.expression(mark)}.strip() in {wanted}" for mark in marks if mark]
        return f"({' or '.join(asked)})" if asked else False

    @contextmanager
    def under(self, depth: int, asked: Held) -> Iterator[int]:
        """Write what follows under a condition, or nothing where there is nothing to write."""
        before = len(self.lines)
        if isinstance(asked, str):
            self.line(depth, f"if {asked}:")
        yield depth + isinstance(asked, str)
        if asked is False or len(self.lines) == before + isinstance(asked, str):
            del self.lines[before:]
