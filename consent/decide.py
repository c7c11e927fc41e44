"""The decision for one item: the law in force is walked section by section; nothing is the default.

Source: law.md §5.2. A gate that fails closes the item. Otherwise it shows what the sections open.
A rule that raises closes it too (P5).
"""

from functools import lru_cache

from consent.decision import Decision, Obligation, Outcome
from consent.facts import READING, Item, Operation
from consent.law import Law, in_force, version
from consent.obligations import obligations
from consent.plan import OWN, PLANS_KEPT, Planned, Side, plan
from consent.section import Opens
from consent.situation import Situation
from consent.truth import Truth
from consent.written_out import Walk, written_out

ALWAYS = frozenset({Obligation.LOG})


def decide(situation: Situation, item: Item, law: Law | None = None) -> Decision:
    """Return what the law in force at the request's instant says of `item`."""
    sections = in_force(situation.day) if law is None else law
    walk = _Walk(Truth(situation, item))
    try:
        return _decide(situation, item, sections, walk)
    except Exception as error:  # noqa: BLE001  # P5: whatever goes wrong in a rule, it denies
        wrong = f"{walk.at}: {type(error).__name__}"
        name = version(sections) + situation.otherwise
        return Decision(Outcome.DENY, frozenset(), (), ALWAYS, name, errors=(wrong,))


@lru_cache(maxsize=PLANS_KEPT)
def way(law: Law, operation: Operation, side: Side) -> Walk:
    """Return the walk through the sections that have something to say to such a reader."""
    return written_out(plan(law, operation, side))


def _decide(situation: Situation, item: Item, law: Law, walk: "_Walk") -> Decision:
    operation = situation.operation
    capacity = situation.request.reader.as_
    own = OWN.get(capacity)
    side = Side(capacity, own is not None and walk.truth.of(own))
    way(law, operation, side)(walk, situation, item, situation.asked)
    rungs = frozenset() if walk.closed_by else frozenset(walk.opened)
    basis, opened = walk.closed_by, dict[str, None]()
    outcome = Outcome.DENY
    if not walk.closed_by:
        opened = dict.fromkeys(cite for cites in walk.opened.values() for cite in cites)
        content = walk.opened.get(Opens.CONTENT)
        outcome = Outcome.PERMIT if content else Outcome.METADATA if rungs else Outcome.DENY
        residual = walk.residual(law) if operation in READING and not content else []
        failed = () if content else walk.failed
        tried = [cite for planned in failed for cite in walk.cites(planned)]
        basis = content or [*opened, *tried, *residual]
    if situation.request.op is Operation.SEARCH:  # a hit is shown, or it is not
        rungs &= {Opens.CONTENT}
        outcome = Outcome.PERMIT if rungs else Outcome.DENY
    walk.at = "obligations"
    owed = obligations(situation, rungs, opened.keys())
    return Decision(
        outcome,
        rungs - {Opens.CONTENT},
        tuple(dict.fromkeys(basis)),
        owed,
        version(law) + situation.otherwise,
        masked=item.masks if Obligation.MASK_IDENTITY in owed else frozenset(),
    )


class _Walk:
    """One item's way through the sections: what closed it, what opened, and what was tried.

    `at` is the section that is being tried, for the one who asks what went wrong.
    """

    __slots__ = ("at", "closed_by", "failed", "opened", "truth")

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.at = "the law"
        self.closed_by: list[str] = []
        self.opened: dict[Opens, list[str]] = {}
        self.failed: list[Planned] = []

    def closes(self, planned: Planned) -> None:
        """Take note of a gate that failed."""
        self.closed_by += self.cites(planned)

    def opens(self, planned: Planned) -> None:
        """Take note of a step that opened a rung, or content."""
        self.opened.setdefault(planned.opens, []).append(self.at)

    def fails(self, planned: Planned) -> None:
        """Take note of a step that might have opened."""
        self.failed.append(planned)

    def cites(self, planned: Planned) -> list[str]:
        """The section, and those that its failed conditions rest on."""
        step = planned.step
        of = self.truth.of
        rests_on = [each.cites for each in step.conditions if each.cites and not of(each)]
        return [planned.section.citation, *step.also, *rests_on]

    def residual(self, law: Law) -> list[str]:
        return [
            section.citation
            for section in law
            if section.residual is not None and self.truth.all(section.residual)
        ]
