"""An access put on the worklist by hand: from wherever it is seen, with a reason, once."""

import json

import pytest
from sqlalchemy import func, select

from hub.audit.errors import AuditUnavailable
from hub.audit.writer import AuditWriter
from hub.review.looking import look
from hub.store.schema.audit import audit_record
from hub.store.schema.review import REVIEW_ADDITION, REVIEW_ITEM
from tests.hub.web.test_web_worklist import SECOND_AUDITOR, _know_everybody, _looked
from tests.hub.web.visiting import INJECTED, Visitor, access, csrf, text_of
from tests.worlds.hub_world import AUDITOR, CLINIC, OLOF, TALKS, World

LIST, ONE = "/granskning/arbetslista", "/granskning/atkomster/record-22"
FORM = f"{ONE}/granska"
WHY = "En anhörig har hört av sig."


@pytest.fixture
def seen(logged: World) -> World:
    """An access that nothing speaks against, one on the list, and another organisation's."""
    _know_everybody(logged, four_eyes=("by-hand",))
    logged.hub.log.append_all(
        [
            access(logged, 21, person=logged.person(OLOF), flags=("no-relation",)),
            access(logged, 22),
            access(logged, 24, user="auditor"),
            access(logged, 25, organisation=CLINIC, unit=TALKS),
            access(logged, 26, grounds=("SVOD 3:6", "SVOD 3:3", "PDL 4:5")),
        ]
    )
    _looked(logged)
    return logged


@pytest.fixture
def reviewer(seen: World) -> Visitor:
    found = Visitor(seen)
    assert found.log_in(AUDITOR).status == 303
    return found


def _added(visitor: Visitor, path: str = FORM, why: str = WHY) -> int:
    return visitor.post(path, {"csrf": visitor.proof(), "skal": why}).status


def _number(world: World) -> int:
    with world.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(REVIEW_ITEM)) or 0


def _item(world: World, number: int = 22) -> tuple[str, str]:
    with world.store.read() as connection:
        query = select(REVIEW_ITEM).where(REVIEW_ITEM.c.record == f"record-{number}")
        row = connection.execute(query).one()
    return row.reasons, row.state


def test_it_is_offered_wherever_an_access_is_seen(seen: World, reviewer: Visitor) -> None:
    extract = f"/granskning/utdrag?patient={seen.person()}"
    for path in ("/granskning/atkomster", ONE, extract):
        assert f'href="{FORM}"' in reviewer.get(path).body.decode(), path
    assert _added(reviewer) == 303
    for path in ("/granskning/atkomster", ONE, extract):
        body = reviewer.get(path).body.decode()
        assert f'href="{FORM}"' not in body, path
        assert f'href="{LIST}/record-22"' in body, path
    # another organisation's access to the same person is that one's to review
    assert "record-25/granska" not in reviewer.get(extract).body.decode()


def test_it_stands_on_the_list_with_who_and_why_and_is_logged(
    seen: World, reviewer: Visitor
) -> None:
    reply = reviewer.post(FORM, {"csrf": csrf(reviewer.get(FORM)), "skal": INJECTED})
    assert reply.headers["location"] == f"{LIST}/record-22"
    page = reviewer.get(f"{LIST}/record-22")
    assert "Tillagd för hand" in text_of(page)
    assert f"Tillagd av {AUDITOR.user}" in text_of(page)
    assert INJECTED in text_of(page)
    assert "<img" not in page.body.decode()
    with seen.store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars()
        acts = [json.loads(each) for each in payloads]
    (act,) = [each for each in acts if each.get("query") == "review-add record-22"]
    assert (act["action"], act["person"], act["reason"]) == (
        "administer",
        seen.person(),
        INJECTED,
    )
    told = text_of(reviewer.get("/granskning/manad?period=2026-03"))
    assert "Tillagd för hand 1 0" in told


def test_two_who_add_it_add_it_once(seen: World, reviewer: Visitor) -> None:
    other = Visitor(seen)
    other.log_in(SECOND_AUDITOR)
    before = _number(seen)
    proof = other.proof()
    assert _added(reviewer) == 303
    again = other.post(FORM, {"csrf": proof, "skal": "Jag också."})
    assert (again.status, again.headers["location"]) == (303, f"{LIST}/record-22")
    assert other.get(FORM).headers["location"] == f"{LIST}/record-22"
    assert _number(seen) == before + 1
    with seen.store.read() as connection:
        assert [row.why for row in connection.execute(select(REVIEW_ADDITION))] == [WHY]
    assert _added(reviewer, "/granskning/atkomster/record-21/granska") == 303  # on the list already
    assert _item(seen, 21)[0] == "colleague,no-relation"
    assert _number(seen) == before + 1


def test_what_comes_without_a_reason_or_a_right_is_refused(seen: World, reviewer: Visitor) -> None:
    before = _number(seen)
    for why in ("", "  ", "x" * 2001):
        reply = reviewer.post(FORM, {"csrf": reviewer.proof(), "skal": why})
        assert reply.status == 400
        assert "Skriv varför" in text_of(reply)
    assert reviewer.post(FORM, {"csrf": "x", "skal": WHY}).status == 403
    for hidden in ("record-4", "nothing"):  # record 4 concerns the clinic alone
        assert _added(reviewer, f"/granskning/atkomster/{hidden}/granska") == 404
        assert reviewer.get(f"/granskning/atkomster/{hidden}/granska").status == 404
    # the clinic's reading of what is the region's: seen, and not the region's to judge
    theirs = "/granskning/atkomster/record-25/granska"
    assert "granskas av den organisation" in text_of(reviewer.get(theirs))
    assert _added(reviewer, theirs) == 403
    assert _number(seen) == before


def test_nothing_is_added_that_cannot_be_logged(
    seen: World, reviewer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = reviewer.proof()

    def closed(*_: object) -> None:
        raise AuditUnavailable("planted")

    monkeypatch.setattr(AuditWriter, "append_all", closed)
    assert reviewer.post(FORM, {"csrf": proof, "skal": WHY}).status == 503
    monkeypatch.undo()
    with seen.store.read() as connection:
        assert not connection.execute(select(REVIEW_ADDITION)).all()


def test_two_judge_it_where_the_organisation_asks_for_that(seen: World, reviewer: Visitor) -> None:
    _added(reviewer)
    form = {"bedomning": "justified", "atgard": "none", "anteckning": ""}
    reviewer.post(f"{LIST}/record-22", {**form, "csrf": reviewer.proof(), "sedda": "0"})
    assert _item(seen) == ("by-hand", "second")
    other = Visitor(seen)
    other.log_in(SECOND_AUDITOR)
    other.post(f"{LIST}/record-22", {**form, "csrf": other.proof(), "sedda": "1"})
    assert _item(seen) == ("by-hand", "done")


def test_what_is_added_before_it_is_looked_through_gets_its_own_reasons_too(
    seen: World, reviewer: Visitor
) -> None:
    """Also where it was judged meanwhile: then it is looked at again."""
    seen.hub.log.append(access(seen, 40, person="p", flags=("no-relation",)))
    seen.hub.sequencer.sequence_now()
    assert _added(reviewer, "/granskning/atkomster/record-40/granska") == 303
    assert _item(seen, 40) == ("by-hand", "open")
    while look(seen.hub).remaining:
        pass
    assert _item(seen, 40) == ("by-hand,no-relation", "open")
    with seen.store.read() as connection:
        assert (
            connection.scalar(select(REVIEW_ITEM.c.rank).where(REVIEW_ITEM.c.record == "record-40"))
            == 107
        )


def test_what_lacks_evidence_comes_before_what_the_law_asks_for(reviewer: Visitor) -> None:
    """However many reasons the law has: an emergency for somebody incapable, by a lifted block."""
    _added(reviewer)
    body = reviewer.get(f"{LIST}?period=2026-03").body.decode()
    order = sorted(("21", "22", "26"), key=lambda n: body.index(f'{LIST}/record-{n}"'))
    assert order == ["21", "22", "26"]
