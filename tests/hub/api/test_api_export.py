"""$export: an organisation's own documentation, asynchronously, as NDJSON.

Source: Bulk Data Access IG 2.0.
"""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import hub.api.operation.export_work
import hub.api.search.reach
from consent.facts import Capacity
from consent.predicate import TRUE
from consent.scope import Clause, Scope
from hub.api.operation import export_work
from hub.auth.built_in import TokenRequest
from hub.fhir.check import check
from hub.store.schema.audit import audit_record
from hub.store.schema.export_job import EXPORT_FILE, EXPORT_JOB
from hub.store.standing import withdraw
from tests.hub.api.test_api_log import close_the_log
from tests.hub.api.test_api_own_data import CLINIC_SYSTEM, NAMND_SYSTEM
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    OLOF,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    WARD_DOCTOR,
    World,
    condition,
)
from tests.worlds.usual import HIDDEN, fill

ASYNC = {"Prefer": "respond-async"}
READS_CONDITIONS = TokenRequest(
    "region-integration", REGION, Capacity.SYSTEM, None, scope="system/Condition.rs"
)


@pytest.fixture
def filled(world: World) -> Iterator[World]:
    fill(world)
    world.clock.forward(timedelta(seconds=1))
    yield world
    _wait()


def _begin(world: World, query: str = "", reader: TokenRequest = REGION_SYSTEM) -> str:
    reply = world.get(reader, f"/fhir/$export{query}", headers=ASYNC)
    assert reply.status == 202, reply.body
    return reply.headers["content-location"].removeprefix("http://hub.test")


def _wait() -> None:
    for thread in threading.enumerate():
        if thread.name == "export-work":
            thread.join(timeout=60)


def _manifest(world: World, status: str, reader: TokenRequest = REGION_SYSTEM) -> Reply:
    _wait()
    reply = world.get(reader, status)
    assert reply.status == 200, reply.body
    return reply


def _lines(world: World, status: str, reader: TokenRequest = REGION_SYSTEM) -> list[Any]:
    found = []
    for each in _manifest(world, status, reader).json["output"]:
        reply = world.get(reader, each["url"].removeprefix("http://hub.test"))
        assert (reply.status, reply.headers["content-type"]) == (200, "application/fhir+ndjson")
        lines = [json.loads(line) for line in reply.body.splitlines()]
        assert len(lines) == each["count"]
        assert {line["resourceType"] for line in lines} == {each["type"]}
        found += lines
    return found


def _ids(lines: list[Any]) -> list[str]:
    return sorted(line["id"] for line in lines)


def test_an_export_holds_what_the_organisation_holds_and_nothing_else(filled: World) -> None:
    status = _begin(filled)
    manifest = _manifest(filled, status)
    assert manifest.headers["content-type"] == "application/json"
    assert manifest.json["requiresAccessToken"] is True
    assert manifest.json["request"] == "http://hub.test/fhir/$export"
    assert manifest.json["error"] == []
    lines = _lines(filled, status)
    people = [filled.person(), filled.person(OLOF)]
    assert _ids(lines) == sorted(["ward-1", "ward-2", "surgery-1", "other-1", *people])
    for line in lines:
        assert [each for each in check(line) if each.severity == "error"] == []
    assert _ids(_lines(filled, _begin(filled, "", CLINIC_SYSTEM), CLINIC_SYSTEM)) == sorted(
        ["clinic-1", filled.person()]
    )
    social = _lines(filled, _begin(filled, "?_type=Condition", NAMND_SYSTEM), NAMND_SYSTEM)
    assert _ids(social) == ["service-1"]


def test_types_since_and_files(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_work, "MOST_IN_A_FILE", 1)
    filled.clock.forward(timedelta(minutes=1))
    assert _lines(filled, _begin(filled, "?_type=Condition&_since=2020-01-01")) != []
    later = filled.clock.now.isoformat().replace("+00:00", "Z")
    filled.clock.forward(timedelta(minutes=1))
    status = _begin(filled, "?_type=Condition")
    assert [each["count"] for each in _manifest(filled, status).json["output"]] == [1, 1, 1, 1]
    sent = filled.post(REGION_SYSTEM, "/fhir/Condition", condition(filled.person(), "x"))
    assert len(_lines(filled, status)) == 4
    assert sent.status == 201, sent.body
    filled.clock.forward(timedelta(minutes=1))
    changed = _begin(filled, f"?_type=Condition,Observation&_since={later}")
    assert _ids(_lines(filled, changed)) == [sent.json["id"]]


def test_a_token_that_reads_a_type_exports_that_type(filled: World) -> None:
    status = _begin(filled, "", READS_CONDITIONS)
    kinds = {each["type"] for each in _manifest(filled, status, READS_CONDITIONS).json["output"]}
    assert kinds == {"Condition"}
    asked = "/fhir/$export?_type=Encounter"
    assert filled.get(READS_CONDITIONS, asked, headers=ASYNC).status == 403


def test_a_file_is_what_may_be_read_when_it_is_fetched(filled: World) -> None:
    """Nothing of content is kept for an export: what has left the store is not in it."""
    status = _begin(filled, "?_type=Condition")
    _wait()
    with filled.store.read() as connection:
        kept = [row.held for row in connection.execute(select(EXPORT_FILE.c.held))]
    assert HIDDEN not in "".join(kept)
    with filled.store.write() as connection:
        withdraw(connection, filled.person(OLOF), [("Condition", "other-1")])
    assert "other-1" in _ids(_lines(filled, status))  # its owner reads it still
    sent = filled.post(REGION_SYSTEM, "/fhir/Condition", condition(filled.person(), "x"))
    path = f"/fhir/Condition/{sent.json['id']}"
    filled.clock.forward(timedelta(seconds=1))
    status = _begin(filled, "?_type=Condition")
    _wait()
    assert filled.send(REGION_SYSTEM, "DELETE", path).status in (200, 204)
    url = _manifest(filled, status).json["output"][0]["url"].removeprefix("http://hub.test")
    assert sent.json["id"] not in filled.get(REGION_SYSTEM, url).body.decode()


def test_each_person_in_a_file_has_a_record(filled: World) -> None:
    _lines(filled, _begin(filled, "?_type=Condition"))
    with filled.store.read() as connection:
        rows = [json.loads(e) for e in connection.execute(select(audit_record.c.payload)).scalars()]
    records = [each for each in rows if each["action"] == "export" and each.get("shown")]
    shown = {
        each["person"]: sorted(r.split("/")[1] for e in each["shown"] for r in e["references"])
        for each in records
    }
    assert shown == {
        filled.person(): ["surgery-1", "ward-1", "ward-2"],
        filled.person(OLOF): ["other-1"],
    }
    assert {ground for each in records for ground in each["grounds"]} == {"PDL 2:4"}
    begun = [each for each in rows if each["action"] == "operation"]
    assert [each["user"] for each in begun] == ["region-integration"]


def test_nobody_else_gets_it(filled: World) -> None:
    refused = filled.get(WARD_DOCTOR, "/fhir/$export", headers=ASYNC)
    assert (refused.status, refused.codes) == (403, ["not-a-system"])
    one = TokenRequest("x", REGION, Capacity.SYSTEM, None, person=f"|{SIGNE}")
    assert filled.get(one, "/fhir/$export", headers=ASYNC).status == 403
    status = _begin(filled)
    url = _manifest(filled, status).json["output"][0]["url"].removeprefix("http://hub.test")
    other = TokenRequest("another-client", REGION, Capacity.SYSTEM, None)
    for reader in (CLINIC_SYSTEM, other):
        assert filled.get(reader, status).status == 404
        assert filled.send(reader, "DELETE", status).status == 404
        assert filled.get(reader, url).status == 404
    assert filled.get(READS_CONDITIONS, status).status == 200


def test_it_can_be_cancelled_and_it_expires(filled: World) -> None:
    status = _begin(filled)
    url = _manifest(filled, status).json["output"][0]["url"].removeprefix("http://hub.test")
    assert filled.send(REGION_SYSTEM, "DELETE", status).status == 202
    for path in (status, url):
        assert filled.get(REGION_SYSTEM, path).status == 404
    status = _begin(filled)
    _wait()
    filled.clock.forward(timedelta(hours=25))
    filled.tokens.clear()
    assert filled.get(REGION_SYSTEM, status).status == 404
    _begin(filled)
    with filled.store.read() as connection:
        assert len(connection.execute(select(EXPORT_JOB.c.id)).all()) == 1


@pytest.fixture
def _dying(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that took the job up dies before it has written anything."""
    monkeypatch.setattr(hub.api.operation.export_work, "_carry_out", lambda *_given: None)


@pytest.mark.usefixtures("_dying")
def test_a_job_outlives_the_process_that_began_it(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = _begin(filled)
    waiting = filled.get(REGION_SYSTEM, status)
    assert (waiting.status, waiting.headers["retry-after"]) == (202, "5")
    monkeypatch.undo()
    assert filled.get(REGION_SYSTEM, status).status == 202  # the lease still runs
    _wait()
    assert filled.get(REGION_SYSTEM, status).status == 202
    filled.clock.forward(timedelta(minutes=2))
    assert filled.get(REGION_SYSTEM, status).status == 202
    assert len(_lines(filled, status)) == 6


def test_what_cannot_be_understood_is_said(filled: World) -> None:
    for path, headers, code in (
        ("/fhir/$export", {}, "respond-async"),
        ("/fhir/$export?_outputFormat=text/csv", ASYNC, "output-format"),
        ("/fhir/$export?_type=Colour", ASYNC, "unknown-type"),
        ("/fhir/$export?_since=yesterday", ASYNC, "parameters"),
        ("/fhir/$export?_typeFilter=Condition%3Fcode%3Dx", ASYNC, "unknown-parameter"),
    ):
        reply = filled.get(REGION_SYSTEM, path, headers=headers)
        assert (reply.status, reply.codes) == (400, [code]), path
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_type", "valueString": "Condition"}],
    }
    reply = filled.post(REGION_SYSTEM, "/fhir/Patient/$export", body, headers=ASYNC)
    assert reply.status == 202
    assert filled.get(REGION_SYSTEM, "/fhir/$export-file/nothing.0").status == 404
    assert filled.get(REGION_SYSTEM, "/fhir/$export-status/nothing").status == 404


def test_nothing_is_shown_and_nothing_begun_while_the_log_cannot_be_written(filled: World) -> None:
    status = _begin(filled)
    url = _manifest(filled, status).json["output"][0]["url"].removeprefix("http://hub.test")
    close_the_log(filled)
    for path, headers in ((url, {}), ("/fhir/$export", ASYNC)):
        reply = filled.get(REGION_SYSTEM, path, headers=headers)
        assert (reply.status, reply.codes) == (503, ["unavailable"])
    assert filled.send(REGION_SYSTEM, "DELETE", status).status == 503
    with filled.store.read() as connection:
        assert len(connection.execute(select(EXPORT_JOB.c.id)).all()) == 1


def test_an_export_whose_scope_permits_everything_is_noticed(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: what others hold is in it."""
    everything = Scope((Clause(permits=True, when=TRUE, ground="PDL 2:4"),), (), "", None)
    monkeypatch.setattr(hub.api.search.reach, "scope", lambda _situation: everything)
    assert HIDDEN in json.dumps(_lines(filled, _begin(filled, "", CLINIC_SYSTEM), CLINIC_SYSTEM))
