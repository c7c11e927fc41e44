"""What would be decided otherwise: the same facts under two laws, or two sets of facts.

Source: DESIGN P8: a past access can be decided again with the facts known then or now, under the
law then, now or in draft.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from consent.decide import decide
from consent.decision import Decision
from consent.facts import Item
from consent.law import Law
from consent.situation import Situation


@dataclass(frozen=True, slots=True)
class Change:
    """One item that is decided otherwise: before and after, and the sections that make it so.

    `by` are the sections, among those that either decision rests on, which the two laws write
    differently; where the law is the same, those that decide in one case alone.
    """

    item: str
    before: Decision
    after: Decision
    by: tuple[str, ...]

    @property
    def no_longer(self) -> tuple[str, ...]:
        """Return the sections that decided before and do not any more."""
        return tuple(each for each in self.before.basis if each not in self.after.basis)

    @property
    def newly(self) -> tuple[str, ...]:
        """Return the sections that decide now and did not before."""
        return tuple(each for each in self.after.basis if each not in self.before.basis)


def whatif(
    situation: Situation,
    items: Iterable[Item],
    law: Law,
    *,
    otherwise: Situation | None = None,
    other_law: Law | None = None,
) -> list[Change]:
    """Return the items that are decided otherwise in another situation, or under another law."""
    changes = []
    for item in items:
        before = decide(situation, item, law)
        after = decide(otherwise or situation, item, other_law or law)
        if (before.outcome, before.rungs) != (after.outcome, after.rungs):
            by = _by(before, after, law, other_law or law)
            changes.append(Change(item.id, before, after, by))
    return changes


def _by(before: Decision, after: Decision, law: Law, other: Law) -> tuple[str, ...]:
    cited = dict.fromkeys((*before.basis, *after.basis))
    differing = {each.citation for each in {*law} ^ {*other}}
    by_law = tuple(each for each in cited if each in differing)
    return by_law or tuple(
        each for each in cited if (each in before.basis) != (each in after.basis)
    )
