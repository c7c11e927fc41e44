"""What each kind of rule does, as closures: (scope, resource so far, frame) -> did it give a value.

The kinds that tables are full of say what they do as data, too, so that mappings/written_out.py can
write a whole resource out as one function, which does the same.

A block counts as given only when something from the source went into it: constants alone never make
an element, so that filler leaves nothing behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mappings.engine import Condition, Frame, Resource, Run, Step
from mappings.paths import Path, Scope, Value, fetch, getter, is_missing, leaf, selector
from mappings.targets import Target
from mappings.transforms.registry import Transform


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed value at a target; it makes no block by itself."""

    target: Target
    make: Callable[[], object]
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Sourced:
    """What stands at a path, converted, at a target.

    `others` are the paths, with their places, that are tried where the first gives nothing.
    `named` is the transform's name and options, where there is nothing but a transform.
    """

    target: Target
    path: Path
    place: str
    change: Transform
    when: Condition | None
    others: tuple[tuple[Path, str], ...] = ()
    named: tuple[str, Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of the record, converted, at a target."""

    target: Target
    name: str
    change: Transform | None
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The reference to the person at a target; it makes no block by itself."""

    target: Target
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Within:
    """Steps at a path, on the same resource."""

    path: Path
    steps: tuple[Step, ...]
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Block:
    """Steps at each node of a path, into an element of its own."""

    target: Target
    path: Path
    steps: tuple[Step, ...]
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Contained:
    """Steps at each node of a path, into a contained resource that is referred to."""

    target: Target
    path: Path
    type: str
    steps: tuple[Step, ...]
    display: Path | None
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Unless:
    """A step that runs only while the element has no value of a name."""

    name: str
    step: Step


def guarded(run: Run, when: Condition | None, what: object = None) -> Step:
    """Return a step that runs only where a condition holds."""
    if when is None:
        return Step(run, what)
    return Step(lambda scope, out, frame: when(scope, frame) and run(scope, out, frame), what)


def constant(target: Target, value: object, when: Condition | None) -> Step:
    """Return a step that writes a fixed value; it never makes a block by itself."""
    make = maker(value)

    def step(_scope: Scope, out: Resource, _frame: Frame) -> bool:
        if not target.taken(out):
            target.put(out, make())
        return False

    return guarded(step, when, Constant(target, make, when))


def maker(value: object) -> Callable[[], object]:
    """Return what makes a fixed value anew each time, so that no two resources share one."""
    if isinstance(value, dict):
        if not any(isinstance(each, dict | list) for each in value.values()):
            return dict(value).copy
        named = [(key, maker(each)) for key, each in value.items()]
        return lambda: {key: make() for key, make in named}
    if isinstance(value, list):
        makers = [maker(each) for each in value]
        return lambda: [make() for make in makers]
    return lambda: value


def fact(target: Target, name: str, convert: Transform | None, when: Condition | None) -> Step:
    """Return a step that writes a fact of the record, through a transform if there is one."""

    def step(_scope: Scope, out: Resource, frame: Frame) -> bool:
        found = frame.context.fact(name)
        if found is None or target.taken(out):
            return False
        frame.at = ""
        value = found if convert is None else convert(str(found), frame)
        if value is None:
            return False
        target.put(out, value)
        return True

    return guarded(step, when, Told(target, name, convert, when))


def patient(target: Target, when: Condition | None) -> Step:
    """Return a step that writes the reference to the person; it makes no block by itself."""

    def step(_scope: Scope, out: Resource, frame: Frame) -> bool:
        target.put(out, {"reference": frame.context.patient})
        return False

    return guarded(step, when, Subject(target, when))


def reference(
    target: Target, name: str, by: Path | None, when: Condition | None, *, below: bool = False
) -> Step:
    """Return a step that refers to another resource of the record: the related, or by its key.

    With `below`, only to those whose node stands directly below this one.
    """

    def step(scope: Scope, out: Resource, frame: Frame) -> bool:
        if target.taken(out):
            return False
        if below:
            found = frame.below(name, scope)
        elif by is None:
            found = frame.related(name, scope)
        else:
            key = leaf(fetch(scope, by))
            found = [] if key is None else frame.keyed(name, key)
        for instance in found if target.many else found[:1]:
            target.put(out, {"reference": f"{instance.plan.type}/{instance.id}"})
        return bool(found)

    return guarded(step, when)


def within(path: Path, steps: Sequence[Step], when: Condition | None) -> Step:
    """Return a step that runs a fragment's steps at a path, on the same resource."""
    choose = selector(path)

    def step(scope: Scope, out: Resource, frame: Frame) -> bool:
        given = False
        for each in choose(scope):
            for inner in steps:
                given = inner.run(each, out, frame) or given
        return given

    return guarded(step, when, Within(path, tuple(steps), when))


def block(target: Target, path: Path, steps: Sequence[Step], when: Condition | None) -> Step:
    """Return a step that makes an element of its own for the node (each node) at a path."""
    choose = selector(path)

    def step(scope: Scope, out: Resource, frame: Frame) -> bool:
        if target.taken(out):
            return False
        given = False
        for each in choose(scope):
            made: Resource = {}
            sourced_any = False
            for inner in steps:
                sourced_any = inner.run(each, made, frame) or sourced_any
            if sourced_any and made:
                if given and not target.many:
                    frame.at = path.text
                    repeated(frame)
                    break
                target.put(out, made)
                given = True
        return given

    return guarded(step, when, Block(target, path, tuple(steps), when))


def unless(name: str, step: Step) -> Step:
    """Return a step that runs only while the element has no value of that name."""
    run = step.run
    return Step(
        lambda scope, out, frame: name not in out and run(scope, out, frame), Unless(name, step)
    )


def contained(
    target: Target,
    path: Path,
    resource_type: str,
    steps: Sequence[Step],
    display: Path | None,
    when: Condition | None,
) -> Step:
    """Return a step that makes a contained resource and refers to it, with a name to show."""
    choose = selector(path)

    def step(scope: Scope, out: Resource, frame: Frame) -> bool:
        if target.taken(out):
            return False
        given = False
        for each in choose(scope):
            made: Resource = {"resourceType": resource_type}
            if not any([inner.run(each, made, frame) for inner in steps]):  # noqa: C419 - all run
                continue
            contain(made, each, out, frame, target, display)
            given = True
            if not target.many:
                break
        return given

    return guarded(step, when, Contained(target, path, resource_type, tuple(steps), display, when))


def contain(
    made: Resource, node: Scope, out: Resource, frame: Frame, target: Target, display: Path | None
) -> None:
    """Put a made resource into the current one, and refer to it, with a name to show."""
    refers: Resource = {"reference": hold(made, str(made["resourceType"]).lower(), frame)}
    shown = None if display is None else leaf(fetch(node, display))
    if shown is not None:
        refers["display"] = shown
    target.put(out, refers)


def hold(made: Resource, kind: str, frame: Frame) -> str:
    """Put a made resource into the current one; return how it is referred to."""
    inside = frame.current.setdefault("contained", [])
    assert isinstance(inside, list)  # noqa: S101 - only this function writes it
    made["id"] = f"{kind}{len(inside) + 1}"
    inside.append(made)
    return f"#{made['id']}"


def sourced(
    target: Target,
    paths: Sequence[tuple[Path, str]],
    convert: Transform | None,
    values: Mapping[str, object] | None,
    otherwise: object,
    when: Condition | None,
    *,
    named: tuple[str, Mapping[str, object]] | None = None,
) -> Step:
    """Return a step that writes what the first of the paths to hold something holds, converted."""
    change = _mapped(values, otherwise, convert) if values is not None else convert
    assert change is not None  # noqa: S101 - the compiler gives a transform or a map
    many, put, taken = target.many, target.put, target.taken
    ways = [(getter(path), place) for path, place in paths]

    def step(scope: Scope, out: Resource, frame: Frame) -> bool:
        for get, place in ways:
            found = get(scope)
            if found is None or found == "?" or found == "":  # noqa: PLR1714 - hot
                continue
            if taken(out):
                return False
            frame.at = place
            if isinstance(found, list):
                kept = converted(found, change, frame, many=many)
                for value in kept:
                    put(out, value)
                if kept:
                    return True
                continue
            value = change(found, frame)
            if value is not None:
                put(out, value)
                return True
        return False

    (first, place), *others = paths
    return guarded(step, when, Sourced(target, first, place, change, when, tuple(others), named))


def converted(
    found: Sequence[Value], change: Transform, frame: Frame, *, many: bool
) -> list[object]:
    """Return what repeated elements become; of those for a single target, the first."""
    made = [change(each, frame) for each in found if not is_missing(each)]
    kept = [each for each in made if each is not None]
    if not many and len(kept) > 1:
        repeated(frame)
        del kept[1:]
    return kept


def _mapped(
    values: Mapping[str, object], otherwise: object, convert: Transform | None
) -> Transform:
    makers = {code: maker(each) for code, each in values.items()}
    other = maker(otherwise)

    def change(value: Value, frame: Frame) -> object | None:
        code = leaf(value)
        if code is None:
            return None
        make = makers.get(code)
        if make is None:
            frame.note("unknown-value", "the table has no mapping for the value that stands here")
            make = other
        found = make()
        return found if found is None or convert is None else convert(str(found), frame)

    return change


def repeated(frame: Frame) -> None:
    """Note that an element with one place in FHIR is repeated."""
    frame.note(
        "repeated-element",
        "the element is repeated but has one place in FHIR: the first is shown, the stored "
        "document keeps the others",
    )
