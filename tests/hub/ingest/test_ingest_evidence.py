"""What documents say of relations (SVOD 3:1, 3:2): fresh for a while, and ended means ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent.facts import (
    Facts,
    InfoType,
    Item,
    Regime,
    Relation,
    RelationKind,
    RelationState,
)
from consent.period import Period
from hub.ingest.evidence import record_evidence, relation_of
from hub.store.evidence import evidence_id
from hub.store.facts import Fact, facts_of, record_facts
from hub.store.incoming import Incoming
from hub.store.purge import Chosen, doomed, purge
from tests.hub.ingest.desk import ALL_SOCIAL, NOON, SOCIAL, Desk
from tests.hub.ingest.documents import AINA, NAMND, REGION, WARD, Served, export

DAY = timedelta(days=1)
VISIT = datetime(2026, 3, 1, 9, tzinfo=UTC)
CONTACT = Item("", REGION, unit=WARD, info_type=InfoType.CONTACT, date=Period(VISIT, VISIT))
SERVICE = Item("", NAMND, regime=Regime.SOL, service="SoL 8:1", info_type=InfoType.DECISION)


def _encounter(status: str = "finished") -> dict[str, Any]:
    return {"resourceType": "Encounter", "id": "e1", "status": status}


def test_a_contact_is_a_relation_of_its_unit_for_ninety_days() -> None:
    expected = Relation(
        REGION,
        RelationKind.PATIENT,
        RelationState.CURRENT,
        WARD,
        period=Period(VISIT, VISIT + 90 * DAY),
    )
    assert relation_of(_encounter(), CONTACT, NOON) == expected


def test_a_planned_contact_counts_from_when_it_is_known() -> None:
    planned = replace(CONTACT, date=Period(NOON + 10 * DAY, None))
    found = relation_of(_encounter("planned"), planned, NOON)
    assert found is not None
    assert found.period == Period(NOON, NOON + 100 * DAY)


@pytest.mark.parametrize(
    ("resource", "item"),
    [
        (_encounter("cancelled"), CONTACT),
        (_encounter("entered-in-error"), CONTACT),
        (_encounter(), replace(CONTACT, withdrawn=True)),
        (_encounter(), replace(CONTACT, date=Period())),
        ({"resourceType": "Condition", "id": "c"}, CONTACT),
        (_encounter(), replace(SERVICE, info_type=InfoType.SOCIAL_JOURNAL)),
        ({"resourceType": "ServiceRequest", "id": "s"}, replace(SERVICE, service=None)),
    ],
)
def test_what_is_no_evidence(resource: dict[str, Any], item: Item) -> None:
    assert relation_of(resource, item, NOON) is None


def test_a_service_ends_when_it_was_decided_to() -> None:
    order = {"resourceType": "ServiceRequest", "id": "s", "occurrencePeriod": {"end": "2026-04-30"}}
    found = relation_of(order, replace(SERVICE, date=Period(VISIT, VISIT)), NOON)
    assert found is not None
    assert found.period.end == datetime(2026, 4, 30, 22, tzinfo=UTC)


def _relations(desk: Desk) -> tuple[Relation, ...]:
    with desk.store.read() as connection:
        return facts_of(connection, [desk.person()]).relations


def _record(desk: Desk, *incoming: Incoming, gone: tuple[tuple[str, str], ...] = ()) -> None:
    desk.now += DAY
    with desk.store.write() as connection:
        record_evidence(connection, desk.person(), "journal", incoming, gone, desk.now)


def test_evidence_follows_its_document(desk: Desk) -> None:
    desk.know(Facts())
    incoming = Incoming(_encounter(), CONTACT, "journal")
    _record(desk, incoming)
    _record(desk, incoming)
    assert len(_relations(desk)) == 1
    _record(desk, Incoming(_encounter("cancelled"), CONTACT, "journal"))
    assert _relations(desk) == ()
    _record(desk, incoming)
    assert len(_relations(desk)) == 1
    _record(desk, gone=(("Encounter", "e1"),))
    assert _relations(desk) == ()


def test_what_somebody_has_ended_no_document_brings_back(desk: Desk) -> None:
    desk.know(Facts())
    incoming = Incoming(_encounter(), CONTACT, "journal")
    _record(desk, incoming)
    (relation,) = _relations(desk)
    ended = replace(relation, period=Period(VISIT, desk.now))
    name = evidence_id("journal", "Encounter", "e1")
    with desk.store.write() as connection:
        record_facts(connection, desk.person(), [Fact(name, ended)], desk.now, "api:nurse")
    _record(desk, incoming)
    assert _relations(desk) == (ended,)


@pytest.mark.parametrize("says", [True, False])
def test_a_source_that_is_said_to_gives_relations(
    desk: Desk,
    says: bool,  # noqa: FBT001  # a column of the table
) -> None:
    desk.know(Facts())
    desk.take(export(Served()), replace(SOCIAL, relations=says))
    found = _relations(desk)
    assert bool(found) is says
    for each in found:
        assert (each.organisation, each.kind) == (NAMND, RelationKind.SERVICE)
        assert each.service == "SoL 8:1"


def _purge(desk: Desk, chosen: Chosen) -> None:
    desk.now += DAY
    with desk.store.write() as connection:
        found = doomed(connection, desk.person(), chosen)
        purge(connection, desk.key, found, "ivo", desk.now)


def test_what_was_purged_is_evidence_of_nothing(desk: Desk) -> None:
    desk.know(Facts())
    desk.take(export(Served()), replace(SOCIAL, relations=True))
    before = _relations(desk)
    assert before
    _purge(desk, Chosen(source="another"))
    assert _relations(desk) == before
    _purge(desk, Chosen(owner=NAMND))
    assert _relations(desk) == ()


def test_a_decision_that_has_disappeared_says_nothing(desk: Desk) -> None:
    desk.know(Facts())
    source = replace(ALL_SOCIAL, relations=True)
    desk.take(export(Served()), source)
    assert _relations(desk)
    desk.take(export(Served(AINA)), source)
    assert _relations(desk) == ()
