"""Conditions about relations: patient of a vardgivare, recipient of an omsorgsgivare's service.

Source: SVOD 3:1 (a current patient relation; for a certificate an earlier one suffices), 3:2
(services that are given or investigated). After its period a current patient is former and an
ongoing service or investigation is ended.
"""

from datetime import date

from consent.condition import fact
from consent.facts import Item, Recipient, Regime, Relation, RelationKind, RelationState
from consent.item import NEW_SOL, OLD_SOL
from consent.situation import Situation, Switch

NEW_SOL_IN_FORCE = date(2025, 7, 1)
LIVE_SERVICE = (RelationState.ONGOING, RelationState.INVESTIGATION)


def _of_reader(situation: Situation, kind: RelationKind) -> list[Relation]:
    reader = situation.request.reader
    return [
        each
        for each in situation.facts.relations
        if each.kind is kind
        and each.organisation == reader.organisation
        and each.unit in (None, reader.unit)
    ]


def _begun(situation: Situation, relation: Relation) -> bool:
    start = relation.period.start
    return start is None or start <= situation.request.at


def _current_patient(situation: Situation) -> bool:
    return any(
        each.state is RelationState.CURRENT and each.period.holds(situation.request.at)
        for each in _of_reader(situation, RelationKind.PATIENT)
    )


def _has_been_patient(situation: Situation) -> bool:
    return any(_begun(situation, each) for each in _of_reader(situation, RelationKind.PATIENT))


def _live_services(situation: Situation) -> list[Relation]:
    return [
        each
        for each in _of_reader(situation, RelationKind.SERVICE)
        if each.state in LIVE_SERVICE and each.period.holds(situation.request.at)
    ]


def _within_1_1(situation: Situation, relation: Relation, *, old: bool) -> bool:
    """Judge the reader's service as given to somebody for whom it can be within SVOD 1:1."""
    if relation.service.startswith("LSS"):
        return True
    listed = OLD_SOL if old else NEW_SOL
    as_item = Item("", "", regime=Regime.SOL, service=relation.service, recipient=Recipient.OLDER)
    kept = not old and situation.switches[Switch.OLD_SOL_IN_SCOPE] and OLD_SOL.holds(as_item)
    return kept or listed.holds(as_item)


patient_is_current = fact(
    "relation.patient_is_current",
    "the person is a current patient of the reader's unit",
    _current_patient,
)
patient_is_or_was = fact(
    "relation.patient_is_or_was",
    "the person is or has been a patient of the reader's unit",
    _has_been_patient,
)
service_is_given_or_investigated = fact(
    "relation.service_is_given_or_investigated",
    "the person gets the reader's organisation's services or is under investigation for them",
    lambda s: bool(_live_services(s)),
)
service_is_within_1_1 = fact(
    "relation.service_is_within_1_1",
    "what is given or investigated is, in some part of it, a service that the act lists",
    lambda s: (
        not _live_services(s)
        or any(_within_1_1(s, each, old=s.day < NEW_SOL_IN_FORCE) for each in _live_services(s))
    ),
    cites="SVOD 1:1",
)
