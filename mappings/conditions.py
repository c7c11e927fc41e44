"""Conditions of a rule: what stands at a path, or a fact of the record; `any`, `all`, `not`.

when: {path: typeOfPrescription, is: U}
when: [{path: endOfTreatment}, {fact: nullified, is: false}]      # all of them
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from mappings import local_time
from mappings.engine import Condition, Frame
from mappings.paths import Path, Scope, Value, fetch, is_missing, leaf, parse_path

Fail = Callable[[Mapping[str, object], str], Exception]
_KEYS = {"path", "is", "in", "absent", "many", "passed", "fact", "any", "all", "not"}


def compile_condition(
    spec: object, fail: Fail, tested: Callable[[Path], None], where: Mapping[str, object]
) -> Condition:
    """Return the compiled condition; `tested` is told each path whose value it compares."""
    if isinstance(spec, list):
        return _all([compile_condition(each, fail, tested, where) for each in spec])
    if not isinstance(spec, Mapping):
        raise fail(where, "'when' must be a condition such as {path: x, is: y}, or a list of them")
    if odd := sorted(set(spec) - _KEYS):
        raise fail(spec, f"a condition has no key '{odd[0]}' (it has {', '.join(sorted(_KEYS))})")
    for word, join in (("any", _any), ("all", _all)):
        if word in spec:
            parts = spec[word]
            if not isinstance(parts, list):
                raise fail(spec, f"'{word}' must be a list of conditions")
            return join([compile_condition(each, fail, tested, where) for each in parts])
    if "not" in spec:
        inner = compile_condition(spec["not"], fail, tested, where)
        return lambda scope, frame: not inner(scope, frame)
    if "fact" in spec:
        return _fact(str(spec["fact"]), spec.get("is", True))
    return _at_path(spec, fail, tested)


def _at_path(spec: Mapping[str, object], fail: Fail, tested: Callable[[Path], None]) -> Condition:
    if "path" not in spec:
        raise fail(spec, "a condition needs 'path', 'fact', 'any', 'all' or 'not'")
    try:
        path = parse_path(str(spec["path"]))
    except ValueError as error:
        raise fail(spec, str(error)) from error
    if "is" in spec or "in" in spec:
        tested(path)
        wanted = spec["in"] if "in" in spec else [spec["is"]]
        if not isinstance(wanted, list):
            raise fail(spec, "'in' must be a list")
        return _equals(path, frozenset(_written(each) for each in wanted))
    if spec.get("many"):
        return _repeated(path)
    if spec.get("passed"):
        tested(path)
        return _passed(path)
    return _present(path, present=not spec.get("absent", False))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _all(parts: Sequence[Condition]) -> Condition:
    def holds(scope: Scope, frame: Frame) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than the conditions
            if not part(scope, frame):
                return False
        return True

    return holds


def _any(parts: Sequence[Condition]) -> Condition:
    return lambda scope, frame: any(part(scope, frame) for part in parts)


def _fact(name: str, wanted: object) -> Condition:
    if isinstance(wanted, bool):
        return lambda _scope, frame: bool(frame.context.fact(name)) is wanted
    return lambda _scope, frame: frame.context.fact(name) == wanted


def _present(path: Path, *, present: bool) -> Condition:
    def holds(scope: Scope, _frame: Frame) -> bool:
        value = fetch(scope, path)
        return (value is not None and not is_missing(value)) is present

    return holds


def _repeated(path: Path) -> Condition:
    """Hold where the element is repeated: more than one of them says something."""

    def holds(scope: Scope, _frame: Frame) -> bool:
        value = fetch(scope, path)
        return isinstance(value, list) and sum(not is_missing(each) for each in value) > 1

    return holds


def _passed(path: Path) -> Condition:
    """Hold where the time had passed when the document was received (the fact `received`)."""

    def holds(scope: Scope, frame: Frame) -> bool:
        received = frame.context.fact("received")
        moment = local_time.read(leaf(fetch(scope, path)) or "")
        return moment is not None and isinstance(received, datetime) and moment.end <= received

    return holds


def _equals(path: Path, wanted: frozenset[str]) -> Condition:
    def holds(scope: Scope, _frame: Frame) -> bool:
        value: Value | None = fetch(scope, path)
        if type(value) is list:
            return any(leaf(each) in wanted for each in value)
        return leaf(value) in wanted

    return holds
