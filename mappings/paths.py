"""Source paths: `a/b/@c` from the current node, `..` to its parent, `/a` from the record.

A path that meets a repeated element spreads over it. A leaf that says nothing ("", "?" or blanks:
filler that systems and test data send) counts as missing everywhere.

Source: reference rivta.md §7.2.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Value: TypeAlias = str | Mapping[str, "Value"] | Sequence["Value"]
Node: TypeAlias = Mapping[str, Value]
Scope: TypeAlias = tuple[Value, ...]

TEXT = "#text"


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed source path: from the record or from here, how far up, and then which names."""

    text: str
    from_record: bool
    up: int
    names: tuple[str, ...]

    def absolute(self, base: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names from the record down, for a path that is used at `base`."""
        if self.from_record:
            return self.names
        return (*base[: len(base) - self.up], *self.names)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Return the parsed path.

    Raises:
        ValueError: the text is not a path.
    """
    names = text.split("/")
    from_record = text.startswith("/")
    if from_record:
        names = names[1:]
    up = 0
    while names and names[0] in {"..", "."}:
        up += names[0] == ".."
        names = names[1:]
    if any(not name or name in {"..", "."} or name.strip() != name for name in names):
        message = f"'{text}' is not a source path (write a/b, @attribute, ../a, /a or .)"
        raise ValueError(message)
    if from_record and up:
        message = f"'{text}' goes above the record"
        raise ValueError(message)
    return Path(text, from_record, up, tuple(names))


def is_missing(value: Value) -> bool:
    """Tell whether a value says nothing: filler, blanks, or an element without any content."""
    if isinstance(value, str):
        return not value or value == "?" or value.isspace() or value.strip() == "?"
    for each in value.values() if isinstance(value, dict) else value:  # noqa: SIM110 - hot
        if not is_missing(each):
            return False
    return True


def fetch(scope: Scope, path: Path) -> Value | None:
    """Return what stands at a path: one value, a list where it is repeated, None where nothing."""
    if path.up >= len(scope):
        return None
    node = scope[0] if path.from_record else scope[-1 - path.up]
    return _descend(node, path.names)


def _descend(node: Value, names: tuple[str, ...]) -> Value | None:
    for position, name in enumerate(names):
        if isinstance(node, dict):
            found = node.get(name)
            if found is None:
                return None
            node = found
        elif isinstance(node, list):
            return _spread(node, names[position:])
        else:
            return None
    return node


def _spread(nodes: Sequence[Value], names: tuple[str, ...]) -> Value | None:
    values: list[Value] = []
    for node in nodes:
        value = _descend(node, names)
        if type(value) is list:
            values.extend(value)
        elif value is not None:
            values.append(value)
    return values or None


def select(scope: Scope, path: Path) -> list[Scope]:
    """Return a scope for each node at a path, holding every node from the record down to it."""
    if path.up >= len(scope):
        return []
    if not path.names:
        return [scope[:1] if path.from_record else scope[: len(scope) - path.up]]
    scopes = [scope[:1] if path.from_record else scope[: len(scope) - path.up]]
    for name in path.names:
        below: list[Scope] = []
        for each in scopes:
            node = each[-1]
            found = node.get(name) if isinstance(node, dict) else None
            if found is None:
                continue
            if isinstance(found, list):
                below.extend((*each, item) for item in found)
            else:
                below.append((*each, found))
        scopes = below
    return [each for each in scopes if not is_missing(each[-1])]


def leaf(node: Value | None, name: str | None = None) -> str | None:
    """Return the text of a node, or of its child, stripped; None when it says nothing."""
    if name is not None:
        node = node.get(name) if isinstance(node, dict) else None
    if node is None:
        return None
    if not isinstance(node, str):
        if isinstance(node, list):
            node = node[0] if node else None
        if isinstance(node, dict):
            node = node.get(TEXT)
        if not isinstance(node, str):
            return None
    text = node.strip()
    return None if not text or text == "?" else text


def child(node: Value | None, name: str) -> Value | None:
    """Return a child element (the first where it is repeated); None when it says nothing."""
    found = node.get(name) if isinstance(node, dict) else None
    if isinstance(found, list):
        found = found[0] if found else None
    return None if found is None or is_missing(found) else found


def children(node: Value | None, name: str) -> list[Value]:
    """Return every child element of that name which says something."""
    found = node.get(name) if isinstance(node, dict) else None
    if found is None:
        return []
    many = found if isinstance(found, list) else [found]
    return [each for each in many if not is_missing(each)]


def getter(path: Path) -> Callable[[Scope], Value | None]:
    """Return `fetch` for one path, laid out for the common case of single elements."""
    names, index, up = path.names, 0 if path.from_record else -1 - path.up, path.up
    if up or not names:
        return lambda scope: fetch(scope, path)
    first = names[0]

    def one(scope: Scope) -> Value | None:
        node = scope[index]
        return node.get(first) if isinstance(node, dict) else _descend(node, names)

    def deep(scope: Scope) -> Value | None:
        node: Value | None = scope[index]
        for name in names:
            if not isinstance(node, dict):
                return None if node is None else _descend(scope[index], names)
            node = node.get(name)
        return node

    return one if len(names) == 1 else deep


def selector(path: Path) -> Callable[[Scope], Sequence[Scope]]:
    """Return `select` for one path, fast where there is nothing or only the node itself."""
    if not path.names and not path.up and not path.from_record:
        return lambda scope: (scope,)
    get = getter(path)
    single = len(path.names) == 1 and not path.up and not path.from_record

    def choose(scope: Scope) -> Sequence[Scope]:
        found = get(scope)
        if found is None:
            return ()
        if single and not isinstance(found, list):
            return () if is_missing(found) else ((*scope, found),)
        return select(scope, path)

    return choose


def recursive(
    first: Callable[[Scope], Sequence[Scope]], within: Callable[[Scope], Sequence[Scope]]
) -> Callable[[Scope], Sequence[Scope]]:
    """Return what chooses the nodes at a path and those of the same kind within them, in order."""

    def choose(scope: Scope) -> Sequence[Scope]:
        found: list[Scope] = []
        waiting = list(reversed(first(scope)))
        while waiting:
            each = waiting.pop()
            found.append(each)
            waiting.extend(reversed(within(each)))
        return found

    return choose


def chained(
    first: Callable[[Scope], Sequence[Scope]], then: Callable[[Scope], Sequence[Scope]]
) -> Callable[[Scope], Sequence[Scope]]:
    """Return what chooses, for each node that the first chooses, those that the second does."""
    return lambda scope: [below for each in first(scope) for below in then(each)]
