"""Whether a condition holds of one item in one situation: each is asked once, and only if needed.

Source: DESIGN §7: a decision within 50 µs. The answer is that of the condition's predicate; joined
conditions are asked part by part, and a fact without any predicate being made.
"""

from consent.condition import Condition, Join
from consent.facts import Item
from consent.predicate import TRUE
from consent.situation import Situation


class Truth:
    """What is known so far of one item in one situation."""

    __slots__ = ("_facts", "_item", "_known", "_situation")

    def __init__(self, situation: Situation, item: Item | None = None) -> None:
        """Know nothing of the item yet; without one, only what holds of every item is true."""
        self._situation = situation
        self._item = item
        self._facts = situation.asked
        self._known: dict[Condition, bool] = {}

    def of(self, condition: Condition) -> bool:
        """Tell whether the condition holds."""
        if condition.fact is not None:
            held = self._facts.get(condition)
            if held is None:
                held = self._facts[condition] = condition.fact(self._situation)
            return held
        held = self._known.get(condition)
        if held is None:
            held = self._known[condition] = self._asked(condition)
        return held

    def all(self, conditions: tuple[Condition, ...]) -> bool:
        """Tell whether every one holds."""
        of = self.of
        for each in conditions:  # noqa: SIM110  # a generator costs more than the answers
            if not of(each):
                return False
        return True

    def _asked(self, condition: Condition) -> bool:
        item = self._item
        if condition.fixed is not None and item is not None:
            return condition.fixed.holds(item)
        join = condition.join
        if join is None:
            predicate = self._situation.of(condition)
            return predicate == TRUE if item is None else predicate.holds(item)
        if join is Join.ALL:
            return self.all(condition.parts)
        if join is Join.NOT:
            return not self.of(condition.parts[0])
        of = self.of
        for part in condition.parts:  # noqa: SIM110  # as above
            if of(part):
                return True
        return False
