"""What follows from a decision: a table of obligations, each with the occasion for it.

Source: law.md §5.3. An occasion is a rung that was shown or a section that opened, and conditions
about the situation; never an item that stays hidden, so that an obligation reveals nothing more.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from consent.condition import Condition, both, either, fact, unless
from consent.decision import Obligation
from consent.emergency import (
    absolutely_needed,
    consent_cannot_be_obtained,
    danger_to_life_or_health,
)
from consent.facts import READING, Capacity, Operation
from consent.plan import Side, left
from consent.reader import (
    child_who_cannot_consent,
    chose_nothing,
    chose_to_look,
    identity_is_protected,
    is_individual,
    is_omsorgspersonal,
    is_staff,
    is_vardpersonal,
    lastingly_unable,
    person_is_alive,
    relevant,
    takes_part,
)
from consent.samtycke import could_be_asked, person_consents
from consent.section import Opens
from consent.situation import Situation
from consent.sparr import outer_block_lifted, outer_block_lifted_without_consent
from consent.truth import Truth

Settled = tuple[Obligation, tuple[Condition, ...]]
OCCASIONS_KEPT = 4096
EVERY = frozenset(Operation)
LIFTING = frozenset({"SVOD 3:5", "PDL 4:5"})
THROUGH_THE_ACT = frozenset({"SVOD 3:1", "SVOD 3:2", "SVOD 3:3", "SVOD 3:4", "SVOD 3:6"})
JUDGED = frozenset({"SVOD 3:3", "SVOD 3:4", "SVOD 3:5", "SVOD 3:6"})


@dataclass(frozen=True, slots=True)
class Occasion:
    """An obligation, the rungs or sections that occasion it (none: always), and its conditions."""

    obligation: Obligation
    when: tuple[Condition, ...] = ()
    rungs: frozenset[Opens] = frozenset()
    sections: frozenset[str] = frozenset()
    of: frozenset[Operation] = READING


def _one_of_several_authorities(situation: Situation) -> bool:
    own = situation.organisation(situation.request.reader.organisation)
    if own is None or own.part_of is not None or situation.request.reader.authority is not None:
        return own is not None
    return any(each.part_of == own.id for each in situation.facts.organisations.values())


authority_of_a_kommun = fact(
    "reader.authority_of_a_kommun",
    "the reader's organisation is one authority among several of a kommun or region",
    _one_of_several_authorities,
)
no_route_for_this_kind = either(
    both(is_omsorgspersonal, either(child_who_cannot_consent, lastingly_unable)),
    both(is_vardpersonal, danger_to_life_or_health, consent_cannot_be_obtained),
    both(is_staff, unless(person_consents), authority_of_a_kommun),
)

OCCASIONS = (
    Occasion(Obligation.LOG, of=EVERY),
    Occasion(Obligation.PROMPT_ACTIVE_CHOICE, (is_vardpersonal, chose_nothing)),
    Occasion(
        Obligation.PROMPT_ACTIVE_CHOICE, (is_vardpersonal, chose_to_look), frozenset({Opens.I1})
    ),
    Occasion(Obligation.SHOW_B0, rungs=frozenset({Opens.B0})),
    Occasion(Obligation.ASK_CONSENT, (could_be_asked, relevant), frozenset({Opens.U0})),
    Occasion(Obligation.REQUEST_LIFT, (absolutely_needed, relevant), frozenset({Opens.B1})),
    Occasion(
        Obligation.REQUEST_LIFT,
        (absolutely_needed, relevant, consent_cannot_be_obtained),
        frozenset({Opens.I1}),
        frozenset({"PDL 4:5"}),
    ),
    Occasion(Obligation.RECORD_ASSESSMENT, sections=JUDGED, of=EVERY),
    Occasion(
        Obligation.RECORD_ASSESSMENT,
        (child_who_cannot_consent,),
        sections=frozenset({"SVOD 3:1", "SVOD 3:2"}),
    ),
    Occasion(
        Obligation.RECORD_ASSESSMENT,
        (consent_cannot_be_obtained,),
        sections=frozenset({"PDL 4:5"}),
        of=EVERY,
    ),
    Occasion(Obligation.REQUEST_LIFT, sections=LIFTING, of=frozenset({Operation.REQUEST_LIFT})),
    Occasion(
        Obligation.RECORD_ASSESSMENT,
        (outer_block_lifted_without_consent,),
        frozenset({Opens.CONTENT}),
    ),
    Occasion(Obligation.NOTIFY_LOG_REVIEW, sections=JUDGED | LIFTING, of=EVERY),
    Occasion(Obligation.NOTIFY_LOG_REVIEW, (outer_block_lifted,), frozenset({Opens.CONTENT})),
    Occasion(Obligation.REEVALUATE_EACH_FETCH, sections=THROUGH_THE_ACT),
    Occasion(Obligation.NOTIFY_LOG_REVIEW, (is_staff, unless(takes_part)), of=EVERY),
    Occasion(Obligation.NOTIFY_LOG_REVIEW, (identity_is_protected,), of=EVERY),
    Occasion(Obligation.MASK_IDENTITY, (identity_is_protected,), frozenset({Opens.CONTENT})),
    Occasion(
        Obligation.NO_CACHE_BEYOND_SESSION, (identity_is_protected,), frozenset({Opens.CONTENT})
    ),
    Occasion(
        Obligation.REQUEST_MANUAL_DISCLOSURE, (no_route_for_this_kind,), frozenset({Opens.U0})
    ),
    Occasion(Obligation.REQUEST_MANUAL_DISCLOSURE, (is_staff, unless(person_is_alive))),
    Occasion(Obligation.REQUEST_MANUAL_DISCLOSURE, (is_individual,)),
)


def obligations(
    situation: Situation, rungs: AbstractSet[Opens], opened: AbstractSet[str]
) -> frozenset[Obligation]:
    """Return what is owed when these rungs (content among them) were shown by these sections."""
    shown = (frozenset(rungs), frozenset(opened))
    known: frozenset[Obligation] | None = situation.owed.get(shown)
    if known is None:
        known = situation.owed[shown] = _owed(situation, *shown)
    return known


def _owed(
    situation: Situation, rungs: frozenset[Opens], opened: frozenset[str]
) -> frozenset[Obligation]:
    truth = Truth(situation)
    request = situation.request
    occasions = _for(request.op, request.reader.as_, rungs, opened)
    return frozenset(obligation for obligation, when in occasions if truth.all(when))


@lru_cache(maxsize=OCCASIONS_KEPT)
def _for(
    op: Operation, capacity: Capacity, rungs: frozenset[Opens], opened: frozenset[str]
) -> tuple[Settled, ...]:
    """Return what may arise when this was shown, with what is left to be asked."""
    found = []
    for each in OCCASIONS:
        when = left(each.when, Side(capacity, own=False))
        occasioned = not (each.rungs or each.sections) or each.rungs & rungs
        if op in each.of and when is not None and (occasioned or each.sections & opened):
            found.append((each.obligation, when))
    return tuple(found)
