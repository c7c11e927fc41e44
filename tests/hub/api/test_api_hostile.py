"""Hostile and mistaken requests: refused with an OperationOutcome that gives nothing away."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from hub.api import app as app_module
from hub.api import request_body
from tests.hub.auth.auth_tokens import KEY, claims, part, signed
from tests.worlds.asgi_client import FHIR, FORM, Reply
from tests.worlds.hub_world import (
    AUDITOR,
    NOON,
    REGION_SYSTEM,
    SIGNE,
    WARD_DOCTOR,
    World,
    condition,
    stated,
)
from tests.worlds.usual import HIDDEN, fill

SECRET = "Svenssonhemlig"


def _refused(reply: Reply, *statuses: int) -> None:
    """An OperationOutcome with our own code, and nothing that a browser would keep or guess at."""
    assert reply.status in statuses, (reply.status, reply.body[:300])
    told = {"content-type": FHIR, "cache-control": "no-store", "x-content-type-options": "nosniff"}
    assert told.items() <= dict(reply.headers).items()
    assert reply.json["resourceType"] == "OperationOutcome"
    assert reply.codes


NUMBERS = {
    "in the path": f"/fhir/Patient/{SIGNE}",
    "with a hyphen": "/fhir/Patient/420317-2384",
    "in a query": f"/fhir/Condition?patient={SIGNE}",
    "as an identifier": f"/fhir/Condition?patient:identifier=x|{SIGNE}",
    "of a coordination number": "/fhir/Condition?patient=19420377-2384",
    "encoded": f"/fhir/Condition?patient={''.join(f'%{ord(each):02x}' for each in SIGNE)}",
    "encoded in the path": f"/fhir/Patient/{SIGNE[:6]}%3{SIGNE[6]}{SIGNE[7:]}",
    "with an encoded hyphen": "/fhir/Condition?patient=420317%2D2384",
    "with an encoded plus": "/fhir/Condition?patient=420317%2B2384",
    "below $open": f"/fhir/Patient/{SIGNE}/$open",
    "to ingest": f"/ingest/rivta?name={SIGNE}.xml",
}


@pytest.mark.parametrize("where", NUMBERS)
def test_a_person_number_never_stands_in_a_url(standing_world: World, where: str) -> None:
    target = NUMBERS[where]
    method = "POST" if "$open" in target or "ingest" in target else "GET"
    reply = standing_world.http.send(method, target, standing_world.headers(WARD_DOCTOR))
    _refused(reply, 400)
    assert reply.codes == ["person-number-in-url"]
    assert b"2384" not in reply.body


@pytest.mark.parametrize("number", ["0123456789", "99991331-0000", "2026-03-10", "1234567890123"])
def test_other_numbers_may_stand_in_a_url(standing_world: World, number: str) -> None:
    reply = standing_world.get(WARD_DOCTOR, f"/fhir/Condition/{quote(number)}")
    assert reply.status == 404


def test_an_id_that_the_hub_gives_is_never_taken_for_a_person_number(standing_world: World) -> None:
    for _ in range(20):
        sent = condition(standing_world.person(), "x")
        made = standing_world.post(REGION_SYSTEM, "/fhir/Condition", sent).json["id"]
        assert set(made) <= set("abcdefghijklmnopqrstuvwxyz234567")


TOO_BROAD = {
    "nobody": (),
    "nobody, but a code": (("code", "I10"),),
    "two": (("patient", "a"), ("patient", "b")),
    "two by comma": (("patient", "Patient/a,Patient/b"),),
    "two by two names": (("patient", "a"), ("subject", "Patient/b")),
    "another type": (("subject", "Group/a"),),
    "by identifier": (("patient:identifier", "x|y"),),
    "chained": (("patient.name", "x"),),
    "missing": (("patient:missing", "false"),),
    "not": (("patient:not", "a"),),
    "reverse": (("_has:Condition:subject:code", "x"),),
    "empty": (("patient", ""),),
    "hostile": (("patient", "Patient/a' or 1=1"),),
}


@pytest.mark.parametrize("what", TOO_BROAD)
def test_a_search_names_exactly_one_person(standing_world: World, what: str) -> None:
    """An organisation's own system may name nobody (test_api_own_data.py); everybody else does."""
    reply = standing_world.get(WARD_DOCTOR, "/fhir/Condition", TOO_BROAD[what])
    _refused(reply, 403)
    assert reply.codes == ["too-broad"]


BODIES: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 400),
    "not JSON": (b"<Condition/>", 400),
    "a list": (b"[]", 400),
    "deep": (b'{"resourceType":"Condition","extension":' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
    "very deep": (b'{"a":' * 200_000, 400),
    "duplicate keys": (b'{"resourceType":"Condition","resourceType":"Condition"}', 400),
    "NUL": (b'{"resourceType":"Condition","code":{"text":"a\\u0000b"}}', 400),
    "a raw NUL": (b'{"resourceType":"Condition","code":{"text":"a\x00b"}}', 400),
    "half a pair": (b'{"resourceType":"Condition","code":{"text":"\\ud800"}}', 400),
    "not UTF-8": (b'{"resourceType":"Condition","code":{"text":"\xff\xfe"}}', 400),
    "not a number": (b'{"resourceType":"Condition","x":NaN}', 400),
    "an endless number": (b'{"resourceType":"Condition","x":1e999999999}', 400),
    "a long number": (b'{"resourceType":"Condition","x":' + b"9" * 100_000 + b"}", 400),
    "another type": (b'{"resourceType":"Observation"}', 400),
    "a type of its own": (b'{"resourceType":"Condition","subject":"Svenssonhemlig"}', 422),
    "an unknown element": (b'{"resourceType":"Condition","svensson hemlig":1}', 422),
    "no subject": (b'{"resourceType":"Condition"}', 422),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_hostile_body_is_refused_without_harm(standing_world: World, what: str) -> None:
    body, status = BODIES[what]
    for path in ("/fhir/Condition", "/fhir", f"/fhir/Patient/{standing_world.person()}/$open"):
        reply = standing_world.post(REGION_SYSTEM, path, body)
        _refused(reply, status if path == "/fhir/Condition" else 400, 422)
        assert "hemlig" not in reply.body.decode().lower()
    assert standing_world.get(REGION_SYSTEM, "/fhir/Condition/none").status == 404


def test_a_huge_body_is_refused_before_it_is_read(
    standing_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {**standing_world.headers(REGION_SYSTEM), "content-type": FHIR}
    said = {**headers, "content-length": str(10**12)}
    _refused(standing_world.http.send("POST", "/fhir/Condition", said), 413)
    for length in ("-1", "x", "1e3", "٣"[:0] + " "):
        wrong = {**headers, "content-length": length}
        _refused(standing_world.http.send("POST", "/fhir/Condition", wrong), 413)
    monkeypatch.setattr(request_body, "LARGEST_BODY", 1000)
    unsaid = {**headers, "content-length": "0"}
    _refused(standing_world.http.send("POST", "/fhir/Condition", unsaid, b"x" * 1001), 413)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json-patch+json", "", FORM, "; x"]
)
def test_another_content_type_is_refused(standing_world: World, content_type: str) -> None:
    body = condition(standing_world.person(), "x")
    person = standing_world.person()
    for path in ("/fhir/Condition", "/fhir", f"/fhir/Patient/{person}/$open"):
        reply = standing_world.post(REGION_SYSTEM, path, body, content_type=content_type)
        _refused(reply, 415)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (path, method)
        for path in ("/fhir/Condition/ward-1", "/fhir/Condition", "/healthz", "/ingest/rivta")
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW", "CONNECT")
        if not (path.startswith("/fhir") and method in ("PUT", "PATCH", "DELETE"))
    ],
)
def test_methods_that_are_not_there_are_refused(
    standing_world: World, method: str, path: str
) -> None:
    reply = standing_world.http.send(method, path, standing_world.headers(WARD_DOCTOR))
    _refused(reply, 405)
    assert reply.headers["allow"]


def test_head_is_get_without_a_body(standing_world: World) -> None:
    path, headers = "/fhir/Condition/ward-1", standing_world.headers(WARD_DOCTOR)
    head = standing_world.http.send("HEAD", path, headers)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == standing_world.http.send("GET", path, headers).headers["etag"]


PATHS = (
    "/fhir/../fhir/Condition/ward-1",
    "/fhir/%2e%2e/fhir/Condition/ward-1",
    "/fhir/Condition/..%2fCondition%2fgone-1",
    "/fhir/Condition/%2e%2e",
    "/fhir/Condition/" + "a" * 65,
    "/fhir/Condition/" + "a" * 8000,
    "/fhir/Condition/ward-1%00",
    "/fhir/Condition/ward-1%0d%0aX-Evil:%201",
    "/fhir/Condition/ward%201",
    "/fhir/Condition/%C3%A5",
    "/fhir/Condition/%ff%fe",
    "/fhir/Condition/'or'1'='1",
    "/fhir/Conditions/ward-1",
    "/fhir/condition/ward-1",
    "/fhir/Bundle",
    "/fhir/$exports",
    "/fhir/Patient/$everything/x",
    "/fhir/Condition/ward-1/_history/0",
    "/fhir/Condition/ward-1/_history/x",
    "/fhir/Patient/x/_history/1",
    "/elsewhere",
    "/",
    "/fhirs",
    "/healthz/../fhir",
    "/docs",
    "/openapi.yaml",
)


@pytest.mark.parametrize("path", PATHS)
def test_tricks_with_the_path_reach_nothing(standing_world: World, path: str) -> None:
    reply = standing_world.http.send("GET", path, standing_world.headers(WARD_DOCTOR))
    _refused(reply, 404, 405)
    assert HIDDEN.encode() not in reply.body


PARAMETERS: tuple[bytes, ...] = (
    b"code=%00",
    b"code=\xff\xfe",
    b"code=%ff%fe",
    b"code:text=%ED%A0%80",
    b"%00=1",
    b"date=9999999999999999999",
    b"date=0000-00-00",
    b"date=ge",
    b"_count=99999999999999999999",
    b"_count=-1",
    b"_count=1e3",
    b"_sort=" + b"date," * 2000 + b"date",
    b"_sort=;drop",
    b"_sort=",
    b"_lastUpdated=zz",
    b"code=" + b"x" * 60_000,
    b"code=" + b"a," * 3000 + b"a",
    b"&".join([b"code=a"] * 500),
    b"&".join([b"code=a"] * 19),
    b"_id=" + b"a," * 198 + b"a",
    b"code=a%7Cb%7Cc%7Cd",
    b"code=%5C",
    b"code:in=http://x",
    b"code:not:not=1",
    b"_id=" + b"a" * 5000,
    b"_filter=code%20eq%20x",
    b"_include=*",
    b"=",
    b"_summary=count",
    b"onset-age=5%7C%7C",
    b"asserter:Practitioner.name=x",
)


def test_hostile_parameters_are_refused_or_find_nothing_more(world: World) -> None:
    fill(world)
    for parameter in PARAMETERS:
        target = f"/fhir/Condition?patient={world.person()}&".encode() + parameter
        reply = world.http.send("GET", target, world.headers(WARD_DOCTOR))
        if reply.status == 200:
            assert set(reply.ids) <= {"ward-1", "ward-2"}
        else:
            _refused(reply, 400)
        assert HIDDEN.encode() not in reply.body


def test_a_search_has_a_limit(standing_world: World) -> None:
    """Many semi-joins take a planner minutes, and deep expressions are refused by SQLite."""
    patient = ("patient", standing_world.person())
    for given in ([("code", "a")] * 21, [("code", ",".join("a" * 201))]):
        reply = standing_world.get(WARD_DOCTOR, "/fhir/Condition", [patient, *given])
        assert reply.codes == ["too-many-parameters"]


@pytest.mark.parametrize("host", ["", "[", "a b", 'evil"><', "x" * 300, "a/b", "user@host", "[::1"])
def test_a_host_that_is_none_is_refused(standing_world: World, host: str) -> None:
    headers = {**standing_world.headers(WARD_DOCTOR), "host": host}
    _refused(standing_world.http.send("GET", "/fhir/Condition/ward-1", headers), 400)


def _tokens(world: World) -> Mapping[str, str | None]:
    good = world.token(WARD_DOCTOR)
    head, body, signature = good.split(".")
    return {
        "none": None,
        "empty": "Bearer ",
        "basic": "Basic c2lnbmU6c2VjcmV0",
        "rubbish": "Bearer rubbish",
        "not ASCII": "Bearer å.ä.ö",
        "two": f"Bearer {good} {good}",
        "very long": "Bearer " + "a" * 9000,
        "unsigned": f"Bearer {part({'alg': 'none'})}.{body}.",
        "another key": f"Bearer {signed(claims(), key=KEY)}",
        "another body": f"Bearer {head}.{part(claims(sub='boss'))}.{signature}",
        "a signature cut": f"Bearer {good[:-4]}",
    }


def test_whoever_is_not_known_is_told_nothing(standing_world: World) -> None:
    """401 with WWW-Authenticate on every path, the same for what is there and what is not."""
    paths = ("/fhir/Condition/ward-1", "/fhir/Condition/none", "/fhir/Nothing", "/fhir")
    for name, authorization in _tokens(standing_world).items():
        headers = {} if authorization is None else {"authorization": authorization}
        bodies = set()
        for path in paths:
            reply = standing_world.http.send("GET", path, headers)
            _refused(reply, 401)
            assert reply.headers["www-authenticate"].startswith("Bearer realm="), name
            bodies.add(reply.body)
        assert len(bodies) == 1
        posted = standing_world.http.send("POST", "/ingest/rivta", headers, b"<x/>")
        _refused(posted, 401)


def test_an_expired_token_is_refused(small_world: World) -> None:
    fill(small_world)
    small_world.token(WARD_DOCTOR)
    small_world.clock.now = NOON + timedelta(minutes=60, seconds=11)
    reply = small_world.get(WARD_DOCTOR, "/fhir/Condition/ward-1")
    _refused(reply, 401)
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]


def test_scopes_are_a_ceiling(standing_world: World) -> None:
    person = standing_world.person()
    narrow = replace(WARD_DOCTOR, scope="user/Condition.r")
    assert standing_world.get(narrow, "/fhir/Condition/ward-1").status == 200
    reading = replace(REGION_SYSTEM, scope="system/Condition.rs")
    refused = (
        standing_world.get(narrow, "/fhir/Condition", {"patient": person}),
        standing_world.get(narrow, "/fhir/Observation/x"),
        standing_world.look_up(narrow),
        standing_world.open(narrow, *stated(relevance=True)),
        standing_world.get(narrow, f"/fhir/Patient/{person}"),
        standing_world.post(reading, "/fhir/Condition", condition(person, "x")),
        standing_world.get(replace(WARD_DOCTOR, scope="system/*.cruds"), "/fhir/Condition/ward-1"),
        standing_world.get(replace(AUDITOR, scope="user/AuditEvent.rs"), "/fhir/Condition/ward-1"),
    )
    for reply in refused:
        _refused(reply, 403)
        assert reply.codes == ["insufficient-scope"]
        assert "insufficient_scope" in reply.headers["www-authenticate"]
    entry = {
        "resource": condition(person, "x"),
        "request": {"method": "POST", "url": "Condition"},
    }
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    _refused(standing_world.post(reading, "/fhir", bundle), 403)


def test_only_a_sources_own_client_delivers(standing_world: World) -> None:
    stranger = replace(REGION_SYSTEM, user="somebody-else")
    for reader in (WARD_DOCTOR, stranger):
        _refused(
            standing_world.post(reader, "/ingest/rivta", b"<x/>", content_type="text/xml"), 403
        )
    _refused(standing_world.post(REGION_SYSTEM, "/ingest/nothing", b"<x/>"), 404)
    _refused(standing_world.post(REGION_SYSTEM, "/ingest/rivta/more", b"<x/>"), 404)


def test_a_fault_of_our_own_gives_nothing_away(
    standing_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(app_module, "dispatch", fail)
    reply = standing_world.get(WARD_DOCTOR, "/fhir/Condition/ward-1")
    _refused(reply, 500)
    assert SECRET not in reply.body.decode() + caplog.text
    assert reply.headers["x-request-id"] in caplog.text


def test_nothing_personal_reaches_the_log_of_the_process(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What was looked up, sent, searched for and hidden: none of it is in any line."""
    with caplog.at_level(logging.DEBUG):
        fill(world)
        person = world.person()
        world.look_up(WARD_DOCTOR)
        session = world.session(WARD_DOCTOR, *stated(takesPart=True, reason=SECRET))
        for path in (
            f"/fhir/Condition?patient={person}&code:text={SECRET}",
            f"/fhir/Condition?patient={person}&date={SECRET}",
            "/fhir/Condition/gone-1",
            f"/fhir/Condition/{SECRET}",
        ):
            reply = world.get(WARD_DOCTOR, path, session=session)
            assert SECRET not in reply.body.decode().replace(f"code:text={SECRET}", "")  # `self`
        world.post(REGION_SYSTEM, "/fhir/Condition", condition(person, "x", SECRET))
        world.post(REGION_SYSTEM, "/fhir/Condition", {**condition(person, "x"), "status": SECRET})
        world.post(REGION_SYSTEM, "/ingest/rivta", f"<{SECRET}/>".encode())
    assert not [word for word in (SIGNE, SIGNE[2:], SECRET, HIDDEN) if word in caplog.text]
