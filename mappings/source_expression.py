"""Expressions in a source profile: where a value stands and what the system's own codes mean.

"@datum"                                      a path
["@enhet", "/Organisation/@id"]               the first of several that gives a value
{value: SoL}                                  always this
{from: "@utfall", codes: {BIFALL: granted}}   a local code and what it means
{from: "@typ", codes: insats, default: home_help}
{when: {"@typ": HSL}, then: {value: HSL}}     only when a path gives one of these values
{unless: {"@typ": HSL}, then: "@enhet"}       only when it does not
{join: ["@sekel", "@pnr"], with: ""}          several values put together
{all: Rad/Text, with: " "}                    all values of a path put together
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mappings.source_node import SourceNode
from mappings.source_path import BadPath, Path, compile_path

Fail = Callable[[str, str], Exception]
"""Makes the error for a key (where in the profile) and a remedy."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an expression gave: the meaning, the value as written, and whether its code is known."""

    value: str | None
    written: str | None = None
    known: bool = True


NOTHING = Found(None)


@dataclass(frozen=True, slots=True)
class Condition:
    """What paths must give; every one of them, any of its values. No values: anything at all."""

    tests: tuple[tuple[Path, frozenset[str]], ...]
    negated: bool = False
    also: "Condition | None" = None

    def holds(self, at: SourceNode, top: SourceNode) -> bool:
        """Tell whether the condition is fulfilled at a node."""
        own = all(_any(path, wanted, at, top) for path, wanted in self.tests) != self.negated
        return own and (self.also is None or self.also.holds(at, top))


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression; `parts` are alternatives, or what is joined."""

    constant: str | None = None
    paths: tuple[Path, ...] = ()
    codes: Mapping[str, str] | None = None
    default: str | None = None
    when: Condition | None = None
    parts: tuple["Expression", ...] = ()
    glue: str | None = None
    all: bool = False

    def find(self, at: SourceNode, top: SourceNode, *, several: bool = False) -> Found:
        """Return what the expression gives at a node of a document whose top is `top`.

        `several`: of a path with several values all count, with blanks between.
        """
        if self.when is not None and not self.when.holds(at, top):
            return NOTHING
        if self.constant is not None:
            return Found(self.constant)
        if self.glue is not None:
            return self._joined(at, top)
        if self.parts:
            return self._first(at, top, several=several)
        for path in self.paths:
            values = list(path.values(at, top))
            if values:
                return self._all(values) if several and values[1:] else self._meaning(values[0])
        return self._meaning(None)

    def _all(self, values: Sequence[str]) -> Found:
        found = [self._meaning(value) for value in values]
        unknown = next((each for each in found if each.value is None), None)
        if unknown is not None:
            return unknown
        return Found(" ".join(str(each.value) for each in found), " ".join(values))

    def _meaning(self, written: str | None) -> Found:
        if written is None:
            return Found(self.default)
        if self.codes is None:
            return Found(written, written)
        meaning = self.codes.get(written.casefold()) or self._several(written)
        if meaning is None:
            return Found(self.default, written, known=False)
        return Found(meaning, written)

    def _several(self, written: str) -> str | None:
        """Return the meanings of several codes in one value ("TI FR"), when all are known."""
        for between in _BETWEEN:
            words = [word for word in between.split(written.casefold()) if word]
            meanings = [(self.codes or {}).get(word) for word in words]
            if meanings and all(meanings):
                return " ".join(m for m in meanings if m)
        return None

    def _joined(self, at: SourceNode, top: SourceNode) -> Found:
        values = [part.find(at, top).value for part in self.parts]
        if self.all:
            values = [value for path in self.paths for value in path.values(at, top)]
        text = (self.glue or "").join(value for value in values if value)
        return Found(text or None, text or None)

    def _first(self, at: SourceNode, top: SourceNode, *, several: bool) -> Found:
        last = NOTHING
        for part in self.parts:
            found = part.find(at, top, several=several)
            if found.value is not None:
                return found
            if not found.known:
                last = found
        return last

    def every_path(self) -> list[Path]:
        """Return all paths that the expression can read."""
        tests = [path for path, _ in self.when.tests] if self.when else []
        return [*self.paths, *tests, *(p for part in self.parts for p in part.every_path())]

    def every_meaning(self) -> list[str]:
        """Return every value that the profile itself gives: constants, defaults and meanings."""
        own = [v for v in (self.constant, self.default) if v is not None]
        own += list((self.codes or {}).values())
        return [*own, *(v for part in self.parts for v in part.every_meaning())]

    def only_own_words(self) -> bool:
        """Tell whether every value comes from the profile, so that it can be checked beforehand."""
        if self.glue is not None:
            return False
        if self.parts:
            return all(part.only_own_words() for part in self.parts)
        return self.constant is not None or self.codes is not None


def _any(path: Path, wanted: frozenset[str], at: SourceNode, top: SourceNode) -> bool:
    values = [value.casefold() for value in path.values(at, top)]
    return any(value in wanted for value in values) if wanted else bool(values)


_BETWEEN = (re.compile(r"\s*[,;/|+]\s*|\s+(?:och|and)\s+"), re.compile(r"[\s,;]+"))
"""What stands between several codes in one value: codes of several words come first."""
_KEYS = {"value", "from", "codes", "default", "when", "unless", "then", "join", "all", "with"}


def compile_expression(
    written: object, key: str, tables: Mapping[str, Mapping[str, str]], fail: Fail
) -> Expression:
    """Return the compiled form of an expression; `key` says where in the profile it stands.

    Raises:
        Exception: what `fail` makes, naming the key and a remedy.
    """
    if isinstance(written, str):
        return Expression(paths=(_path(written, key, fail),))
    if isinstance(written, Sequence):
        if not written:
            raise fail(key, "an empty list gives no value; remove the key")
        parts = tuple(
            compile_expression(part, f"{key}[{n}]", tables, fail) for n, part in enumerate(written)
        )
        return Expression(parts=parts)
    if not isinstance(written, Mapping):
        raise fail(key, "write a path, a list of them, or one of value:, from:, when:, join:")
    return _compile_mapping(written, key, tables, fail)


def _compile_mapping(
    written: Mapping[object, object],
    key: str,
    tables: Mapping[str, Mapping[str, str]],
    fail: Fail,
) -> Expression:
    unknown = [str(name) for name in written if name not in _KEYS]
    if unknown:
        raise fail(f"{key}.{unknown[0]}", f"not known here; use one of {', '.join(sorted(_KEYS))}")
    condition = _condition(written, key, fail)
    if condition is not None:
        if "then" not in written:
            raise fail(key, "a condition needs then: with the value")
        inner = compile_expression(written["then"], f"{key}.then", tables, fail)
        return Expression(when=condition, parts=(inner,))
    if "value" in written:
        return Expression(constant=str(written["value"]))
    if "join" in written:
        join = written["join"]
        if not isinstance(join, list) or not join:
            raise fail(f"{key}.join", "write a list of paths")
        parts = tuple(
            compile_expression(part, f"{key}.join[{n}]", tables, fail)
            for n, part in enumerate(join)
        )
        return Expression(parts=parts, glue=str(written.get("with", "")))
    if "all" in written:
        path = _path(written["all"], f"{key}.all", fail)
        return Expression(paths=(path,), glue=str(written.get("with", "\n")), all=True)
    if "from" not in written:
        raise fail(key, "write from: with the path, or value: with a constant")
    return _compile_from(written, key, tables, fail)


def _compile_from(
    written: Mapping[object, object],
    key: str,
    tables: Mapping[str, Mapping[str, str]],
    fail: Fail,
) -> Expression:
    source = written["from"]
    paths = source if isinstance(source, list) else [source]
    default = written.get("default")
    return Expression(
        paths=tuple(_path(path, f"{key}.from", fail) for path in paths),
        codes=_codes(written["codes"], f"{key}.codes", tables, fail)
        if "codes" in written
        else None,
        default=None if default is None else str(default),
    )


def _codes(
    written: object, key: str, tables: Mapping[str, Mapping[str, str]], fail: Fail
) -> Mapping[str, str]:
    if isinstance(written, str):
        if written not in tables:
            named = ", ".join(sorted(tables)) or "none yet"
            raise fail(key, f"no code table named {written!r} under codes: (there are: {named})")
        return tables[written]
    if not isinstance(written, Mapping):
        raise fail(key, "write the name of a table under codes:, or local code: meaning")
    return {str(code).strip().casefold(): str(meaning) for code, meaning in written.items()}


def _condition(written: Mapping[object, object], key: str, fail: Fail) -> Condition | None:
    word = "when" if "when" in written else "unless" if "unless" in written else None
    if word is None:
        return None
    return compile_condition(written[word], f"{key}.{word}", fail, negated=word == "unless")


def compile_condition(written: object, key: str, fail: Fail, *, negated: bool = False) -> Condition:
    """Return the compiled form of {path: value}, {path: [values]} or {path: true} (any value).

    Raises:
        Exception: what `fail` makes, naming the key and a remedy.
    """
    if not isinstance(written, Mapping) or not written:
        raise fail(key, "write path: value, path: [values], or path: true for any value")
    tests = []
    for path, wanted in written.items():
        values = [] if wanted is True else wanted if isinstance(wanted, list) else [wanted]
        tests.append(
            (_path(path, key, fail), frozenset(str(value).strip().casefold() for value in values))
        )
    return Condition(tuple(tests), negated)


def _path(written: object, key: str, fail: Fail) -> Path:
    if not isinstance(written, str):
        raise fail(key, "write the path as text")
    try:
        return compile_path(written)
    except BadPath as error:
        raise fail(key, str(error)) from None
