"""P2: no answer without its log record, and the record is durable before the answer leaves."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

import hub.api.block
import hub.api.consent_act
import hub.api.consents
import hub.api.create
import hub.api.delete
import hub.api.everything
import hub.api.history
import hub.api.ingest
import hub.api.lastn
import hub.api.open
import hub.api.page
import hub.api.read
import hub.api.search_patient
import hub.api.search_type
import hub.api.summary
import hub.api.transaction
import hub.api.update
import hub.api.vread
from hub.audit.errors import AuditUnavailable
from hub.audit.record import AccessRecord
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
from hub.store.schema.audit import audit_record
from hub.store.schema.tables import METADATA
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    REGION,
    REGION_SYSTEM,
    SIGNE,
    SIGNE_HERSELF,
    WARD_DOCTOR,
    World,
    condition,
    stated,
)
from tests.worlds.usual import fill

DIAGNOSES = Path(__file__).parents[3] / "hub" / "demo" / "data" / "documents" / "ekskog-journal"
WRITING = (
    hub.api.block,
    hub.api.consent_act,
    hub.api.consents,
    hub.api.create,
    hub.api.delete,
    hub.api.history,
    hub.api.ingest,
    hub.api.everything,
    hub.api.lastn,
    hub.api.summary,
    hub.api.open,
    hub.api.page,
    hub.api.read,
    hub.api.search_patient,
    hub.api.search_type,
    hub.api.transaction,
    hub.api.update,
    hub.api.vread,
)


def _entry(resource: dict[str, object]) -> dict[str, object]:
    return {
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _page(world: World) -> Reply:
    first = world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person(), "_count": "1"})
    return world.get(WARD_DOCTOR, str(first.link("next")))


def _new(world: World) -> dict[str, object]:
    return condition(world.person(), "sent", "Sent by the vendor")


def _transaction(world: World) -> Reply:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(_new(world))]}
    return world.post(REGION_SYSTEM, "/fhir", bundle)


def _own(world: World) -> str:
    """The path of a resource that the system has written before; the log was open then."""
    found = OWN.get(str(world.store.url))
    if found is None:
        reply = world.post(REGION_SYSTEM, "/fhir/Condition", _new(world))
        found = OWN[str(world.store.url)] = f"/fhir/Condition/{reply.json['id']}"
    return found


OWN: dict[str, str] = {}
"""By store."""


def _updated(world: World) -> Reply:
    path = _own(world)
    return world.send(REGION_SYSTEM, "PUT", path, {**_new(world), "id": path.rpartition("/")[2]})


def _patched(world: World) -> Reply:
    steps = [{"op": "add", "path": "/recordedDate", "value": "2026-03-10"}]
    kind = "application/json-patch+json"
    return world.send(REGION_SYSTEM, "PATCH", _own(world), steps, content_type=kind)


def _deleted(world: World) -> Reply:
    return world.send(REGION_SYSTEM, "DELETE", _own(world))


def _batch(world: World) -> Reply:
    one = {"request": {"method": "GET", "url": "Condition/ward-1"}}
    return world.post(
        WARD_DOCTOR, "/fhir", {"resourceType": "Bundle", "type": "batch", "entry": [one]}
    )


def _found_again(world: World) -> Reply:
    """Only a create of what is there already: the answer tells that it is."""
    there = world.post(REGION_SYSTEM, "/fhir/Condition", _new(world))
    if there.status != 201:  # the log is closed, and then nothing is answered
        return there
    number = there.json["id"]
    entry = _entry(_new(world))
    entry["request"] = {**entry["request"], "ifNoneExist": f"_id={number}"}  # type: ignore[dict-item]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    return world.post(REGION_SYSTEM, "/fhir", bundle)


def _act(world: World, name: str, parameters: list[dict[str, object]]) -> Reply:
    body = {"resourceType": "Parameters", "parameter": parameters}
    signe = replace(SIGNE_HERSELF, scope="patient/*.cruds")
    return world.post(signe, f"/fhir/Patient/{world.person()}/${name}", body)


NO = stated(organisation=CLINIC, answer=False)


def _nothing(world: World) -> Reply:
    bundle = {"resourceType": "Bundle", "type": "transaction"}
    return world.post(REGION_SYSTEM, "/fhir", bundle)


def _ingest(world: World) -> Reply:
    document = (DIAGNOSES / "diagnosis_2_0.xml").read_bytes()
    return world.post(REGION_SYSTEM, "/ingest/rivta", document, content_type="text/xml")


def _search(world: World) -> Reply:
    return world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()})


PATHS: dict[str, tuple[int, Callable[[World], Reply]]] = {
    "read": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1")),
    "read a version": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/_history/1")),
    "history": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/_history")),
    "history of what is hidden": (
        404,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/gone-1/_history"),
    ),
    "history of a type": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/_history", {"patient": w.person()}),
    ),
    "history of everything": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/_history", {"patient": w.person()}),
    ),
    "read what is hidden": (404, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/gone-1")),
    "read what is not there": (404, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/none")),
    "read Patient": (200, lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}")),
    "search Patient": (200, lambda w: w.look_up(WARD_DOCTOR, SIGNE)),
    "search": (200, _search),
    "search with nothing found": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Goal", {"patient": w.person()}),
    ),
    "a later page": (200, _page),
    "$open": (200, lambda w: w.open(WARD_DOCTOR, *stated(relevance=True))),
    "$everything": (200, lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}/$everything")),
    "$summary": (200, lambda w: w.get(WARD_DOCTOR, f"/fhir/Patient/{w.person()}/$summary")),
    "$lastn": (
        200,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Observation/$lastn", {"patient": w.person()}),
    ),
    "$meta": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/$meta")),
    "$validate": (200, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/$validate")),
    "create": (201, lambda w: w.post(REGION_SYSTEM, "/fhir/Condition", _new(w))),
    "update": (200, _updated),
    "patch": (200, _patched),
    "delete": (204, _deleted),
    "a block": (200, lambda w: _act(w, "register-block", stated(owner=REGION))),
    "an answer": (200, lambda w: _act(w, "register-consent", NO)),
    "answers and blocks": (
        200,
        lambda w: w.get(SIGNE_HERSELF, f"/fhir/Patient/{w.person()}/$consents"),
    ),
    "transaction": (200, _transaction),
    "batch": (200, _batch),
    "transaction that changes nothing": (200, _found_again),
    "transaction of nothing": (200, _nothing),
    "ingest": (200, _ingest),
}


class Watch:
    """Looks, from a connection of its own, for the record of each answer that begins to leave."""

    def __init__(self, url: str) -> None:
        self._store = Store(url, pool_size=1)
        self.found: list[AccessRecord | None] = []

    def __call__(self, _status: int, headers: Mapping[str, str]) -> None:
        with self._store.read() as connection:
            payloads = connection.execute(select(audit_record.c.payload)).scalars().all()
        records = [json.loads(each) for each in payloads]
        wanted = headers["x-request-id"]
        self.found.append(next((r for r in records if r.get("request_id") == wanted), None))

    def close(self) -> None:
        self._store.close()


@contextmanager
def _watched(world: World, url: str) -> Iterator[Watch]:
    watch = Watch(url)
    world.http.leaving = watch
    try:
        yield watch
    finally:
        world.http.leaving = None
        watch.close()


def test_the_record_is_there_before_the_answer_leaves(world: World, store_url: str) -> None:
    fill(world)
    for name, (status, ask) in PATHS.items():
        with _watched(world, store_url) as watch:
            assert ask(world).status == status, name
        assert all(watch.found), name


def test_a_record_that_is_written_after_the_answer_is_noticed(
    small_world: World, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted on every path: the answer does not wait for the log."""
    fill(small_world)
    held, threads = threading.Event(), []

    def later(log: AuditWriter, *records: AccessRecord) -> None:
        def write() -> None:
            held.wait()
            log.append_all(records)

        threads.append(threading.Thread(target=write))
        threads[-1].start()

    for module in WRITING:
        monkeypatch.setattr(module, "write", later)
    noticed = []
    for name, (_, ask) in PATHS.items():
        with _watched(small_world, sqlite_url) as watch:
            ask(small_world)
        if not all(watch.found):
            noticed.append(name)
    held.set()
    for thread in threads:
        thread.join()
    assert noticed == list(PATHS)


def _contents(world: World) -> dict[str, int]:
    """How many rows every table has, but for the log's and what a reader's own requests leave."""
    own = ("audit_", "reading_session", "page_set")
    with world.store.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
            if not table.name.startswith(own)
        }


TRIGGER = "CREATE TRIGGER closed BEFORE INSERT ON audit_record"
FUNCTION = """CREATE FUNCTION closed() RETURNS trigger AS
    $$ BEGIN RAISE EXCEPTION 'closed'; END $$ LANGUAGE plpgsql"""


def _close_the_log(world: World) -> None:
    """Make the database refuse every new record."""
    if world.store.sqlite:
        statements = [f"{TRIGGER} BEGIN SELECT RAISE(ABORT, 'closed'); END"]
    else:
        statements = [FUNCTION, f"{TRIGGER} FOR EACH ROW EXECUTE FUNCTION closed()"]
    with world.store.write() as connection:
        for each in statements:
            connection.execute(text(each))


def _open_the_log(world: World) -> None:
    on = "" if world.store.sqlite else " ON audit_record"
    with world.store.write() as connection:
        connection.execute(text(f"DROP TRIGGER closed{on}"))


LOGGED_AT_ONCE = [each for each in PATHS if each not in ("a later page", "batch")]
"""A batch says of each of its requests that it was not answered."""


def test_nothing_is_shown_and_nothing_kept_while_the_log_cannot_be_written(world: World) -> None:
    fill(world)
    _own(world)
    before = _contents(world)
    _close_the_log(world)
    for name in LOGGED_AT_ONCE:
        reply = PATHS[name][1](world)
        assert (reply.status, reply.codes) == (503, ["unavailable"]), name
        assert not {"etag", "last-modified", "location"} & reply.headers.keys()
        assert _contents(world) == before, name
    _open_the_log(world)
    assert {name: PATHS[name][1](world).status for name in PATHS} == {
        name: status for name, (status, _) in PATHS.items()
    }


def test_a_later_page_is_not_shown_while_the_log_cannot_be_written(world: World) -> None:
    fill(world)
    parameters = {"patient": world.person(), "_count": "1"}
    following = str(world.get(WARD_DOCTOR, "/fhir/Condition", parameters).link("next"))
    _close_the_log(world)
    assert world.get(WARD_DOCTOR, following).status == 503


def test_an_error_of_the_log_that_is_swallowed_is_noticed(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: whoever cannot log goes on all the same."""

    def careless(log: AuditWriter, *records: AccessRecord) -> None:
        try:
            log.append_all(records)
        except AuditUnavailable:
            return

    fill(small_world)
    _own(small_world)
    _close_the_log(small_world)
    for module in WRITING:
        monkeypatch.setattr(module, "write", careless)
    statuses = {name: PATHS[name][1](small_world).status for name in LOGGED_AT_ONCE}
    assert 503 not in statuses.values()


def test_an_organisation_that_was_named_in_an_unlogged_answer_was_not_named(
    world: World,
) -> None:
    """A session that nobody was told of gives nothing to choose from."""
    fill(world)
    _close_the_log(world)
    assert world.open(WARD_DOCTOR).status == 503
    with world.store.read() as connection:
        sessions = METADATA.tables["reading_session"]
        assert not connection.execute(select(sessions.c.id)).all()


def test_a_record_says_what_was_shown_from_whom_and_why(world: World) -> None:
    fill(world)
    given = stated(relevance=True, activeChoice="content", takesPart=True, reason="inlagd")
    session = world.session(WARD_DOCTOR, *given)
    world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()}, session=session)
    with world.store.read() as connection:
        payloads = connection.execute(
            select(audit_record.c.payload).order_by(
                audit_record.c.recorded, audit_record.c.position
            )
        ).scalars()
        records = [json.loads(each) for each in payloads]
    actions = [each["action"] for each in records]
    assert actions == ["open", "rung", "search-type"]
    opened, rung, searched = records
    assert opened["session"] == rung["session"] == searched["session"] == session
    assert opened["reason"] == "inlagd"
    assert rung["rungs"] == [{"code": "U0"}]
    assert searched["person"] == world.person()
    assert {each["owner"]: each["references"] for each in searched["shown"]}[
        "SE5599999988-0001"
    ] == ["Condition/clinic-1/_history/1"]
    assert set(searched["grounds"]) == {"PDL 4:1", "SVOD 3:1"}
    assert searched["unit"] == WARD_DOCTOR.unit
