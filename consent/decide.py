"""The decision for one item: the law in force is walked section by section; nothing is the default.

Source: law.md §5.2. A gate that fails closes the item. Otherwise it shows what the sections open.
A rule that raises closes it too (P5).
"""

from collections.abc import Iterable

from consent.condition import Condition
from consent.decision import Decision, Obligation, Outcome
from consent.facts import READING, Item, Operation
from consent.law import Law, in_force, version
from consent.obligations import obligations
from consent.section import Opens, Section, Step, StepKind
from consent.situation import Situation


def decide(situation: Situation, item: Item, law: Law | None = None) -> Decision:
    """Return what the law in force at the request's instant says of `item`."""
    try:
        return _decide(situation, item, in_force(situation.day) if law is None else law)
    except Exception as error:  # noqa: BLE001  # P5: whatever goes wrong in a rule, it denies
        return Decision(
            Outcome.DENY,
            frozenset(),
            (),
            frozenset({Obligation.LOG}),
            version(situation.day),
            errors=(type(error).__name__,),
        )


def _decide(situation: Situation, item: Item, law: Law) -> Decision:
    walk = _Walk(situation, item)
    for section in law:
        walk.through(section)
    rungs = frozenset() if walk.closed_by else frozenset(walk.opened)
    basis, opened = walk.closed_by, frozenset[str]()
    outcome = Outcome.DENY
    if not walk.closed_by:
        opened = frozenset(cite for cites in walk.opened.values() for cite in cites)
        content = walk.opened.get(Opens.CONTENT)
        outcome = Outcome.PERMIT if content else Outcome.METADATA if rungs else Outcome.DENY
        basis = content or [*opened, *walk.failed, *walk.residual(law)]
    if situation.request.op is Operation.SEARCH:  # a hit is shown, or it is not
        rungs &= {Opens.CONTENT}
        outcome = Outcome.PERMIT if rungs else Outcome.DENY
    owed = obligations(situation, rungs, opened)
    return Decision(
        outcome,
        rungs - {Opens.CONTENT},
        tuple(dict.fromkeys(basis)),
        owed,
        version(situation.day),
        masked=item.masks if Obligation.MASK_IDENTITY in owed else frozenset(),
    )


class _Walk:
    """One item's way through the sections: what closed it, what opened, and what was tried."""

    def __init__(self, situation: Situation, item: Item) -> None:
        self.situation = situation
        self.item = item
        self.closed_by: list[str] = []
        self.opened: dict[Opens, list[str]] = {}
        self.failed: list[str] = []

    def through(self, section: Section) -> None:
        earlier: dict[tuple[Condition, ...], bool] = {}
        for step in section.steps:
            if self.situation.operation not in step.of or not self.hold(step.applies):
                continue
            held = self.hold(step.conditions)
            if step.kind is StepKind.GATE and not held:
                self.closed_by += self._cites(section, step)
            elif step.opens is not None:
                earlier[step.applies] = held = held and earlier.get(step.applies, True)
                if held:
                    self.opened.setdefault(step.opens, []).append(section.citation)
                else:
                    self.failed += self._cites(section, step)

    def hold(self, conditions: Iterable[Condition]) -> bool:
        return all(self.holds(each) for each in conditions)

    def holds(self, condition: Condition) -> bool:
        return self.situation.of(condition).holds(self.item)

    def _cites(self, section: Section, step: Step) -> list[str]:
        """The section, and those that its failed conditions rest on."""
        rests_on = [each.cites for each in step.conditions if each.cites and not self.holds(each)]
        also = section.also if step.kind is StepKind.GATE else ()
        return [section.citation, *also, *rests_on]

    def residual(self, law: Law) -> list[str]:
        if self.situation.operation not in READING:
            return []
        return [
            section.citation
            for section in law
            if section.residual is not None and self.hold(section.residual)
        ]
