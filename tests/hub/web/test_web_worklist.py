"""The review worklist over the console: what is on it, in which order, and what is judged."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from consent.facts import Facts, Relation, RelationKind, RelationState
from consent.period import STOCKHOLM
from hub.audit.errors import AuditUnavailable
from hub.audit.record import Action, Shown
from hub.audit.writer import AuditWriter
from hub.review import looking
from hub.review.looking import look
from hub.review.sample import ONE_IN, commit, drawn, following, seed
from hub.store.directory import load_organisations
from hub.store.schema.audit import audit_record
from hub.store.schema.review import REVIEW_ITEM, REVIEW_JUDGEMENT, REVIEW_PROGRESS, REVIEW_SAMPLE
from tests.hub.web.conftest import LogIn
from tests.hub.web.visiting import INJECTED, Visitor, access, csrf, text_of
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    FROM,
    OLOF,
    ORGANISATIONS,
    REGION,
    SIGNE,
    TALKS,
    WARD,
    World,
    documented,
)

LIST = "/granskning/arbetslista"
MARCH = f"{LIST}?period=2026-03"
SECOND_AUDITOR = replace(AUDITOR, user="auditor-2")


def _know_everybody(world: World, **more: object) -> None:
    """Signe is a patient of the ward; the region has two reviewers, and staff with a name."""
    relation = Relation(REGION, RelationKind.PATIENT, RelationState.CURRENT, WARD)
    world.know(Facts(relations=(relation,)))
    (region, *others) = ORGANISATIONS
    auditor = next(each for each in region.staff if each.id == "auditor")
    second = replace(auditor, id="auditor-2")
    named = tuple(
        replace(each, name="Wilma Ekskog", number=OLOF) if each.id == "ward-doctor" else each
        for each in region.staff
    )
    region = replace(region, staff=(*named, second), **more)  # type: ignore[arg-type]
    with world.store.write() as connection:
        load_organisations(connection, (region, *others), FROM)


def _looked(world: World) -> None:
    world.hub.sequencer.sequence_now()
    while look(world.hub).remaining:
        pass


def _rows(world: World) -> dict[str, tuple[str, int, str]]:
    with world.store.read() as connection:
        rows = connection.execute(select(REVIEW_ITEM)).all()
    return {row.record: (row.reasons, row.rank, row.state) for row in rows}


@pytest.fixture
def reviewed(logged: World) -> World:
    """Accesses that nothing explains, that the law asks for, and that relations explain."""
    _know_everybody(logged)
    logged.hub.log.append_all(
        [
            access(logged, 20, grounds=("SVOD 3:6",)),
            access(logged, 21, person=logged.person(OLOF), flags=("no-relation",)),
            access(logged, 22),
            access(logged, 23, action=Action.LIFT),
            access(logged, 24, user="auditor", flags=("no-relation",), person="somebody"),
            access(logged, 25, organisation=CLINIC, unit=TALKS, flags=("no-relation",)),
        ]
    )
    _looked(logged)
    return logged


def _form(reply_proof: str, **fields: str) -> dict[str, str]:
    usual = {"csrf": reply_proof, "bedomning": "justified", "atgard": "none", "sedda": "0"}
    return {**usual, "anteckning": "", **fields}


def test_what_nothing_explains_comes_first(reviewed: World) -> None:
    found = _rows(reviewed)
    assert found["record-21"][0] == "colleague,no-relation"
    assert found["record-20"][0] == "emergency"
    assert found["record-23"][0] == "lift"
    assert "record-22" not in found
    visitor = Visitor(reviewed)
    visitor.log_in(AUDITOR)
    body = visitor.get(MARCH).body.decode()
    order = [each for each in ("21", "24", "23", "20") if f"{LIST}/record-{each}" in body]
    places = [body.index(f'{LIST}/record-{each}"') for each in order]
    assert places == sorted(places)
    assert len(order) == 4
    assert "record-25" not in body  # another organisation's staff: that one reviews it
    assert "record-3" not in body


def test_the_same_surname_and_address_are_found_through_the_own_scope(logged: World) -> None:
    (region, *others) = ORGANISATIONS
    doctor = next(each for each in region.staff if each.id == "ward-doctor")
    alike = replace(doctor, name="Bo Ekskog", address="Storgatan 1, 123 45")
    rest = tuple(each for each in region.staff if each is not doctor)
    with logged.store.write() as connection:
        load_organisations(connection, (replace(region, staff=(*rest, alike)), *others), FROM)
    patient = {
        "resourceType": "Patient",
        "id": "signe-at-the-region",
        "name": [{"family": "Ekskog", "given": ["Signe"]}],
        "address": [{"line": ["Storgatan 1"], "postalCode": "123 45"}],
    }
    relation = Relation(REGION, RelationKind.PATIENT, RelationState.CURRENT, WARD)
    logged.know(Facts(relations=(relation,)))
    logged.hold([(patient, documented(REGION, WARD))])
    elsewhere = {**patient, "id": "signe-elsewhere", "name": [{"family": "Hidden"}]}
    logged.hold([(elsewhere, documented(CLINIC, TALKS))])
    logged.hub.log.append(access(logged, 30))
    logged.hub.log.append(access(logged, 31, organisation=CLINIC, unit=TALKS, user="therapist"))
    _looked(logged)
    found = _rows(logged)
    assert found["record-30"][0] == "same-address,same-surname"
    assert "record-31" not in found or "same" not in found["record-31"][0]


def test_each_record_is_looked_through_once_by_any_number_of_processes(logged: World) -> None:
    _know_everybody(logged)
    logged.hub.log.append_all(
        [access(logged, n, person=f"p{n}", flags=("no-relation",)) for n in range(100, 140)]
    )
    logged.hub.sequencer.sequence_now()
    first = look(logged.hub, at_a_time=5)
    assert first.looked == 5
    assert first.remaining > 0
    while look(logged.hub, at_a_time=7).remaining:
        pass
    assert {f"record-{n}" for n in range(100, 140)} <= set(_rows(logged))
    assert look(logged.hub) == replace(first, looked=0, remaining=0)


def test_a_slower_process_puts_nothing_back(logged: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one process looks at two records, another looks at ten and is done first."""
    logged.hub.log.append_all([access(logged, n) for n in range(100, 140)])
    logged.hub.sequencer.sequence_now()
    gathered = looking._items

    def overtaken(*given: object) -> object:
        monkeypatch.setattr(looking, "_items", gathered)
        look(logged.hub, at_a_time=10)
        return gathered(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "_items", overtaken)
    look(logged.hub, at_a_time=2)
    with logged.store.read() as connection:
        reached = connection.execute(select(REVIEW_PROGRESS.c.leaf_index)).scalar_one()
    assert reached == 9


def test_a_judgement_is_kept_and_logged(reviewed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(reviewed)
    visitor.log_in(AUDITOR)
    page = visitor.get(f"{LIST}/record-21")
    assert "Ingen relation" in text_of(page)
    assert "Sök remiss" in text_of(page)
    form = _form(csrf(page), bedomning="unjustified", atgard="manager", anteckning=INJECTED)
    assert visitor.post(f"{LIST}/record-21", form).headers["location"] == MARCH
    assert _rows(reviewed)["record-21"][2] == "done"
    again = visitor.get(f"{LIST}/record-21")
    assert "Inte motiverad" in text_of(again)
    assert INJECTED in text_of(again)
    assert "<img" not in again.body.decode()
    with reviewed.store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars()
        acts = [json.loads(each) for each in payloads]
    (act,) = [each for each in acts if each.get("query", "").startswith("review record-21 unj")]
    assert act["action"] == "administer"
    assert act["reason"] == INJECTED
    assert act["person"] == reviewed.person(OLOF)

    def closed(*_: object) -> None:
        raise AuditUnavailable("planted")

    proof = visitor.proof()
    monkeypatch.setattr(AuditWriter, "append_all", closed)
    assert visitor.post(f"{LIST}/record-20", _form(proof)).status == 503
    monkeypatch.undo()
    assert _rows(reviewed)["record-20"][2] == "open"


def test_a_judgement_that_says_too_little_is_not_kept(reviewed: World) -> None:
    visitor = Visitor(reviewed)
    visitor.log_in(AUDITOR)
    proof = visitor.proof()
    for fields, told in (
        ({"bedomning": "unjustified"}, "Skriv varför"),
        ({"bedomning": "maybe"}, "Välj en bedömning"),
        ({"atgard": "nothing"}, "Välj en bedömning"),
        ({"anteckning": "x" * 2001}, "högst 2 000 tecken"),
    ):
        reply = visitor.post(f"{LIST}/record-21", _form(proof, **fields))
        assert reply.status == 400
        assert told in text_of(reply)
    assert visitor.post(f"{LIST}/record-21", {**_form(proof), "csrf": "x"}).status == 403
    assert visitor.post(f"{LIST}/record-99", _form(proof)).status == 404
    assert visitor.post(f"{LIST}/record-25", _form(proof)).status == 404
    assert visitor.get(f"{LIST}/record-25").status == 404
    with reviewed.store.read() as connection:
        assert not connection.execute(select(REVIEW_JUDGEMENT)).all()


def test_nobody_judges_their_own_access(reviewed: World) -> None:
    visitor = Visitor(reviewed)
    visitor.log_in(AUDITOR)
    page = visitor.get(f"{LIST}/record-24")
    assert "din egen åtkomst" in text_of(page)
    assert visitor.post(f"{LIST}/record-24", _form(visitor.proof())).status == 403
    assert _rows(reviewed)["record-24"][2] == "open"


def test_two_reviewers_where_the_organisation_asks_for_it(logged: World) -> None:
    _know_everybody(logged, four_eyes=("emergency",))
    logged.hub.log.append(access(logged, 20, grounds=("SVOD 3:6",)))
    _looked(logged)
    one, other = Visitor(logged), Visitor(logged)
    one.log_in(AUDITOR)
    other.log_in(SECOND_AUDITOR)
    path = f"{LIST}/record-20"
    assert "Två granskare" in text_of(one.get(path))
    one.post(path, _form(one.proof()))
    assert _rows(logged)["record-20"][2] == "second"
    one.post(path, _form(one.proof(), sedda="1"))  # the same reviewer again is still one
    assert _rows(logged)["record-20"][2] == "second"
    stale = other.post(path, _form(other.proof(), sedda="1"))
    assert stale.status == 409
    against = {"bedomning": "unclear", "anteckning": "saknas", "sedda": "2"}
    other.post(path, _form(other.proof(), **against))
    assert _rows(logged)["record-20"][2] == "second"
    other.post(path, _form(other.proof(), sedda="3"))
    assert _rows(logged)["record-20"][2] == "done"


def test_the_month_is_reported(reviewed: World) -> None:
    visitor = Visitor(reviewed)
    visitor.log_in(AUDITOR)
    visitor.post(f"{LIST}/record-20", _form(visitor.proof()))
    told = text_of(visitor.get("/granskning/manad?period=2026-03"))
    assert "Nödöppning 1 1" in told
    assert "Hävd spärr 1 0" in told
    assert "Motiverad 1" in told
    assert "Ingen åtgärd 1" in told
    assert "Klara 1 " in told
    for period in ("2026-13", "x", "2026-3", "1999-01"):
        assert visitor.get(f"/granskning/manad?period={period}").status == 400
        assert visitor.get(f"{LIST}?period={period}").status == 400


def test_the_sample_is_committed_to_before_its_month(logged: World, log_in: LogIn) -> None:
    assert commit(logged.hub) == 4
    assert commit(logged.hub) == 0
    with logged.store.read() as connection:
        rows = {row.period: row for row in connection.execute(select(REVIEW_SAMPLE))}
        texts = [
            json.loads(each)["query"]
            for each in connection.execute(
                select(audit_record.c.payload).where(audit_record.c.action == "administer")
            ).scalars()
        ]
    april = rows["2026-04"]
    hidden = seed(logged.hub, REGION, "2026-04")
    assert april.commitment == sha256(hidden).hexdigest()
    assert f"review-sample 2026-04 one in {ONE_IN} sha256:{april.commitment}" in texts
    visitor = log_in(AUDITOR)
    body = visitor.get(f"{LIST}?period=2026-04").body.decode()
    assert april.commitment in body
    assert hidden.hex() not in body
    assert "efter att månaden började" not in body
    assert "efter att månaden började" in visitor.get(MARCH).body.decode()
    logged.clock.now = datetime(2026, 5, 1, tzinfo=STOCKHOLM) - timedelta(seconds=1)
    logged.tokens.clear()
    assert hidden.hex() not in log_in(AUDITOR).get(f"{LIST}?period=2026-04").body.decode()
    logged.clock.now += timedelta(seconds=1)
    assert hidden.hex() in log_in(AUDITOR).get(f"{LIST}?period=2026-04").body.decode()


def test_one_in_a_hundred_is_drawn_by_the_seed_alone(logged: World) -> None:
    april, may = (seed(logged.hub, REGION, f"2026-0{n}") for n in (4, 5))
    records = [f"record-{n}" for n in range(20_000)]
    of_april = {each for each in records if drawn(april, each)}
    assert of_april == {each for each in records if drawn(april, each)}
    assert 140 <= len(of_april) <= 260
    assert of_april != {each for each in records if drawn(may, each)}
    assert seed(logged.hub, CLINIC, "2026-04") != april


def test_months_follow_each_other() -> None:
    assert following("2026-12") == "2027-01"
    assert following("2026-01", -1) == "2025-12"
    assert following("2026-03", 24) == "2028-03"


def test_what_is_drawn_is_on_the_list(logged: World) -> None:
    _know_everybody(logged)
    chosen = seed(logged.hub, REGION, "2026-03")
    number = next(n for n in range(1000, 9000) if drawn(chosen, f"record-{n}"))
    left = next(n for n in range(1000, 9000) if not drawn(chosen, f"record-{n}"))
    moment = {"recorded": datetime(2026, 3, 11, 12, tzinfo=STOCKHOLM)}
    logged.hub.log.append_all([access(logged, n, **moment) for n in (number, left)])
    _looked(logged)
    found = _rows(logged)
    assert found[f"record-{number}"][:2] == ("sample", 0)
    assert f"record-{left}" not in found


def test_only_staff_of_known_organisations_are_reviewed(logged: World) -> None:
    _know_everybody(logged)
    flagged = {"flags": ("no-relation",), "person": "p"}
    logged.hub.log.append_all(
        [
            access(logged, 50, capacity="individual", **flagged),
            access(logged, 51, capacity="system", **flagged),
            access(logged, 52, organisation="nobody", **flagged),
            access(logged, 53, action=Action.LOG_READ, **flagged),
            access(logged, 54, shown=(Shown(REGION, None, ()),), **flagged),
        ]
    )
    _looked(logged)
    assert {f"record-{n}" for n in range(50, 55)} & set(_rows(logged)) == {"record-54"}


def test_the_number_of_the_reviewed_person_is_told_to_the_reviewer_alone(reviewed: World) -> None:
    visitor = Visitor(reviewed)
    visitor.log_in(AUDITOR)
    assert SIGNE in text_of(visitor.get(f"{LIST}/record-20"))
    assert SIGNE not in text_of(visitor.get(MARCH))
