"""Conditions of a rule: what stands at a path, or a fact of the record; `any`, `all`, `not`.

when: {path: typeOfPrescription, is: U}
when: [{path: endOfTreatment}, {fact: nullified, is: false}]      # all of them

Each kind is a value that is asked by calling it, so that written_for_form.py can see what of it a
record's form decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mappings import local_time
from mappings.engine import Condition, Frame
from mappings.paths import Path, Scope, Value, fetch, is_missing, leaf, parse_path

Fail = Callable[[Mapping[str, object], str], Exception]
_KEYS = {"path", "is", "in", "absent", "many", "passed", "fact", "any", "all", "not", "several"}


def compile_condition(
    spec: object, fail: Fail, tested: Callable[[Path], None], where: Mapping[str, object]
) -> Condition:
    """Return the compiled condition; `tested` is told each path whose value it compares."""
    if isinstance(spec, list):
        return All(tuple(compile_condition(each, fail, tested, where) for each in spec))
    if not isinstance(spec, Mapping):
        raise fail(where, "'when' must be a condition such as {path: x, is: y}, or a list of them")
    if odd := sorted(set(spec) - _KEYS):
        raise fail(spec, f"a condition has no key '{odd[0]}' (it has {', '.join(sorted(_KEYS))})")
    for word, join in _JOINS:
        if word in spec:
            parts = spec[word]
            if not isinstance(parts, list):
                raise fail(spec, f"'{word}' must be a list of conditions")
            return join(tuple(compile_condition(each, fail, tested, where) for each in parts))
    if "not" in spec:
        return Not(compile_condition(spec["not"], fail, tested, where))
    if "several" in spec:
        return _several(spec, fail)
    if "fact" in spec:
        return Fact(str(spec["fact"]), spec.get("is", True))
    return _at_path(spec, fail, tested)


def _at_path(spec: Mapping[str, object], fail: Fail, tested: Callable[[Path], None]) -> Condition:
    if "path" not in spec:
        raise fail(spec, "a condition needs 'path', 'fact', 'any', 'all', 'not' or 'several'")
    path = _path(spec, str(spec["path"]), fail)
    if "is" in spec or "in" in spec:
        tested(path)
        wanted = spec["in"] if "in" in spec else [spec["is"]]
        if not isinstance(wanted, list):
            raise fail(spec, "'in' must be a list")
        return Equals(path, frozenset(_written(each) for each in wanted))
    if spec.get("many"):
        return Repeated(path)
    if spec.get("passed"):
        tested(path)
        return Passed(path)
    return Present(path, present=not spec.get("absent", False))


def _path(spec: Mapping[str, object], text: str, fail: Fail) -> Path:
    try:
        return parse_path(text)
    except ValueError as error:
        raise fail(spec, str(error)) from error


def _several(spec: Mapping[str, object], fail: Fail) -> Condition:
    """Return what holds where more than one element stands at the paths together."""
    texts = spec["several"]
    if not isinstance(texts, list):
        raise fail(spec, "'several' must be a list of paths")
    paths = [_path(spec, str(each), fail) for each in texts]
    one = [Present(each, present=True) for each in paths]
    pairs = [All((each, Any(tuple(one[n:])))) for n, each in enumerate(one[:-1], 1)]
    return Any((*(Repeated(each) for each in paths), *pairs))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class All:
    """Holds where all of its parts do."""

    parts: tuple[Condition, ...]

    def __call__(self, scope: Scope, frame: Frame) -> bool:
        """Tell whether it holds."""
        for part in self.parts:  # noqa: SIM110 - a generator costs more than the conditions
            if not part(scope, frame):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Any:
    """Holds where one of its parts does."""

    parts: tuple[Condition, ...]

    def __call__(self, scope: Scope, frame: Frame) -> bool:
        """Tell whether it holds."""
        return any(part(scope, frame) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where another does not."""

    inner: Condition

    def __call__(self, scope: Scope, frame: Frame) -> bool:
        """Tell whether it holds."""
        return not self.inner(scope, frame)


@dataclass(frozen=True, slots=True)
class Fact:
    """Holds where a fact of the record is what is wanted."""

    name: str
    wanted: object

    def __call__(self, _scope: Scope, frame: Frame) -> bool:
        """Tell whether it holds."""
        found = frame.context.fact(self.name)
        if isinstance(self.wanted, bool):
            return bool(found) is self.wanted
        return found == self.wanted


@dataclass(frozen=True, slots=True)
class Present:
    """Holds where something stands at a path, or where nothing does."""

    path: Path
    present: bool

    def __call__(self, scope: Scope, _frame: Frame | None) -> bool:
        """Tell whether it holds."""
        value = fetch(scope, self.path)
        return (value is not None and not is_missing(value)) is self.present


@dataclass(frozen=True, slots=True)
class Repeated:
    """Holds where the element is repeated: more than one of them says something."""

    path: Path

    def __call__(self, scope: Scope, _frame: Frame | None) -> bool:
        """Tell whether it holds."""
        value = fetch(scope, self.path)
        return isinstance(value, list) and sum(not is_missing(each) for each in value) > 1


@dataclass(frozen=True, slots=True)
class Passed:
    """Holds where the time had passed when the document was received (the fact `received`)."""

    path: Path

    def __call__(self, scope: Scope, frame: Frame) -> bool:
        """Tell whether it holds."""
        received = frame.context.fact("received")
        moment = local_time.read(leaf(fetch(scope, self.path)) or "")
        return moment is not None and isinstance(received, datetime) and moment.end <= received


@dataclass(frozen=True, slots=True)
class Equals:
    """Holds where what stands at a path is one of the values that are wanted."""

    path: Path
    wanted: frozenset[str]

    def __call__(self, scope: Scope, _frame: Frame) -> bool:
        """Tell whether it holds."""
        value: Value | None = fetch(scope, self.path)
        if type(value) is list:
            return any(leaf(each) in self.wanted for each in value)
        return leaf(value) in self.wanted


_JOINS: tuple[tuple[str, type[All | Any]], ...] = (("any", Any), ("all", All))
