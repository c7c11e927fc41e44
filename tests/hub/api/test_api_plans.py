"""The cost of an answer grows with the answer and not with the store: what the database reads.

Source: DESIGN §7; issue "Speed". A store of 40,000 resources on PostgreSQL; every statement of a
request is explained as it was carried out. SAMVY_PLANS_STORE makes the store larger.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg import RawCursor
from psycopg.rows import tuple_row
from sqlalchemy import Connection, event

from tests.bench.bench_api import person_with_a_record
from tests.bench.grown_store import grow
from tests.worlds.hub_world import REGION_SYSTEM, WARD_DOCTOR, Json, World, opened_world

STORE, RECORD = int(os.environ.get("SAMVY_PLANS_STORE", "40000")), 260
LARGE = ("resource", "resource_version", "ix_")
Statement = tuple[str, Any]


@pytest.fixture(scope="module")
def grown(postgres_module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened_world(postgres_module_url, tmp_path_factory.mktemp("plans")) as world:
        made = person_with_a_record(world, observations=RECORD - 60)
        assert made == world.person()
        grow(world.store, STORE)
        yield world


@contextmanager
def _heard(world: World) -> Iterator[list[Statement]]:
    heard: list[Statement] = []

    def hear(_connection: Connection, _cursor: Any, statement: str, given: Any, *_: object) -> None:  # noqa: ANN401  # the driver's
        asks = statement.lstrip().upper().startswith(("SELECT", "WITH"))
        if asks and "FOR UPDATE" not in statement:  # a lock is by key
            heard.append((statement, given))

    for engine in world.store.engines:
        event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        for engine in world.store.engines:
            event.remove(engine, "before_cursor_execute", hear)


def _nodes(plan: Json) -> Iterator[Json]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _explained(connection: Connection, text: str, given: Any) -> Any:  # noqa: ANN401  # JSON
    """The plan; a statement written out has PostgreSQL's own marks (hub/store/written_out.py)."""
    if not isinstance(given, tuple):
        return connection.exec_driver_sql(text, given).scalar_one()
    driver: Any = connection.connection.driver_connection
    (plan,) = RawCursor(driver, row_factory=tuple_row).execute(text.encode(), given).fetchall()
    return plan[0]


def _read(world: World, statements: list[Statement]) -> int:
    """How many rows of the large tables were looked at; none may be read from end to end."""
    looked = 0
    with world.store.read() as connection:
        for statement, given in statements:
            explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            plan = _explained(connection, explained, given)
            for node in _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
                if str(node.get("Relation Name", "")).startswith(LARGE):
                    assert node["Node Type"] != "Seq Scan", (statement, node)
                    removed = node.get("Rows Removed by Filter", 0)
                    looked += (node["Actual Rows"] + removed) * node["Actual Loops"]
    return int(looked)


ASKED = {
    "read": ("Condition/c1", {}),
    "vread": ("Condition/c1/_history/1", {}),
    "history of an instance": ("Condition/c1/_history", {}),
    "history of a type": ("Condition/_history", {"patient": ""}),
    "a type": ("Condition", {"patient": ""}),
    "a token": ("Observation", {"patient": "", "code": "urn:s|7"}),
    "a token that is not": ("Observation", {"patient": "", "code:not": "urn:s|7"}),
    "a text": ("Condition", {"patient": "", "code:text": "hyper"}),
    "a date": ("Condition", {"patient": "", "recorded-date": "ge2025"}),
    "what is missing": ("Condition", {"patient": "", "onset-date:missing": "true"}),
    "a chain": ("Condition", {"patient": "", "encounter.status": "finished"}),
    "_has": ("Encounter", {"patient": "", "_has:Condition:encounter:recorded-date": "2025"}),
    "_include": ("Condition", {"patient": "", "_include": "Condition:encounter"}),
    "_revinclude": ("Encounter", {"patient": "", "_revinclude": "Condition:encounter"}),
    "an order": ("Observation", {"patient": "", "_sort": "-code,date"}),
    "a page of ten": ("Observation", {"patient": "", "_count": "10"}),
    "a total": ("Observation", {"patient": "", "_summary": "count"}),
    "$everything": ("Patient/{}/$everything", {}),
    "$summary": ("Patient/{}/$summary", {}),
    "$lastn": ("Observation/$lastn", {"patient": ""}),
}
MOST = 12 * RECORD
"""Several looks at the whole record; the store holds more than ten times as much."""


@pytest.mark.parametrize("what", ASKED)
def test_a_request_reads_the_record_and_not_the_store(grown: World, what: str) -> None:
    path, given = ASKED[what]
    person = grown.person()
    asked = {name: value or person for name, value in given.items()}
    target = f"/fhir/{path.format(person)}"
    with _heard(grown) as statements:
        reply = grown.get(WARD_DOCTOR, target, asked)
    assert reply.status == 200, reply.body
    assert statements
    assert _read(grown, statements) < MOST
    following = reply.link("next") if "entry" in reply.json else None
    if following:
        with _heard(grown) as statements:
            assert grown.get(WARD_DOCTOR, following).status == 200
        assert _read(grown, statements) < MOST


def test_a_conditional_write_reads_the_record_and_not_the_store(grown: World) -> None:
    person = grown.person()
    body = {
        "resourceType": "Condition",
        "subject": {"reference": f"Patient/{person}"},
        "code": {"text": "nytt"},
    }
    with _heard(grown) as statements:
        reply = grown.post(
            REGION_SYSTEM, "/fhir/Condition", body, headers={"If-None-Exist": "code:text=nytt"}
        )
    assert reply.status == 201
    assert _read(grown, statements) < MOST
