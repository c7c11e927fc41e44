"""Who may go where: each role on each route of the console, as pages, as parts and without a form.

The routes are those of the application; one without a row here fails, and a row without a route.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.routing import Route

from hub.auth.built_in import TokenRequest
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember
from hub.store.directory import load_organisations
from hub.store.schema.review import REVIEW_JUDGEMENT
from hub.web.entrance import DOORS, FROM_ELSEWHERE
from hub.web.pages import PLACES
from hub.web.session import IDLE
from tests.hub.web.conftest import KEY
from tests.hub.web.inhabited import inhabit, reviewed
from tests.hub.web.visiting import Visitor, csrf, text_of
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    AUDITOR,
    FROM,
    OFFICER,
    REGION,
    SIGNE,
    SIGNE_HERSELF,
    SINCE,
    STAFF,
    World,
    opened_world,
)

AUTHORITY = "SE2021000000-0001"
INSPECTOR = TokenRequest("inspector", AUTHORITY, AUDITOR.as_, None, scope="user/*.rs")
ROLES = {
    "reviewer": AUDITOR,
    "authority": INSPECTOR,
    "person": SIGNE_HERSELF,
    "officer": OFFICER,
}
ID = "([A-Za-z0-9.-]{1,64})"
REVIEWED, LOG, ALL = (200, 200, 404, 404), (200, 200, 200, 404), (200, 200, 200, 200)
OFFICERS = (404, 404, 404, 200)

# what each role is answered: reviewer, authority, person, officer
MATRIX: dict[tuple[str, str], tuple[str, tuple[int, int, int, int]]] = {
    ("GET", "/atkomster"): ("/atkomster", LOG),
    ("GET", f"/atkomster/{ID}"): ("/atkomster/record-3", LOG),
    ("GET", f"/atkomster/{ID}/prova"): ("/atkomster/record-3/prova", REVIEWED),
    ("GET", f"/atkomster/{ID}/granska"): ("/atkomster/record-1/granska", REVIEWED),
    ("POST", f"/atkomster/{ID}/granska"): ("/atkomster/record-1/granska", (303, 403, 404, 404)),
    ("POST", "/person"): ("/person", (303, 303, 404, 404)),
    ("GET", "/utdrag"): ("/utdrag?patient={person}", LOG),
    ("GET", r"/utdrag\.pdf"): ("/utdrag.pdf?patient={person}", LOG),
    ("GET", r"/utdrag\.csv"): ("/utdrag.csv?patient={person}", LOG),
    ("GET", "/arbetslista"): ("/arbetslista?period=2026-03", REVIEWED),
    ("GET", f"/arbetslista/{ID}"): ("/arbetslista/record-159", REVIEWED),
    ("POST", f"/arbetslista/{ID}"): ("/arbetslista/record-159", (303, 403, 404, 404)),
    ("GET", "/manad"): ("/manad?period=2026-03", REVIEWED),
    ("GET", "/diagram"): ("/diagram?period=2026-03", REVIEWED),
    ("GET", "/kunde-se"): ("/kunde-se", REVIEWED),
    ("POST", "/kunde-se"): ("/kunde-se", REVIEWED),
    ("GET", "/sparr"): ("/sparr", REVIEWED),
    ("POST", "/sparr"): ("/sparr", REVIEWED),
    ("GET", "/havningar"): ("/havningar", OFFICERS),
    ("GET", f"/havningar/{ID}"): ("/havningar/nothing", (404, 404, 404, 404)),
    ("POST", f"/havningar/{ID}"): ("/havningar/nothing", (404, 404, 404, 404)),
    ("GET", "/tid"): ("/tid", ALL),
    ("POST", "/tid"): ("/tid", ALL),
    ("GET", "/bevis"): ("/bevis", LOG),
}
FORM = {
    "personnummer": SIGNE,
    "organisation": REGION,
    "anvandare": "ward-doctor",
    "andamal": "vard",
    "dag": "2026-03-10",
    "agare": REGION,
    "slag": "yttre",
    "bedomning": "justified",
    "atgard": "none",
    "sedda": "0",
    "skal": "En anhörig har hört av sig.",
}


def _authority(*supervised: str) -> OrganisationEntry:
    assignment = Assignment("inspector-A", AUDITOR.as_, None, period=SINCE)
    return OrganisationEntry(
        id=AUTHORITY,
        name="Tillsynen",
        kind=frozenset(),
        staff=(StaffMember("inspector", None, (assignment,)),),
        supervises=supervised,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("rights")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder, key=KEY) as made:
        inhabit(made)
        with made.store.write() as connection:
            load_organisations(connection, (*reviewed(), _authority(REGION)), FROM)
        yield made


def _visitor(world: World, role: str) -> Visitor:
    found = Visitor(world)
    assert found.log_in(ROLES[role]).status == 303
    return found


def _asked(visitor: Visitor, route: tuple[str, str], **headers: str) -> Reply:
    path = "/granskning" + MATRIX[route][0].format(person=visitor.world.person())
    if route[0] == "GET":
        return visitor.get(path, **headers)
    return visitor.post(path, {**FORM, "csrf": visitor.proof()}, **headers)


def test_each_route_has_a_row_and_each_row_a_route(world: World) -> None:
    assert MATRIX.keys() == {(each.method, each.pattern) for each in PLACES}
    mounted = {
        route.path
        for route in world.http.app.routes
        if isinstance(route, Route) and route.path.startswith("/granskning")
    }
    assert mounted == {"/granskning", "/granskning/{rest:path}", "/granskning/static/{name}"}


@pytest.mark.parametrize("route", MATRIX, ids=" ".join)
@pytest.mark.parametrize(("place", "role"), list(enumerate(ROLES)), ids=list(ROLES))
def test_each_role_is_answered_as_the_matrix_says(
    world: World, route: tuple[str, str], place: int, role: str
) -> None:
    visitor, expected = _visitor(world, role), MATRIX[route][1][place]
    reply = _asked(visitor, route)
    assert reply.status == expected
    if route != ("POST", f"/arbetslista/{ID}"):  # judged by now
        part = _asked(visitor, route, **{"HX-Request": "true"})
        assert part.status == (200 if expected == 303 else expected)
        assert b"<html" not in part.body or b"hx-" not in part.body or expected == 200
    if expected == 404:
        assert SIGNE.encode() not in reply.body
        assert b"record-" not in reply.body


@pytest.mark.parametrize("route", MATRIX, ids=" ".join)
def test_nobody_is_led_to_the_log_in(world: World, route: tuple[str, str]) -> None:
    """Without a session, with one that has been idle, and with a cookie that somebody made up."""
    idle = _visitor(world, "reviewer")
    world.clock.forward(IDLE)
    made_up = Visitor(world, {"samvy_granskning": "x" * 43})
    for visitor in (Visitor(world), made_up, idle):
        path = "/granskning" + MATRIX[route][0].format(person=world.person())
        for headers in ({}, {"HX-Request": "true"}):
            if route[0] == "GET":
                reply = visitor.get(path, **headers)
            else:
                reply = visitor.post(path, {**FORM, "csrf": "0" * 64}, **headers)
            assert reply.status in (303, 401)
            assert reply.body == b""
    world.clock.forward(-IDLE)


@pytest.mark.parametrize("route", [each for each in MATRIX if each[0] == "POST"], ids=" ".join)
def test_no_form_counts_without_its_proof(world: World, route: tuple[str, str]) -> None:
    visitor, other = _visitor(world, "reviewer"), _visitor(world, "reviewer")
    path = "/granskning" + MATRIX[route][0]
    before = _judged(world)
    for proof in ("", "0" * 64, other.proof()):
        assert visitor.post(path, {**FORM, "csrf": proof}).status == 403
    mine = {**FORM, "csrf": visitor.proof()}
    assert visitor.post(path, mine, **{"Sec-Fetch-Site": "cross-site"}).status == 403
    assert visitor.post(path, mine, **{"Sec-Fetch-Site": "same-site"}).status == 403
    assert visitor.get(f"{path}?csrf={visitor.proof()}").status in (200, 303, 404, 405)
    assert _judged(world) == before


def _judged(world: World) -> int:
    with world.store.read() as connection:
        return len(connection.execute(select(REVIEW_JUDGEMENT)).all())


def test_the_doors_without_a_session_are_these(world: World) -> None:
    """Logging in, with a provider and back; and its server, which has a token of its own."""
    assert {path for _, path in DOORS} == {
        "/granskning/logga-in",
        "/granskning/logga-in/till",
        "/granskning/logga-in/svar",
        "/granskning/utloggad",
    }
    assert FROM_ELSEWHERE == ("/granskning/utloggad",)
    assert Visitor(world).get("/granskning/logga-in/svar?code=x&state=x").status == 400


def test_staff_without_a_mandate_get_no_session(world: World) -> None:
    for asked in (*STAFF, OFFICER):
        visitor = Visitor(world)
        reply = visitor.log_in(asked)
        if reply.status != 303:
            assert reply.status == 403
            assert "samvy_granskning" not in visitor.cookies
            continue
        page = visitor.get("/granskning/atkomster")
        assert page.status in (200, 404)


def test_an_authority_looks_at_the_review_and_judges_nothing(world: World) -> None:
    """PDL 4:3: to check is the organisation's own duty; IVO sees how it is done."""
    visitor = _visitor(world, "authority")
    page = visitor.get("/granskning/arbetslista/record-158")
    assert "bedöms av den organisation" in text_of(page)
    assert "<textarea" not in page.body.decode()
    form = {**FORM, "csrf": csrf(page)}
    assert visitor.post("/granskning/arbetslista/record-158", form).status == 403


def test_no_session_outlives_what_its_role_was(world: World) -> None:
    visitor = _visitor(world, "authority")
    assert visitor.get("/granskning/arbetslista/record-158").status == 200
    world.clock.forward(timedelta(seconds=1))
    with world.store.write() as connection:
        load_organisations(connection, (*reviewed(), _authority()), world.clock.now)
    assert visitor.get("/granskning/arbetslista/record-158").status == 404
    world.clock.forward(timedelta(seconds=1))
    with world.store.write() as connection:
        load_organisations(connection, (*reviewed(), _authority(REGION)), world.clock.now)
