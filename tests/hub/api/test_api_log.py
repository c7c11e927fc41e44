"""P2: no answer without its log record, and the record is durable before the answer leaves."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text

import hub.api.act.act
import hub.api.act.lift_task
import hub.api.act.notices
import hub.api.authenticate
import hub.api.consent.consents
import hub.api.consent.read_consent
import hub.api.consent.search_consent
import hub.api.ingest
import hub.api.interaction.create
import hub.api.interaction.delete
import hub.api.interaction.history
import hub.api.interaction.read
import hub.api.interaction.transaction
import hub.api.interaction.update
import hub.api.interaction.vread
import hub.api.opening.open
import hub.api.operation.everything
import hub.api.operation.operated
import hub.api.refused
import hub.api.search.first_page
import hub.api.search.page
import hub.api.search.search_directory
import hub.api.search.search_patient
from hub.audit.errors import AuditUnavailable
from hub.audit.record import AccessRecord
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
from hub.store.schema.audit import audit_record
from hub.store.schema.tables import METADATA
from tests.hub.api.logged_paths import PATHS, own
from tests.worlds.hub_world import (
    WARD_DOCTOR,
    World,
    stated,
)
from tests.worlds.usual import fill

WRITING = (
    hub.api.authenticate,
    hub.api.consent.read_consent,
    hub.api.consent.search_consent,
    hub.api.act.act,
    hub.api.consent.consents,
    hub.api.interaction.create,
    hub.api.interaction.delete,
    hub.api.interaction.history,
    hub.api.ingest,
    hub.api.operation.everything,
    hub.api.operation.operated,
    hub.api.act.lift_task,
    hub.api.act.notices,
    hub.api.opening.open,
    hub.api.search.page,
    hub.api.search.search_directory,
    hub.api.interaction.read,
    hub.api.refused,
    hub.api.search.search_patient,
    hub.api.search.first_page,
    hub.api.interaction.transaction,
    hub.api.interaction.update,
    hub.api.interaction.vread,
)


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


def close_the_log(world: World) -> None:
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
    own(world)
    before = _contents(world)
    close_the_log(world)
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
    close_the_log(world)
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
    own(small_world)
    close_the_log(small_world)
    for module in WRITING:
        monkeypatch.setattr(module, "write", careless)
    statuses = {name: PATHS[name][1](small_world).status for name in LOGGED_AT_ONCE}
    assert 503 not in statuses.values()


def test_an_organisation_that_was_named_in_an_unlogged_answer_was_not_named(
    world: World,
) -> None:
    """A session that nobody was told of gives nothing to choose from."""
    fill(world)
    close_the_log(world)
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
