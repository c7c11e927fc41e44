"""The written facts of a scenario as the engine's own types, and what contradicts itself there."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from consent.facts import (
    Assessment,
    Facts,
    Item,
    Lift,
    Organisation,
    Person,
    Relation,
    RelationKind,
    RelationState,
    Samtycke,
    Sparr,
)
from consent.period import ALWAYS, Period, instant, period
from hub.config.entry import reversed_dates
from hub.config.organisations_file import duplicates
from hub.config.problem import Problem
from hub.config.written import Place, Written
from hub.local_clock import closing, opening
from hub.scenario.facts_format import FactsEntry, ItemFact, PersonFact, RelationFact

SHORTEST = timedelta(seconds=1)
"""The span of an information's date that is given as a time: the store's precision."""

STATES = {
    RelationKind.PATIENT: (RelationState.CURRENT, RelationState.FORMER),
    RelationKind.SERVICE: (
        RelationState.ONGOING,
        RelationState.INVESTIGATION,
        RelationState.ENDED,
    ),
}


def facts_from(entry: FactsEntry) -> Facts:
    """Return the facts without the items."""
    return Facts(
        organisations={
            each.id: Organisation(
                each.id, each.kind, each.part_of, each.connected, each.offers_own_access
            )
            for each in entry.organisations
        },
        person=_person(entry.person),
        relations=tuple(_relation(each) for each in entry.relations),
        consents=tuple(
            Samtycke(
                giver=each.giver,
                organisation=each.organisation,
                answer=each.answer,
                unit=each.unit,
                user=each.user,
                as_=each.as_,
                period=opening(each.from_, each.to),
                withdrawn_at=_instant(each.withdrawn_at),
            )
            for each in entry.consents
        ),
        blocks=tuple(
            Sparr(
                id=each.id,
                kind=each.kind,
                owner=each.owner,
                unit=each.unit,
                process=each.process,
                information=closing(each.info_from, each.info_to),
                excluded_types=frozenset(each.excluded_types),
                set_at=_instant(each.set_at),
                set_by=each.set_by,
            )
            for each in entry.blocks
        ),
        lifts=tuple(
            Lift(
                block=each.block,
                ground=each.ground,
                organisation=each.organisation,
                unit=each.unit,
                user=each.user,
                period=opening(each.from_, each.to),
                of_units=frozenset(each.of_units),
                of_types=frozenset(each.of_types),
            )
            for each in entry.lifts
        ),
        assessments=tuple(
            Assessment(each.by, each.clarified, each.reason_to_think_opposed, each.kind)
            for each in entry.assessments
        ),
    )


def item_from(entry: ItemFact) -> Item:
    """Return one documented thing; a date is all of that day."""
    return Item(
        id=entry.id,
        owner=entry.owner,
        authority=entry.authority,
        unit=entry.unit,
        process=entry.process,
        regime=entry.regime,
        service=entry.service,
        recipient=entry.recipient,
        info_type=entry.info_type,
        date=ALWAYS if entry.date is None else _span(entry.date),
        collected_for=entry.collected_for,
        per_person_file=entry.per_person_file,
        informed=entry.informed,
        availability=entry.availability,
        available_since=_instant(entry.available_since),
        secret_from_person=entry.secret_from_person,
        masks=frozenset(entry.masks),
    )


def _span(written: date) -> Period:
    if isinstance(written, datetime):
        start = instant(written)
        return Period(start, start + SHORTEST)
    return period(written, written)


def _instant(written: date | None) -> datetime | None:
    return None if written is None else instant(written)


def _person(entry: PersonFact) -> Person:
    return Person(
        age=entry.age,
        can_consent_self=entry.can_consent_self,
        capacity=entry.capacity,
        lacking_since=_instant(entry.lacking_since),
        deceased=_instant(entry.deceased),
        protected_identity=entry.protected_identity,
    )


def _relation(entry: RelationFact) -> Relation:
    return Relation(
        organisation=entry.organisation,
        kind=entry.kind,
        state=entry.state or STATES[entry.kind][0],
        unit=entry.unit,
        service=entry.service,
        period=opening(entry.from_, entry.to),
    )


def wrong_facts(entry: FactsEntry, written: Written, place: Place) -> Iterator[Problem]:
    """Yield what contradicts itself in facts that are well formed; `place` is where they stand."""
    for key in ("organisations", "items", "blocks"):
        ids = [each.id for each in getattr(entry, key)]
        yield from duplicates(ids, written, (*place, key))
    for index, relation in enumerate(entry.relations):
        here = (*place, "relations", index)
        states = STATES[relation.kind]
        if relation.state is not None and relation.state not in states:
            what = f"a relation of kind {relation.kind} is never in this state"
            yield written.problem((*here, "state"), what, f"write one of {', '.join(states)}")
    blocks = {block.id for block in entry.blocks}
    for index, lift in enumerate(entry.lifts):
        if lift.block not in blocks:
            here = (*place, "lifts", index, "block")
            yield written.problem(here, "no block has this id", "name one of the blocks above")
    yield from _reversed(entry, written, place)


def _reversed(entry: FactsEntry, written: Written, place: Place) -> Iterator[Problem]:
    ends: list[tuple[str, str, list[tuple[date | None, date | None]]]] = [
        ("relations", "to", [(each.from_, each.to) for each in entry.relations]),
        ("consents", "to", [(each.from_, each.to) for each in entry.consents]),
        ("lifts", "to", [(each.from_, each.to) for each in entry.lifts]),
        ("blocks", "info_to", [(each.info_from, each.info_to) for each in entry.blocks]),
    ]
    for key, end, periods in ends:
        for index, (start, stop) in enumerate(periods):
            if reversed_dates(start, stop):
                here = (*place, key, index, end)
                yield written.problem(here, "the period ends before it begins", "correct the dates")
