"""What is refused leaves a record too: who, what and why, and never what somebody made up."""

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from hub.auth.built_in import TokenRequest
from hub.auth.refusals import MOST_UNVERIFIED, Refusals
from hub.store.schema.audit import audit_record
from tests.worlds.asgi_client import FORM, Reply
from tests.worlds.hub_world import (
    AUDITOR,
    NOON,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    SIGNE_HERSELF,
    WARD_DOCTOR,
    World,
    condition,
)
from tests.worlds.usual import fill

Json = dict[str, Any]
NARROW = replace(WARD_DOCTOR, scope="user/Observation.r")


def logged(world: World) -> list[Json]:
    with world.store.read() as connection:
        rows = connection.execute(
            select(audit_record.c.payload).order_by(
                audit_record.c.recorded, audit_record.c.position
            )
        ).scalars()
        return [json.loads(each) for each in rows]


def after(world: World, ask: Callable[[World], Reply]) -> tuple[int, list[Json]]:
    """What was answered, and the records that it left."""
    before = len(logged(world))
    reply = ask(world)
    return reply.status, logged(world)[before:]


def _stale(world: World) -> Reply:
    made = world.post(REGION_SYSTEM, "/fhir/Condition", condition(world.person(), "x"))
    path = f"/fhir/Condition/{made.json['id']}"
    body = {**condition(world.person(), made.json["id"]), "recordedDate": "2026-03-10"}
    headers = {"If-Match": 'W/"7"'}
    return world.send(REGION_SYSTEM, "PUT", path, body, headers=headers)


def _several(world: World) -> Reply:
    for _ in range(2):
        world.post(REGION_SYSTEM, "/fhir/Condition", condition(world.person(), "x", "Tvilling"))
    query = f"patient={world.person()}&code:text=tvilling"
    return world.send(REGION_SYSTEM, "DELETE", f"/fhir/Condition?{query}")


REFUSED: dict[str, tuple[int, str, str, Callable[[World], Reply]]] = {
    "a scope too narrow": (
        403,
        "read",
        "insufficient-scope",
        lambda w: w.get(NARROW, "/fhir/Condition/ward-1"),
    ),
    "nobody named": (
        403,
        "search-type",
        "too-broad",
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition", {"code": "194203172384"[:6]}),
    ),
    "the log, without a mandate": (
        403,
        "log-read",
        "no-log-mandate",
        lambda w: w.get(replace(WARD_DOCTOR, scope="user/*.rs"), "/fhir/AuditEvent"),
    ),
    "staff who create": (
        403,
        "create",
        "not-a-system",
        lambda w: w.post(
            replace(WARD_DOCTOR, scope="user/*.cruds"),
            "/fhir/Condition",
            condition(w.person(), "x"),
        ),
    ),
    "an id that is not there": (
        405,
        "delete",
        "no-update-as-create",
        lambda w: w.send(REGION_SYSTEM, "DELETE", "/fhir/Condition/none"),
    ),
    "a method that is not there": (
        405,
        "create",
        "method-not-allowed",
        lambda w: w.post(REGION_SYSTEM, "/fhir/Condition/ward-1/x", {}),
    ),
    "a version that no longer stands": (412, "update", "version-conflict", _stale),
    "criteria that find several": (412, "delete", "several-match", _several),
    "criteria that find nothing": (
        404,
        "update",
        "not-found",
        lambda w: w.send(
            REGION_SYSTEM,
            "PATCH",
            f"/fhir/Condition?patient={w.person()}&_id=none",
            [],
            content_type="application/json-patch+json",
        ),
    ),
    "what is not valid": (
        422,
        "create",
        "unprocessable",
        lambda w: w.post(REGION_SYSTEM, "/fhir/Condition", {"resourceType": "Condition"}),
    ),
    "XML that is none": (
        400,
        "create",
        "xml",
        lambda w: w.post(
            REGION_SYSTEM, "/fhir/Condition", b"<a", content_type="application/fhir+xml"
        ),
    ),
    "a session that does not live": (
        403,
        "search-type",
        "session-not-live",
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition", {"patient": w.person()}, session="none"),
    ),
}


def test_every_refusal_leaves_its_record(world: World) -> None:
    fill(world)
    for name, (status, action, why, ask) in REFUSED.items():
        answered, records = after(world, ask)
        refusals = [each for each in records if each["outcome"] == "deny"]
        assert answered == status, name
        (found,) = refusals
        assert (found["action"], found["refusal"]) == (action, why), name
        assert found["user"], name
        assert found["organisation"] == REGION, name


def test_a_refusal_says_whom_it_was_about_as_far_as_that_was_weighed(world: World) -> None:
    fill(world)
    _, (*_, stale) = after(world, _stale)
    assert (stale["person"], stale["refusal"]) == (world.person(), "version-conflict")
    _, (broad,) = after(world, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition", {"code": "x"}))
    assert "person" not in broad
    assert broad["query"] == "GET /fhir/Condition?code"


def test_what_was_typed_in_a_refused_look_up_is_not_kept(world: World) -> None:
    wrong = {"identifier": SIGNE, "name": SIGNE, f"x{SIGNE}": "1"}
    status, (found,) = after(world, lambda w: w.form(WARD_DOCTOR, "/fhir/Patient/_search", wrong))
    assert status == 400
    assert found["query"] == "POST /fhir/Patient/_search?identifier&name"
    assert SIGNE not in json.dumps(found)


def test_each_request_of_a_batch_has_its_own_refusal(world: World) -> None:
    fill(world)
    urls = ["Condition/none", "Condition?code=x", "Condition/ward-1"]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    status, records = after(world, lambda w: w.post(WARD_DOCTOR, "/fhir", bundle))
    assert status == 200
    assert [each["outcome"] for each in records] == ["deny", "deny", "permit"]
    assert records[1]["refusal"] == "too-broad"


def test_a_write_that_fails_after_its_record_has_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record of a write comes first; that it then did not happen is said as well."""

    def fails(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("hub.api.interaction.create.carry_out", fails)
    body = condition(world.person(), "x")
    status, records = after(world, lambda w: w.post(REGION_SYSTEM, "/fhir/Condition", body))
    assert status == 500
    assert [(each["outcome"], each.get("refusal")) for each in records] == [
        ("permit", None),
        ("error", "failed"),
    ]


EXPIRED = replace(WARD_DOCTOR, minutes=1)


def _expired(world: World, asked: TokenRequest = EXPIRED) -> Reply:
    headers = world.headers(asked)
    world.clock.now = NOON + timedelta(minutes=10)
    reply = world.http.send("GET", "/fhir/Condition/ward-1", headers)
    world.clock.now = NOON
    return reply


def test_a_refused_token_says_who_only_where_an_issuer_signed_it(world: World) -> None:
    status, (found,) = after(world, _expired)
    assert status == 401
    assert (found["action"], found["outcome"], found["refusal"]) == (
        "authenticate",
        "deny",
        "expired",
    )
    assert (found["user"], found["organisation"]) == ("ward-doctor", REGION)
    assert found["query"] == "GET /fhir/Condition/ward-1"
    status, (found,) = after(world, _forged)
    assert (status, found["refusal"]) == (401, "signature")
    assert not {"user", "organisation", "person", "client", "token", "issuer"} & found.keys()


def _forged(world: World) -> Reply:
    """Somebody else's name in a token whose signature was another's."""
    head, body, signature = world.token(WARD_DOCTOR).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["employeeHsaId"] = "SE2329999990-PFORGED"
    false = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    headers = {"Authorization": f"Bearer {head}.{false}.{signature}"}
    return world.http.send("GET", "/fhir/Condition/ward-1", headers)


def test_an_individuals_refused_token_is_about_them_and_holds_no_number(world: World) -> None:
    asked = replace(SIGNE_HERSELF, user=SIGNE, minutes=1)
    _, (found,) = after(world, lambda w: _expired(w, asked))
    assert found["person"] == world.person()
    assert SIGNE not in json.dumps(found)
    assert "user" not in found


def test_a_flood_of_refused_tokens_leaves_few_records(small_world: World) -> None:
    before = len(logged(small_world))
    for number in range(300):
        headers = {"Authorization": f"Bearer made.up.{number}"}
        assert small_world.http.send("GET", "/fhir/Condition/x", headers).status == 401
    records = logged(small_world)[before:]
    assert [each["times"] for each in records] == [1, 2, 4, 8, 16, 32, 64, 128, 256]


def test_many_addresses_are_not_told_apart_without_end() -> None:
    refusals = Refusals()
    counted = [
        refusals.count("signature", (f"192.0.2.{number}",), NOON, verified=False)
        for number in range(MOST_UNVERIFIED + 1000)
    ]
    assert len([each for each in counted if each]) == MOST_UNVERIFIED + 10
    # what an issuer signed is not drowned by what anybody makes up
    assert refusals.count("expired", ("192.0.2.1", "ward-doctor"), NOON, verified=True) == 1
    later = NOON + timedelta(hours=1)
    assert refusals.count("signature", ("192.0.2.1",), later, verified=False) == 1


def test_the_auditor_finds_refusals_of_their_own_staff(world: World) -> None:
    fill(world)
    after(world, _expired)
    world.get(NARROW, "/fhir/Condition/ward-1")
    world.hub.sequencer.sequence_now()
    found = world.get(AUDITOR, "/fhir/AuditEvent", {"outcome": "4"}).json
    told = [each["resource"].get("outcomeDesc") for each in found["entry"]]
    assert "insufficient-scope" in told
    flagged = world.get(AUDITOR, "/fhir/AuditEvent", {"flag": "token-refused"}).json
    assert len(flagged["entry"]) == 1


SECRETS = (SIGNE, SIGNE[2:], "Zanzibarsjuka", "zqx-reason")


@pytest.mark.parametrize("table", ["resource", "audit_record", "person_counter"])
def test_no_technical_log_holds_a_personal_value(
    world: World, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    """Each table breaks under each kind of request; what the hub then says of it names nobody."""
    fill(world)
    with world.store.write() as connection:
        connection.execute(text(f'ALTER TABLE "{table}" RENAME TO gone'))
    with caplog.at_level(logging.DEBUG):
        for ask in _personal():
            ask(world)
        world.hub.sequencer.fault = None
    said = " ".join(
        [caplog.text, *(str(each.__dict__) for each in caplog.records if each.name != "asyncio")]
    )
    assert any(each.name.startswith("hub.") for each in caplog.records)
    for each in (*SECRETS, world.person(), world.token(WARD_DOCTOR)[-30:]):
        assert each not in said
    with world.store.write() as connection:
        connection.execute(text(f'ALTER TABLE gone RENAME TO "{table}"'))


def _personal() -> tuple[Callable[[World], Reply], ...]:
    reason = [{"name": "reason", "valueString": "zqx-reason"}]
    return (
        lambda w: w.look_up(WARD_DOCTOR),
        lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}"),
        lambda w: w.get(
            WARD_DOCTOR, "/fhir/Condition", {"patient": w.person(), "code:text": "Zanzibarsjuka"}
        ),
        lambda w: w.open(WARD_DOCTOR, *reason),
        lambda w: w.post(
            REGION_SYSTEM, "/fhir/Condition", condition(w.person(), "x", "Zanzibarsjuka")
        ),
        lambda w: w.post(REGION_SYSTEM, "/ingest/rivta", SIGNE.encode(), content_type="text/xml"),
        lambda w: w.get(WARD_DOCTOR, f"/fhir/Condition?patient={SIGNE}"),
        lambda w: w.get(None, f"/fhir/Condition/{SIGNE}"),
        lambda w: w.http.send("GET", f"/fhir/Condition?access_token={w.token(WARD_DOCTOR)}", {}),
        lambda w: w.http.send("GET", "/fhir/Condition/x", {"Authorization": f"Bearer {SIGNE}"}),
        lambda w: w.http.send("POST", f"/granskning/{SIGNE}", {"Content-Type": FORM}, b"csrf=x"),
    )
