"""Logging in, CSRF, expiry, and what the browser is told to allow."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.auth.built_in import TokenRequest
from hub.store.directory import load_organisations
from hub.store.schema.audit import audit_record
from hub.store.schema.web_session import WEB_SESSION
from hub.web.session import IDLE, LONGEST
from hub.web.visit import WARNED
from tests.hub.api.test_api_refused import logged as records_of
from tests.hub.web.conftest import LogIn
from tests.hub.web.visiting import Visitor, csrf, text_of
from tests.worlds.hub_world import AUDITOR, ORGANISATIONS, SIGNE_HERSELF, STAFF, World

PAGE, TIME = "/granskning/atkomster", "/granskning/tid"


def _authentications(world: World) -> list[tuple[str, str | None]]:
    with world.store.read() as connection:
        in_order = (audit_record.c.recorded, audit_record.c.position)
        rows = connection.execute(select(audit_record.c.payload).order_by(*in_order)).scalars()
        found = [json.loads(each) for each in rows]
    return [(e["outcome"], e.get("user")) for e in found if e["action"] == "authenticate"]


def test_nothing_is_shown_to_who_is_not_logged_in(logged: World) -> None:
    for path in ("", "/atkomster", "/atkomster/record-0", "/bevis", "/nothing"):
        reply = Visitor(logged).get(f"/granskning{path}")
        assert (reply.status, reply.headers["location"]) == (303, "/granskning/logga-in"), path
        part = Visitor(logged).part(f"/granskning{path}")
        assert (part.status, part.headers["hx-redirect"]) == (401, "/granskning/logga-in"), path
        assert part.body == b""


def test_a_reviewer_logs_in_and_out(logged: World) -> None:
    visitor = Visitor(logged)
    reply = visitor.log_in(AUDITOR)
    assert (reply.status, reply.headers["location"]) == (303, "/granskning")
    assert visitor.get("/granskning").headers["location"] == PAGE
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/granskning" in cookie
    assert visitor.get(PAGE).status == 200
    secret = dict(visitor.cookies)
    assert visitor.post("/granskning/logga-ut", {"csrf": visitor.proof()}).status == 303
    visitor.cookies = secret
    assert visitor.get(PAGE).status == 303
    assert _authentications(logged) == [("permit", "auditor")]


def test_the_cookie_is_for_https_where_the_request_came_by_it(logged: World) -> None:
    application = logged.http.app

    async def secured(scope: dict[str, object], receive: object, send: object) -> None:
        await application({**scope, "scheme": "https"}, receive, send)

    logged.http.app = secured
    assert "Secure" in Visitor(logged).log_in(AUDITOR).headers["set-cookie"]


def test_the_store_holds_neither_the_cookie_nor_the_token(logged: World, log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    with logged.store.read() as connection:
        (row,) = connection.execute(select(WEB_SESSION)).all()
    held = " ".join(str(each) for each in row)
    assert visitor.cookies["samvy_granskning"] not in held
    assert logged.token(AUDITOR) not in held


@pytest.mark.parametrize("asked", STAFF)
def test_who_reads_no_log_is_told_so_and_gets_no_session(
    standing: World, asked: TokenRequest
) -> None:
    visitor = Visitor(standing)
    reply = visitor.log_in(asked)
    assert reply.status == 403
    assert "logggranskare" in text_of(reply)
    assert visitor.get(PAGE).status == 303
    assert _authentications(standing)[-1] == ("deny", asked.user)


def test_a_token_that_does_not_hold_is_refused_and_logged(standing: World) -> None:
    """Many alike are counted rather than logged each (hub/auth/refusals.py)."""
    before = len(_authentications(standing))
    for token in ("", "x", "a.b.c", "å" * 40, "x" * 9000, "<script>"):
        visitor = Visitor(standing)
        reply = visitor.log_in_with(token)
        assert reply.status == 401
        assert b"<script>" not in reply.body
        assert visitor.get(PAGE).status == 303
    logged = _authentications(standing)[before:]
    assert len(logged) >= 3
    assert set(logged) == {("deny", None)}


def test_a_session_ends_when_nothing_is_done(logged: World, log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    logged.clock.forward(IDLE - timedelta(seconds=1))
    assert visitor.get(PAGE).status == 200
    logged.clock.forward(IDLE - timedelta(seconds=1))
    assert visitor.get(PAGE).status == 200
    logged.clock.forward(IDLE)
    assert visitor.get(PAGE).status == 303


def test_no_session_outlives_its_token(logged: World, log_in: LogIn) -> None:
    visitor = log_in(replace(AUDITOR, minutes=20))
    logged.clock.forward(timedelta(minutes=19))
    assert visitor.get(PAGE).status == 200
    logged.clock.forward(timedelta(minutes=2))
    assert visitor.get(PAGE).status == 303


def test_no_session_outlives_a_day_at_work(logged: World, log_in: LogIn) -> None:
    visitor = log_in(replace(AUDITOR, minutes=1000))
    step = timedelta(minutes=20)
    for _ in range(int(LONGEST / step) - 1):
        logged.clock.forward(step)
        assert visitor.get(PAGE).status == 200
    logged.clock.forward(step)
    assert visitor.get(PAGE).status == 303


def test_the_end_is_told_of_in_time_and_moved_with_one_step(logged: World, log_in: LogIn) -> None:
    """WCAG 2.1 2.2.1; to ask is not to use."""
    visitor = log_in(replace(AUDITOR, minutes=1000))
    asks = f'hx-trigger="load delay:{(IDLE - WARNED).total_seconds():.0f}s"'
    assert asks in visitor.get(PAGE).body.decode()
    assert "loggas ut" not in text_of(visitor.part(TIME))
    logged.clock.forward(IDLE - WARNED)
    warned = visitor.part(TIME)
    assert "Du loggas ut om 3 minuter" in text_of(warned)
    assert 'role="alert"' in warned.body.decode()
    moved = visitor.post(TIME, {"csrf": csrf(warned)}, **{"HX-Request": "true"})
    assert "loggas ut" not in text_of(moved)
    assert "fortfarande inloggad" in text_of(moved)
    assert asks in moved.body.decode()
    logged.clock.forward(IDLE - timedelta(seconds=1))
    assert "om en minut" in text_of(visitor.part(TIME))
    logged.clock.forward(timedelta(seconds=1))
    where = visitor.part(TIME).headers["hx-redirect"]
    assert where == "/granskning/logga-in?slut=1"
    assert "Din inloggning har tagit slut" in text_of(visitor.get(where))
    assert "har tagit slut" not in text_of(visitor.get("/granskning/logga-in"))


def test_what_no_step_moves_is_not_offered(logged: World, log_in: LogIn) -> None:
    visitor = log_in(replace(AUDITOR, minutes=20))
    logged.clock.forward(timedelta(minutes=18))
    warned = visitor.part(TIME)
    assert "Spara det du har skrivit" in text_of(warned)
    assert "<button" not in warned.body.decode()


def test_an_ended_assignment_is_felt_in_the_next_request(logged: World, log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    assert visitor.get(PAGE).status == 200
    without = tuple(
        replace(each, staff=tuple(m for m in each.staff if m.id != "auditor"))
        for each in ORGANISATIONS
    )
    with logged.store.write() as connection:
        load_organisations(connection, without, logged.clock.now)
    assert visitor.get(PAGE).status == 403


def test_a_form_of_another_session_changes_nothing(log_in: LogIn) -> None:
    visitor, other = log_in(AUDITOR), log_in(SIGNE_HERSELF)
    for proof in ("", "x", other.proof(), visitor.proof()[:-1] + "å"):
        reply = visitor.post("/granskning/logga-ut", {"csrf": proof})
        assert reply.status == 403
        assert "Ingenting har ändrats" in text_of(reply)
    assert visitor.get(PAGE).status == 200
    crossed = {"Sec-Fetch-Site": "cross-site"}
    assert visitor.post("/granskning/logga-ut", {"csrf": visitor.proof()}, **crossed).status == 403
    refused = [each for each in records_of(visitor.world) if each.get("refusal")]
    assert {each["refusal"] for each in refused} == {"csrf"}
    assert [each["user"] for each in refused] == ["auditor"] * 5


def test_what_is_refused_is_in_the_log_with_who_asked(log_in: LogIn) -> None:
    visitor = log_in(SIGNE_HERSELF)
    asked = {
        f"{PAGE}?patient=194203172384": (400, "person-number-in-url"),
        "/granskning/arbetslista": (404, "not-found"),
        f"{PAGE}?fran=igar": (400, "bad-value"),
    }
    for path, (status, why) in asked.items():
        assert visitor.get(path).status == status
        last = records_of(visitor.world)[-1]
        assert (last["action"], last["outcome"], last["refusal"]) == ("log-read", "deny", why)
        assert last["person"] == visitor.world.person()
        assert "194203172384" not in json.dumps(last)


def test_the_log_in_itself_cannot_be_forged(logged: World) -> None:
    visitor = Visitor(logged)
    fields = {"csrf": "0" * 64, "token": logged.token(AUDITOR)}
    for proof in ("0" * 64, "", "none"):
        assert visitor.post("/granskning/logga-in", {**fields, "csrf": proof}).status == 403
    visitor.get("/granskning/logga-in")
    assert visitor.post("/granskning/logga-in", fields).status == 403
    assert visitor.get(PAGE).status == 303


def test_every_answer_carries_the_headers(logged: World, log_in: LogIn) -> None:
    visitor = log_in(AUDITOR)
    replies = (
        visitor.get(PAGE),
        visitor.part(PAGE),
        visitor.get("/granskning/nothing"),
        visitor.get(f"{PAGE}?outcome=7"),
        visitor.post("/granskning/person", {"csrf": visitor.proof(), "personnummer": "x"}),
        Visitor(logged).get("/granskning/logga-in"),
        Visitor(logged).get(PAGE),
    )
    for reply in replies:
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["x-frame-options"] == "DENY"
