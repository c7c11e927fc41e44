"""A plan written out as one Python function: what the walk of `consent.decide` asks, in its order.

Source: DESIGN §7: a decision within 50 µs. Asking condition by condition costs three times as much
as the answers. The text is made from the conditions and from nothing else: a fact and a predicate
of the situation become a local name that is asked once, a predicate over columns becomes a
comparison, and joined conditions become `and`, `or`, `not`. What is only needed of an item that
stays closed (which section to cite) is asked through `consent.truth`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from consent.condition import Condition, Join
from consent.facts import Item
from consent.plan import Planned
from consent.predicate import (
    Absent,
    All,
    Before,
    Column,
    Constant,
    Not,
    OneOf,
    Predicate,
    Some,
    place_of,
)
from consent.situation import Situation

Asked = dict[Condition, bool]
NEVER, ALWAYS = "False", "True"


class Walker(Protocol):
    """What is told where the walk is, and what it comes to."""

    at: str

    def closes(self, planned: Planned) -> None:
        """A gate failed."""

    def opens(self, planned: Planned) -> None:
        """A step opened a rung, or content."""

    def fails(self, planned: Planned) -> None:
        """A step that might have opened did not."""


Walk = Callable[[Walker, Situation, Item, Asked], None]


def written_out(plan: Sequence[Planned]) -> Walk:
    """Return the function that walks an item through the steps; a rule that raises ends it.

    Its last argument holds what facts came to, and is added to.
    """
    return _made(plan)[0]


def text(plan: Sequence[Planned]) -> str:
    """Return the text of that function, for whoever wants to read it."""
    return _made(plan)[1]


def _made(plan: Sequence[Planned]) -> tuple[Walk, str]:
    writer = _Writer(plan)
    body = writer.steps(plan)
    unasked = " = ".join(writer.asked) + " = None" if writer.asked else "pass"
    source = "\n    ".join(["def walk(walker, situation, item, asked):", unasked, *body, "return"])
    # The text holds names and operators made here; every value is bound to a name, none is in it.
    exec(compile(source, "<the law, written out>", "exec"), writer.bound)  # noqa: S102  # nosec B102
    return writer.bound["walk"], source


class _Writer:
    """The text of a walk, and what its names are bound to."""

    def __init__(self, plan: Sequence[Planned]) -> None:
        self.bound: dict[str, Any] = {"fact": _fact}
        self.asked: list[str] = []
        self._names: dict[Condition, str] = {}
        self._often = _met(plan)

    def steps(self, plan: Sequence[Planned]) -> list[str]:
        """Return the lines of the walk."""
        members = Counter(each.group for each in plan if not each.is_gate)
        lines = [f"g{group} = True" for group, count in members.items() if count > 1]
        for planned in plan:
            step = self._bind("s", planned)
            lines.append(f"walker.at = {self._bind('c', planned.section.citation)}")
            margin = ""
            if planned.applies:
                lines.append(f"if {self._all(planned.applies)}:")
                margin = "    "
            held = NEVER if planned.conditions is None else self._all(planned.conditions)
            if planned.is_gate:
                lines += [f"{margin}if not ({held}):", f"{margin}    walker.closes({step})"]
                continue
            together = members[planned.group] > 1
            holds = f"({held}) and g{planned.group}" if together else held
            lines += [
                f"{margin}if {holds}:",
                f"{margin}    walker.opens({step})",
                f"{margin}else:",
                *([f"{margin}    g{planned.group} = False"] if together else []),
                f"{margin}    walker.fails({step})",
            ]
        return lines

    def _all(self, conditions: Sequence[Condition]) -> str:
        return " and ".join(map(self._told, conditions)) or ALWAYS

    def _told(self, condition: Condition) -> str:
        """A condition as an expression; kept in a local name where it is asked more than once."""
        name = self._names.get(condition)
        if name is not None:
            return name
        if condition.fact is not None:
            named = self._bind("c", condition), self._bind("t", condition.fact)
            once = self._once(f"fact({', '.join(named)}, situation, asked)")
        elif condition.join is not None:
            once = self._joined(condition)
        elif condition.fixed is not None:
            once = self._column(condition.fixed)
        else:
            once = f"situation.of({self._bind('c', condition)}).holds(item)"
            once = self._once(once)
        if condition.fact is None and self._often[condition] > 1:
            once = self._once(once)
        self._names[condition] = once
        return once

    def _once(self, expression: str) -> str:
        name = f"a{len(self.asked)}"
        self.asked.append(name)
        return f"({name} if {name} is not None else ({name} := {expression}))"

    def _joined(self, condition: Condition) -> str:
        parts = [self._told(part) for part in condition.parts]
        if condition.join is Join.NOT:
            return f"(not {parts[0]})"
        if condition.join is Join.ALL:
            return f"({' and '.join(parts) or ALWAYS})"
        return f"({' or '.join(parts) or NEVER})"

    def _column(self, predicate: Predicate) -> str:
        match predicate:
            case Constant(value=value):
                return ALWAYS if value else NEVER
            case OneOf(column=column, values=values):
                return f"({_read(column)} in {self._bind('v', values)})"
            case Absent(column=column):
                return f"({_read(column)} is None)"
            case Not(other=other):
                return f"(not {self._column(other)})"
            case All(parts=parts):
                return f"({' and '.join(map(self._column, parts)) or ALWAYS})"
            case Some(parts=parts):
                return f"({' or '.join(map(self._column, parts)) or NEVER})"
            case Before():
                return f"{self._bind('p', predicate)}.holds(item)"
            case _:
                raise TypeError(f"{type(predicate).__name__} is not written out")

    def _bind(self, letter: str, value: object) -> str:
        name = f"{letter}{len(self.bound)}"
        self.bound[name] = value
        return name


def _read(column: Column) -> str:
    return f"item.{place_of(column)}"


def _fact(
    condition: Condition, test: Callable[[Situation], bool], situation: Situation, asked: Asked
) -> bool:
    held = asked.get(condition)
    if held is None:
        held = asked[condition] = test(situation)
    return held


def _met(plan: Sequence[Planned]) -> Counter[Condition]:
    """How often each condition is written down by name."""
    met: Counter[Condition] = Counter()

    def meet(condition: Condition) -> None:
        met[condition] += 1
        if met[condition] == 1:
            for part in condition.parts:
                meet(part)

    for planned in plan:
        for each in (*planned.applies, *(planned.conditions or ())):
            meet(each)
    return met
