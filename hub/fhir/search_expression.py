"""Search expressions as plain paths: the subset of FHIRPath that the published parameters use.

Source: FHIR R4 searchparameter-registry.html; FHIRPath 2.0. The types of all elements are known
beforehand, so that a choice such as `value as Quantity` becomes the path `valueQuantity` once, when
the table is loaded. Whatever is not in the subset raises Unsupported then, and is never skipped.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hub.fhir.json_value import JsonValue
from hub.fhir.shape import elements, is_a, is_type

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|'[^']*'|\d+|!=|[()\[\].=|])")
Test = Callable[[Any], bool]


class Unsupported(ValueError):
    """An expression that is outside the subset; extend this file before the table is shipped."""


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way: its JSON name, what it must satisfy, or which one of several."""

    key: str
    test: Test | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A way through a resource without any choice left, and the type that it ends in.

    `value_set` binds the codes there, so that a code without a system gets the one it has.
    """

    steps: tuple[Step, ...]
    type: str
    value_set: str | None = None

    def values(self, resource: JsonValue) -> Sequence[Any]:
        """Return the elements at the end of the path, lists laid flat."""
        found = [resource]
        for step in self.steps:
            reached: list[Any] = []
            key, test = step.key, step.test
            for each in found:
                value = each.get(key)
                if type(value) is list:
                    reached += [one for one in value if one is not None]
                elif value is not None:
                    reached.append(value)
            if test is not None:
                reached = [each for each in reached if test(each)]
            if step.index is not None:
                reached = reached[step.index : step.index + 1]
            if not reached:
                return ()
            found = reached
        return found


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression as paths. `presence`: whether any of them is there and is not `false`."""

    paths: tuple[Path, ...]
    presence: bool = False

    def values(self, resource: JsonValue) -> list[tuple[Path, Any]]:
        """Return every element that the expression finds, each with the path that led there."""
        found = [(path, each) for path in self.paths for each in path.values(resource)]
        if not self.presence:
            return found
        return [(_PRESENCE, any(value is not False for _, value in found))]


_PRESENCE = Path((), "boolean")


def compile_expression(expression: str, base: str) -> Compiled:
    """Return a parameter's expression, evaluated on a type (or a part of one), as paths."""
    return _Parser(expression, base).whole()


class _Parser:
    """Recursive descent over the subset; every method leaves the position behind what it read."""

    def __init__(self, expression: str, base: str) -> None:
        self.expression = expression
        self.base = base
        self.tokens: list[str] = []
        at = 0
        while at < len(expression.rstrip()):
            match = _TOKEN.match(expression, at)
            if match is None:
                raise self._unsupported(f"character {at + 1}")
            self.tokens.append(match[1])
            at = match.end()
        self.at = 0

    def whole(self) -> Compiled:
        paths = self._union()
        if not self._next("and"):
            self._end()
            return Compiled(tuple(paths))
        again = self._union()
        self._expect("!=", "false")
        self._end()
        if paths != again:
            raise self._unsupported("and")
        return Compiled(tuple(paths), presence=True)

    def _union(self) -> list[Path]:
        paths = self._term()
        while self._next("|"):
            paths += self._term()
        return paths

    def _term(self) -> list[Path]:
        if self._next("("):
            paths = self._union()
            if self._next("as"):
                paths = self._as(paths, self._name())
            self._expect(")")
        else:
            name = self._name()
            start = [Path((), self.base)]
            paths = start if is_type(name) and is_a(self.base, name) else self._member(start, name)
        return self._tail(paths)

    def _tail(self, paths: list[Path]) -> list[Path]:
        while True:
            if self._next("["):
                index = self._number()
                paths = [_last(path, index=index) for path in paths]
                self._expect("]")
            elif self._next("."):
                name = self._name()
                paths = self._call(paths, name) if self._next("(") else self._member(paths, name)
            else:
                return paths

    def _call(self, paths: list[Path], name: str) -> list[Path]:
        if name == "exists":
            self._expect(")")
            return paths
        if name in ("as", "ofType"):
            found = self._as(paths, self._name())
        elif name == "where":
            test = self._condition()
            found = [_last(path, test=test) for path in paths]
        elif name == "extension":
            test = _equal("url", self._literal())
            found = [_last(path, test=test) for path in self._member(paths, "extension")]
        else:
            raise self._unsupported(f"{name}()")
        self._expect(")")
        return found

    def _condition(self) -> Test:
        name = self._name()
        if name == "resolve":
            self._expect("(", ")", "is")
            return _refers_to(self._name())
        if name == "hasExtension":
            self._expect("(")
            url = self._literal()
            self._expect(")")
            return _extended(url)
        self._expect("=")
        return _equal(name, self._literal())

    def _member(self, paths: list[Path], name: str) -> list[Path]:
        found: list[Path] = []
        for path in paths:
            known = elements(path.type)
            element = known.get(name) or known.get(f"{name}[x]")
            if element is None:
                raise self._unsupported(f"{name} of {path.type}")
            for key, kind in element.json_names().items():
                found.append(Path((*path.steps, Step(key)), kind, element.value_set))
        return found

    def _as(self, paths: list[Path], name: str) -> list[Path]:
        # One published component writes DateTime for dateTime.
        name = name if is_type(name) else name[0].lower() + name[1:]
        found = [path for path in paths if is_a(path.type, name)]
        if not found:
            raise self._unsupported(f"as {name}")
        return found

    def _name(self) -> str:
        name = self.tokens[self.at] if self.at < len(self.tokens) else ""
        if not name[:1].isalpha():
            raise self._unsupported(name or "its end")
        self.at += 1
        return name

    def _number(self) -> int:
        written = self.tokens[self.at] if self.at < len(self.tokens) else ""
        if not written.isdecimal():
            raise self._unsupported(written or "its end")
        self.at += 1
        return int(written)

    def _literal(self) -> str:
        literal = self.tokens[self.at] if self.at < len(self.tokens) else ""
        if not literal.startswith("'"):
            raise self._unsupported(literal or "its end")
        self.at += 1
        return literal.strip("'")

    def _next(self, token: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at] == token:
            self.at += 1
            return True
        return False

    def _expect(self, *tokens: str) -> None:
        for token in tokens:
            if not self._next(token):
                raise self._unsupported(f"no {token}")

    def _end(self) -> None:
        if self.at < len(self.tokens):
            raise self._unsupported(self.tokens[self.at])

    def _unsupported(self, what: str) -> Unsupported:
        return Unsupported(f"search expression {self.expression!r}: {what} is not in the subset")


def _last(path: Path, *, test: Test | None = None, index: int | None = None) -> Path:
    """The path with a condition on its last step, beside any that stands there."""
    *before, last = path.steps
    if test is not None and last.test is not None:
        test = _both(last.test, test)
    step = Step(last.key, test or last.test, last.index if index is None else index)
    return Path((*before, step), path.type, path.value_set)


def _both(first: Test, second: Test) -> Test:
    return lambda value: first(value) and second(value)


def _equal(key: str, wanted: str) -> Test:
    return lambda value: bool(value.get(key) == wanted)


def _extended(url: str) -> Test:
    return lambda value: any(each.get("url") == url for each in value.get("extension", ()))


def _refers_to(resource_type: str) -> Test:
    """Whether a reference says that it is to a type; what it points to may be elsewhere."""
    written = re.compile(rf"(?:.*/)?{resource_type}/[^/]+(?:/_history/[^/]+)?")

    def refers(value: JsonValue) -> bool:
        if value.get("type") == resource_type:
            return True
        reference = value.get("reference")
        return isinstance(reference, str) and written.fullmatch(reference) is not None

    return refers
