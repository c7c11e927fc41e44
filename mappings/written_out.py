"""A resource's rules written out as one Python function: what the steps do, in their order.

Source: DESIGN §7 (parse and map, beside lxml's parse). Asking rule by rule costs more than the
values: a path's beginning is walked once for all rules at a node, and a rule is a few lines instead
of a few calls. The text is made from what the steps say of themselves (mappings/rules.py) and
from nothing else; a step that says nothing is run as it is. What tables hold never stands in the
text as code: names and values are bound, and texts are written as Python literals.
"""

from collections.abc import Sequence

from mappings.engine import Condition, Run, Step
from mappings.paths import Path, _descend, getter, selector
from mappings.rules import (
    Block,
    Constant,
    Contained,
    Sourced,
    Unless,
    Within,
    contain,
    converted,
    repeated,
)
from mappings.targets import Target

_SCALARS = (str, int, float, bool)


def written_out(steps: Sequence[Step]) -> Run:
    """Return one function that does what the steps do."""
    return Writer().function(steps)


class Writer:
    """Writes the lines of one function, and keeps what they know by name."""

    def __init__(self) -> None:
        """Begin with nothing but what every function uses."""
        self.bound: dict[str, object] = {
            "descend": _descend,
            "converted": converted,
            "repeated": repeated,
            "contain": contain,
        }
        self.lines: list[str] = []
        self.count = 0

    def function(self, steps: Sequence[Step]) -> Run:
        """Write a function of steps, and return it."""
        self.line(0, "def build(s0, o0, frame):")
        self.line(1, "g0 = False")
        self.line(1, "n0 = s0[-1]")
        self.at_node(1, "0", "0", "0", steps)
        self.line(1, "return g0")
        text = "\n".join(self.lines)
        exec(compile(text, "<a mapping table, written out>", "exec"), self.bound)  # noqa: S102  # nosec B102  # made of the table's rules alone
        made: Run = self.bound["build"]  # type: ignore[assignment]  # what the text defines
        return made

    def line(self, depth: int, text: str) -> None:
        """Write a line."""
        self.lines.append("    " * depth + text)

    def bind(self, value: object) -> str:
        """Return a name by which the function knows a value."""
        self.count += 1
        name = f"b{self.count}"
        self.bound[name] = value
        return name

    def fresh(self) -> str:
        """Return a number that no name has."""
        self.count += 1
        return str(self.count)

    def at_node(self, depth: int, node: str, out: str, given: str, steps: Sequence[Step]) -> None:
        """Write the steps at a node: s<node>, n<node>, into o<out>, noting in g<given>."""
        begun = self._beginnings(depth, node, steps)
        for step in steps:
            self.step(depth, node, out, given, step, begun)

    def _beginnings(
        self, depth: int, node: str, steps: Sequence[Step]
    ) -> dict[tuple[str, ...], str]:
        """Write what stands at the beginnings of the steps' paths, each once; return the names."""
        begun: dict[tuple[str, ...], str] = {(): f"n{node}"}
        for step in steps:
            what = _inner(step).what
            path = None if getattr(what, "others", ()) else getattr(what, "path", None)
            if path is None or path.up or path.from_record:
                continue
            for length in range(1, len(path.names)):
                names = path.names[:length]
                if names not in begun:
                    name = f"p{self.fresh()}"
                    self.line(depth, f"{name} = {_child(begun[names[:-1]], names[-1])}")
                    begun[names] = name
        return begun

    def value(self, node: str, path: Path, begun: dict[tuple[str, ...], str]) -> str:
        """Return the expression of what stands at a path."""
        if path.up or path.from_record:
            return f"{self.bind(getter(path))}(s{node})"
        if not path.names:
            return f"n{node}"
        return _child(begun[path.names[:-1]], path.names[-1])

    def step(
        self,
        depth: int,
        node: str,
        out: str,
        given: str,
        step: Step,
        begun: dict[tuple[str, ...], str],
    ) -> None:
        """Write one step."""
        what = step.what
        if isinstance(what, Unless):
            self.line(depth, f"if {what.name!r} not in o{out}:")
            self.step(depth + 1, node, out, given, what.step, begun)
        elif isinstance(what, Constant):
            depth = self.when(depth, node, what.when)
            self.constant(depth, out, what)
        elif isinstance(what, Sourced) and not what.others:
            depth = self.when(depth, node, what.when)
            self.sourced(depth, node, out, given, what, begun)
        elif isinstance(what, Within):
            depth = self.when(depth, node, what.when)
            self.within(depth, node, out, given, what, begun)
        elif isinstance(what, Block | Contained):
            depth = self.when(depth, node, what.when)
            self.element(depth, node, out, given, what, begun)
        else:
            run = self.bind(step.run)
            self.line(depth, f"g{given} = {run}(s{node}, o{out}, frame) or g{given}")

    def when(self, depth: int, node: str, when: Condition | None) -> int:
        """Write the question whether a condition holds."""
        if when is None:
            return depth
        self.line(depth, f"if {self.bind(when)}(s{node}, frame):")
        return depth + 1

    def free(self, depth: int, out: str, target: Target) -> int:
        """Write the question whether a target has no value yet; one in an extension never has."""
        if target.name is None and target.way is None:
            return depth
        if target.name is not None:
            if target.many:
                return depth
            self.line(depth, f"if {target.name!r} not in o{out}:")
        else:
            self.line(depth, f"if not {self.bind(target.taken)}(o{out}):")
        return depth + 1

    def put(self, depth: int, out: str, target: Target, value: str) -> None:
        """Write a value into its place."""
        if target.name is not None and not target.many:
            self.line(depth, f"o{out}[{target.name!r}] = {value}")
        else:
            self.line(depth, f"{self.bind(target.put)}(o{out}, {value})")

    def constant(self, depth: int, out: str, what: Constant) -> None:
        """Write a fixed value."""
        depth = self.free(depth, out, what.target)
        value = what.make()
        same = isinstance(value, _SCALARS) or value is None
        text = self.bind(value) if same else f"{self.bind(what.make)}()"
        self.put(depth, out, what.target, text)

    def sourced(
        self,
        depth: int,
        node: str,
        out: str,
        given: str,
        what: Sourced,
        begun: dict[tuple[str, ...], str],
    ) -> None:
        """Write what stands at a path, changed."""
        change, many = self.bind(what.change), what.target.many
        self.line(depth, f"v = {self.value(node, what.path, begun)}")
        self.line(depth, "if v is not None and v != '?' and v != '':")
        depth = self.free(depth + 1, out, what.target)
        self.line(depth, f"frame.at = {what.place!r}")
        self.line(depth, "if isinstance(v, list):")
        self.line(depth + 1, f"for k in converted(v, {change}, frame, many={many}):")
        self.put(depth + 2, out, what.target, "k")
        self.line(depth + 2, f"g{given} = True")
        self.line(depth, "else:")
        self.line(depth + 1, f"k = {change}(v, frame)")
        self.line(depth + 1, "if k is not None:")
        self.put(depth + 2, out, what.target, "k")
        self.line(depth + 2, f"g{given} = True")

    def chosen(
        self, depth: int, node: str, path: Path, begun: dict[tuple[str, ...], str]
    ) -> tuple[int, str]:
        """Write the loop over the nodes at a path; return the depth within it, and the node."""
        own = self.fresh()
        if path.names and not path.up and not path.from_record:
            self.line(depth, f"if {self.value(node, path, begun)} is not None:")
            depth += 1
        self.line(depth, f"for s{own} in {self.bind(selector(path))}(s{node}):")
        self.line(depth + 1, f"n{own} = s{own}[-1]")
        return depth + 1, own

    def within(
        self,
        depth: int,
        node: str,
        out: str,
        given: str,
        what: Within,
        begun: dict[tuple[str, ...], str],
    ) -> None:
        """Write steps at a path."""
        if not what.path.names and not what.path.up and not what.path.from_record:
            self.at_node(depth, node, out, given, what.steps)
            self.line(depth, "pass")
            return
        depth, own = self.chosen(depth, node, what.path, begun)
        self.at_node(depth, own, out, given, what.steps)

    def element(
        self,
        depth: int,
        node: str,
        out: str,
        given: str,
        what: Block | Contained,
        begun: dict[tuple[str, ...], str],
    ) -> None:
        """Write an element, or a contained resource, for each node at a path."""
        depth = self.free(depth, out, what.target)
        any_given = f"a{self.fresh()}"
        self.line(depth, f"{any_given} = False")
        inside, own = self.chosen(depth, node, what.path, begun)
        contained = isinstance(what, Contained)
        begin = f"{{'resourceType': {what.type!r}}}" if isinstance(what, Contained) else "{}"
        self.line(inside, f"o{own} = {begin}")
        self.line(inside, f"g{own} = False")
        self.at_node(inside, own, own, own, what.steps)
        self.line(inside, f"if g{own} and o{own}:")
        if isinstance(what, Contained):
            display, target = self.bind(what.display), self.bind(what.target)
            self.line(inside + 1, f"contain(o{own}, s{own}, o{out}, frame, {target}, {display})")
        elif not what.target.many:
            self.line(inside + 1, f"if {any_given}:")
            self.line(inside + 2, f"frame.at = {what.path.text!r}")
            self.line(inside + 2, "repeated(frame)")
            self.line(inside + 2, "break")
        if not contained:
            self.put(inside + 1, out, what.target, f"o{own}")
        self.line(inside + 1, f"{any_given} = True")
        if contained and not what.target.many:
            self.line(inside + 1, "break")
        self.line(depth, f"if {any_given}:")
        self.line(depth + 1, f"g{given} = True")


def _inner(step: Step) -> Step:
    while isinstance(step.what, Unless):
        step = step.what.step
    return step


def _child(holder: str, name: str) -> str:
    """Return the expression of what has a name in what a variable holds."""
    other = f"(None if {holder} is None else descend({holder}, ({name!r},)))"
    return f"({holder}.get({name!r}) if isinstance({holder}, dict) else {other})"
