"""What follows from a decision: a table of obligations, each with the occasion for it.

Source: law.md §5.3. An occasion is a rung that was shown or a section that opened, and conditions
about the situation; never an item that stays hidden, so that an obligation reveals nothing more.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from consent.condition import Condition, both, either, fact, unless
from consent.decision import Obligation
from consent.emergency import (
    absolutely_needed,
    consent_cannot_be_obtained,
    danger_to_life_or_health,
)
from consent.facts import READING, Operation
from consent.predicate import TRUE
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

EVERY = frozenset(Operation)
LIFTING = frozenset({"SVOD 3:5", "PDL 4:5"})
JUDGED = frozenset({"SVOD 3:3", "SVOD 3:4", "SVOD 3:5", "SVOD 3:6"})


@dataclass(frozen=True, slots=True)
class Occasion:
    """An obligation, the rungs or sections that occasion it (none: always), and its conditions."""

    obligation: Obligation
    when: tuple[Condition, ...] = ()
    rungs: frozenset[Opens] = frozenset()
    sections: frozenset[str] = frozenset()
    of: frozenset[Operation] = READING

    def arises(
        self, situation: Situation, rungs: AbstractSet[Opens], opened: AbstractSet[str]
    ) -> bool:
        """Tell whether the obligation arises from what was shown and which sections opened."""
        if situation.request.op not in self.of:
            return False
        occasioned = not (self.rungs or self.sections) or bool(
            self.rungs & rungs or self.sections & opened
        )
        return occasioned and all(situation.of(each) == TRUE for each in self.when)


authority_of_a_kommun = fact(
    "reader.authority_of_a_kommun",
    "the reader's organisation is one authority among several of a kommun",
    lambda s: (
        (own := s.organisation(s.request.reader.organisation)) is not None
        and (own.part_of is not None or s.request.reader.authority is not None)
    ),
)
no_route_for_this_kind = either(
    both(is_omsorgspersonal, either(child_who_cannot_consent, lastingly_unable)),
    both(is_vardpersonal, danger_to_life_or_health, consent_cannot_be_obtained),
    both(is_omsorgspersonal, authority_of_a_kommun, unless(person_consents)),
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
    Occasion(Obligation.NOTIFY_LOG_REVIEW, sections=JUDGED | LIFTING, of=EVERY),
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
    return frozenset(each.obligation for each in OCCASIONS if each.arises(situation, rungs, opened))
