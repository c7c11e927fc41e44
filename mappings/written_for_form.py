"""A table's rules written out for one form of record: what the form decides is decided once.

A form is everything of a record but its values: which elements stand where, and that each leaf says
something. Whether a path leads anywhere, how often an element stands, and what of a condition only
asks for either, is the same for all records of a form; so are the paths that no table takes. What
is left is to change the values, one by one, and to put them in their places.

What no function here knows is run as it is, on the record's own nodes.

Source: DESIGN §7 (parse and map, beside lxml's parse).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from mappings.base_profiles import conform
from mappings.engine import (
    NOPATIENT,
    Condition,
    Context,
    Frame,
    Instance,
    Mapped,
    ResourcePlan,
    Step,
    Table,
)
from mappings.paths import Node, Scope, fetch, leaf, selector
from mappings.rules import (
    Block,
    Constant,
    Contained,
    Sourced,
    Subject,
    Told,
    Unless,
    Within,
    hold,
)
from mappings.shape_writer import Held, ShapeWriter
from mappings.targets import Target
from mappings.written_values import VALUES, value_written

Run: TypeAlias = Callable[[Node, Sequence[str], Context], Mapped]
"""Gives what `Table.map` does for a record of the form: its tree, and its values in order."""


def written_for(table: Table, shape: Node) -> Run:
    """Return the table's rules as one function for all records of a shape."""
    return _FormWriter(shape).table(table)


class _FormWriter(ShapeWriter):
    def __init__(self, shape: Node) -> None:
        """Begin with a shape, and nothing written."""
        super().__init__(shape)
        self.bound |= {
            "Frame": Frame,
            "Instance": Instance,
            "Mapped": Mapped,
            "conform": conform,
            "hold": hold,
            **VALUES,
            "nopatient": NOPATIENT,
        }
        self.put_in: dict[str, set[str] | None] = {}

    def table(self, table: Table) -> Run:
        """Write the function."""
        cited = any(_cites(plan.steps) for plan in table.plans)
        found = [(plan, self._instances(plan, cited=cited)) for plan in table.plans]
        self.line(1, "resources, places = [], []")
        for plan, own in found:
            for node, asked in own:
                with self.under(
                    1, f"x{node} is not None" if isinstance(asked, str) else asked
                ) as d:
                    self._resource(d, plan, node)
        self.line(1, "return Mapped(resources, places, [], list(frame.notes.values()))")
        begin = [
            "def run(n0, t, context):",
            "    frame = Frame(context)",
            "    mint = context.mint",
        ]
        begin.append("    source, hidden = context.source, context.not_for_patient")
        text = "\n".join([*begin, *self.top, *self.lines])
        exec(compile(text, "<a table, written out for a form>", "exec"), self.bound)  # noqa: S102  # nosec B102  # made of the table's rules and names alone
        return cast("Run", self.bound["run"])

    def _instances(self, plan: ResourcePlan, *, cited: bool) -> list[tuple[str, Held]]:
        """Write which resources of a kind there are, x<node> their places and i<node> their ids."""
        scopes = [(self.shape,)] if plan.each is None else plan.each((self.shape,))
        keys = [None if plan.key is None else leaf(plan.key(scope)) for scope in scopes]
        made: list[tuple[str, Held]] = []
        if len([key for key in keys if key is not None]) > 1:
            self.line(1, "seen = set()")
        if cited:
            self.line(1, f"instances = frame.instances[{plan.name!r}] = []")
        for number, (scope, key) in enumerate(zip(scopes, keys, strict=True), 1):
            node = self.enter(scope)
            asked = self.holds(plan.when, node)
            if asked is False:
                continue
            if asked is not True:
                self.line(1, f"x{node} = None")
            with self.under(1, asked) as depth:
                place = plan.name if plan.each is None else f"{plan.name}[{number}]"
                own = None if key is None else f"{self.expression(key)}.strip()"
                self._place(depth, node, place, plan, own, once=keys.count(None) == len(keys) - 1)
                self.line(depth, f"i{node} = mint({plan.type!r}, x{node})")
                if cited:
                    these = f"{self.bind(plan)}, {self.scope(node)}, {own}, x{node}, i{node}"
                    self.line(depth, f"instances.append(Instance({these}))")
            made.append((node, asked))
        return made

    def _place(
        self,
        depth: int,
        node: str,
        place: str,
        plan: ResourcePlan,
        key: str | None,
        *,
        once: bool,
    ) -> None:
        if key is None:
            self.line(depth, f"x{node} = {place!r}")
            return
        self.line(depth, f"k = {key}")
        keyed = f"{plan.name + ':'!r} + k"
        if once:
            self.line(depth, f"x{node} = {keyed}")
            return
        self.line(depth, f"x{node} = {keyed} if k not in seen else {place!r}")
        self.line(depth, "seen.add(k)")

    def _resource(self, depth: int, plan: ResourcePlan, node: str) -> None:
        out = self.fresh()
        self.put_in[out] = {"resourceType", "id", "meta"}
        hidden = "{'source': source, 'security': [dict(nopatient)]} if hidden else"
        self.line(depth, f"m = {hidden} {{'source': source}}")
        self.line(depth, f"o{out} = {{'resourceType': {plan.type!r}, 'id': i{node}, 'meta': m}}")
        self.line(depth, f"frame.current = o{out}")
        self.line(depth, f"g{out} = False")
        before = len(self.lines) - 1
        self.steps(depth, node, out, out, plan.steps)
        if not any(f" or g{out}" in line for line in self.lines[before:]):
            # Nobody asks whether a resource was given anything.
            kept = [
                line for line in self.lines[before:] if not line.lstrip().startswith(f"g{out} = ")
            ]
            self.lines[before:] = kept
        self.line(depth, f"conform(o{out})")
        self.line(depth, f"resources.append(o{out})")
        self.line(depth, f"places.append(x{node})")

    def enter(self, scope: Scope) -> str:
        """Return a name for a node of the shape."""
        node = self.fresh()
        self.scopes[node] = tuple(scope)
        return node

    def steps(self, depth: int, node: str, out: str, given: str, steps: Sequence[Step]) -> None:
        """Write the steps at a node, into o<out>, noting in g<given> that something was given."""
        for step in steps:
            self.rule(depth, node, out, given, step)

    def rule(self, depth: int, node: str, out: str, given: str, step: Step) -> None:
        """Write one step."""
        what = step.what
        if isinstance(what, Unless):
            with self.under(depth, f"{what.name!r} not in o{out}") as inner:
                self.rule(inner, node, out, given, what.step)
            return
        if what is None:
            run = self.bind(step.run)
            self.put_in[out] = None
            text = f"{run}({self.scope(node)}, o{out}, frame)"
            self.line(depth, f"g{given} = {text} or g{given}")
            return
        when = cast("Condition | None", getattr(what, "when", None))
        with self.under(depth, self.holds(when, node)) as inner:
            if isinstance(what, Constant):
                self.constant(inner, out, what)
            elif isinstance(what, Subject):
                self.put(inner, out, what.target, "{'reference': context.patient}")
            elif isinstance(what, Told):
                self.told(inner, out, given, what)
            elif isinstance(what, Sourced):
                self.valued(inner, node, out, given, what)
            elif isinstance(what, Within):
                for scope in selector(what.path)(self.scopes[node]):
                    self.steps(inner, self.enter(scope), out, given, what.steps)
            elif isinstance(what, Block | Contained):
                self.made(inner, node, out, given, what)

    def free(self, depth: int, out: str, target: Target) -> int:
        """Write the question whether a target has no value yet, where it may have one."""
        before = self.put_in[out]
        if before is not None and _first(target) not in before:
            return depth
        return super().free(depth, out, target)

    def put(self, depth: int, out: str, target: Target, value: str) -> None:
        """Write a value, which is no list, into its place."""
        name, before = _first(target), self.put_in[out]
        new = before is not None and name not in before
        if before is not None:
            before.add(name)
        if target.extended is not None:
            address, own = target.extended
            self._append(depth, f"o{out}", name, f"{{'url': {address!r}, {own!r}: {value}}}", new)
        elif target.many and target.name is not None:
            self._append(depth, f"o{out}", name, value, new)
        elif target.way is not None:
            holder = "".join(f".setdefault({each!r}, {{}})" for each in target.way)
            if target.many:
                self._append(depth, f"o{out}{holder}", target.last, value, new=False)
            else:
                self.line(depth, f"o{out}{holder}[{target.last!r}] = {value}")
        else:
            super().put(depth, out, target, value)

    def known(self, out: str, target: Target) -> None:
        """Take it that a target may have a value."""
        before = self.put_in[out]
        if before is not None:
            before.add(_first(target))

    def constant(self, depth: int, out: str, what: Constant) -> None:
        """Write a fixed value."""
        if what.target.many and isinstance(what.make(), list):
            self.known(out, what.target)
            super().put(depth, out, what.target, f"{self.bind(what.make)}()")
        else:
            super().constant(depth, out, what)

    def _append(self, depth: int, out: str, name: str, value: str, new: bool) -> None:  # noqa: FBT001
        if new:
            self.line(depth, f"{out}[{name!r}] = [{value}]")
        else:
            self.line(depth, f"{out}.setdefault({name!r}, []).append({value})")

    def put_any(self, depth: int, out: str, target: Target, value: str) -> None:
        """Write a value, which may be a list, into its place."""
        if not target.many and target.extended is None:
            self.put(depth, out, target, value)
            return
        self.line(depth, f"if type({value}) is list:")
        super().put(depth + 1, out, target, value)
        self.line(depth, "else:")
        self.put(depth + 1, out, target, value)

    def told(self, depth: int, out: str, given: str, what: Told) -> None:
        """Write a fact."""
        name = self.fact(what.name)
        self.line(depth, f"if {name} is not None:")
        depth = self.free(depth + 1, out, what.target)
        self.line(depth, "frame.at = ''")
        if what.change is None:
            self.line(depth, f"k = {name}")
        else:
            self.line(depth, f"k = {self.bind(what.change)}(str({name}), frame)")
        self.line(depth, "if k is not None:")
        self.put_any(depth + 1, out, what.target, "k")
        self.line(depth + 1, f"g{given} = True")

    def valued(self, depth: int, node: str, out: str, given: str, what: Sourced) -> None:
        """Write what stands at the first of a rule's paths to give something."""
        ways = [(what.path, what.place), *what.others]
        found = [
            (value, place)
            for path, place in ways
            if (value := fetch(self.scopes[node], path)) is not None
        ]
        if not found:
            return
        change, target = self.bind(what.change), what.target
        depth = self.free(depth, out, target)
        for number, (value, place) in enumerate(found):
            if number:
                self.line(depth, "if k is None:")
                depth += 1
            made = value_written(self, value, what.named)
            if made is not None and made.always:
                self.put(depth, out, target, made.text)
                self.line(depth, f"g{given} = True")
                break
            self.line(depth, f"frame.at = {place!r}")
            text = self.expression(value)
            if isinstance(value, list):
                self.line(depth, f"k = converted({text}, {change}, frame, many={target.many})")
                self.line(depth, "for v in k:")
                self.known(out, target)
                self.put_any(depth + 1, out, target, "v")
                self.line(depth + 1, f"g{given} = True")
                self.line(depth, "k = k or None")
                continue
            self.line(depth, f"k = {made.text if made else f'{change}({text}, frame)'}")
            self.line(depth, "if k is not None:")
            (self.put if made else self.put_any)(depth + 1, out, target, "k")
            self.line(depth + 1, f"g{given} = True")

    def made(self, depth: int, node: str, out: str, given: str, what: Block | Contained) -> None:
        """Write an element, or a contained resource, for each node at a path."""
        scopes, before = selector(what.path)(self.scopes[node]), len(self.lines)
        if not scopes:
            return
        kept = self.put_in[out]
        kept = None if kept is None else set(kept)
        any_given = f"a{self.fresh()}"
        depth = self.free(depth, out, what.target)
        once = not what.target.many and len(scopes) > 1
        if once:
            self.line(depth, f"{any_given} = False")
            self.line(depth, "while True:")
            depth += 1
        gives = False
        for scope in scopes:
            gives = self.one(depth, scope, out, given, what, any_given if once else "") or gives
        if once:
            self.line(depth, "break")
        if not gives:
            del self.lines[before:]
            self.put_in[out] = kept

    def one(
        self,
        depth: int,
        scope: Scope,
        out: str,
        given: str,
        what: Block | Contained,
        any_given: str,
    ) -> bool:
        """Write one element; tell whether the form has anything that it could be given for."""
        own, before = self.enter(scope), len(self.lines)
        contained = isinstance(what, Contained)
        begin = f"{{'resourceType': {what.type!r}}}" if isinstance(what, Contained) else "{}"
        self.put_in[own] = {"resourceType"} if contained else set()
        self.line(depth, f"o{own} = {begin}")
        self.line(depth, f"g{own} = False")
        self.steps(depth, own, own, own, what.steps)
        if not any(f"g{own} = " in line for line in self.lines[before + 2 :]):
            del self.lines[before:]
            return False
        self.line(depth, f"if g{own} and o{own}:")
        depth += 1
        if isinstance(what, Contained):
            shown = None if what.display is None else leaf(fetch(self.scopes[own], what.display))
            self.line(depth, f"r = hold(o{own}, {what.type.lower()!r}, frame)")
            refers = "'reference': r"
            if shown is not None:
                refers += f", 'display': {self.expression(shown)}.strip()"
            self.put(depth, out, what.target, f"{{{refers}}}")
        else:
            if any_given:
                self.line(depth, f"if {any_given}:")
                self.line(depth + 1, f"frame.at = {what.path.text!r}")
                self.line(depth + 1, "repeated(frame)")
                self.line(depth + 1, "break")
            self.put(depth, out, what.target, f"o{own}")
        self.line(depth, f"g{given} = True")
        if any_given:
            self.line(depth, f"{any_given} = True")
            if contained:
                self.line(depth, "break")
        return True


def _first(target: Target) -> str:
    """Return the name that a target gives a value to, or to something below."""
    return target.text.partition(".")[0].partition("(")[0].removesuffix("[]")


def _cites(steps: Sequence[Step]) -> bool:
    """Tell whether any of the steps is run as it is: it may ask for other resources."""
    for step in steps:
        inner = step.what.step if isinstance(step.what, Unless) else step
        if inner.what is None or _cites(getattr(inner.what, "steps", ())):
            return True
    return False
