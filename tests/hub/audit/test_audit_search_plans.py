"""A log of 200,000 records on PostgreSQL: no search of it reads a table from end to end."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Select, text
from sqlalchemy.dialects import postgresql

from hub.audit import search as searching
from hub.audit.mandate import Mandate
from hub.audit.record import Action, Outcome
from hub.audit.search import Wanted, search
from hub.audit.term import Term
from hub.store.connect import Store
from hub.store.schema.audit import audit_term

RECORDS, PAGE = 200_000, 51
LARGE = ("audit_record", "audit_term", "audit_tree")
HOSPITAL, CLINIC = (Mandate(organisations=frozenset({name})) for name in ("org-1", "org-2"))
SUPERVISOR = Mandate(organisations=frozenset(f"org-{n}" for n in range(250)))
SIGNE = Mandate(persons=frozenset({"person-17"}))
MICROSECOND = 1_000_000
KEY = """('x' || substr(encode(sha256(convert_to(t.reader || chr(31) || t.term || chr(31)
    || t.value || chr(31) || t.kind, 'UTF8')), 'hex'), 1, 16))::bit(64)::bigint"""
# One record in fifty was denied and cites nothing, one in a thousand is a deletion; whose purpose
# is rare is never the owner's that is seen most.
OF_EACH = """LATERAL (SELECT 'org-' || n % 5 AS reader,
        CASE WHEN n % 1000 = 6 THEN 'delete' WHEN n % 3 = 0 THEN 'read'
             ELSE 'search-type' END AS action,
        CASE WHEN n % 50 = 1 THEN 'deny' ELSE 'permit' END AS outcome,
        CASE WHEN n % 7 = 4 THEN 'kvalitet' ELSE 'vard' END AS purpose) o,
    LATERAL (SELECT '[["' || o.action || '"],["' || o.outcome || '"],["' || o.purpose || '"],['
        || CASE WHEN n % 50 = 1 THEN '' ELSE '"SVOD 3:' || n % 2 || '"' END || '],[]]' AS kind) k"""
FILL = (
    "SET synchronous_commit = off",
    "INSERT INTO audit_chain (id, started) VALUES ('c', '')",
    f"""INSERT INTO audit_record (chain, position, id, recorded, action, outcome, user_id,
         organisation, person, salt, payload, leaf_hash, chain_hash)
       SELECT 'c', n, 'r' || n, '', o.action, o.outcome, 'user-' || n % 3000, o.reader,
         'person-' || n % 20011, '', convert_to(json_build_object('format', 1, 'id', 'r' || n,
         'recorded', '2026-01-01T00:00:00.000000Z', 'action', o.action, 'outcome', o.outcome,
         'user', 'user-' || n % 3000, 'organisation', o.reader,
         'person', 'person-' || n % 20011)::text, 'UTF8'), '', ''
       FROM generate_series(0, :last) n, {OF_EACH}""",  # noqa: S608
    """INSERT INTO audit_tree (leaf_index, chain, position, leaf_hash)
       SELECT n, 'c', n, '' FROM generate_series(0, :last) n""",
    f"""INSERT INTO audit_term (term, at, leaf_index)
       SELECT {KEY}, n::bigint * 1000000, n FROM generate_series(0, :last) n, {OF_EACH},
         LATERAL (VALUES (o.reader, 'record', '', k.kind),
           (o.reader, 'user', 'user-' || n % 3000, k.kind),
           (o.reader, 'owner', 'org-' || n % 7, k.kind),
           (o.reader, 'unit', 'unit-' || n % 11, k.kind),
           (o.reader, 'concerns', 'org-' || n % 7 + 5, k.kind),
           (o.reader, 'person', 'person-' || n % 20011, ''),
           ('person-' || n % 20011, 'record', '', '')) t(reader, term, value, kind)""",  # noqa: S608
    f"""INSERT INTO audit_kind (reader, kind)
       SELECT DISTINCT o.reader, k.kind FROM generate_series(0, :last) n, {OF_EACH}""",  # noqa: S608
)
"""The terms are hashed by the database: that searches find them holds the two to one another."""
SECTIONS = (Term.GROUND, ("SVOD 3:0", "SVOD 3:1"))
DENIED, FAILED = frozenset({Outcome.DENY}), frozenset({Outcome.ERROR})
ASKED: dict[str, tuple[Mandate, Wanted]] = {
    "the newest": (HOSPITAL, Wanted()),
    "an agent": (HOSPITAL, Wanted(((Term.USER, ("user-1001",)),))),
    "an agent in a period": (
        HOSPITAL,
        Wanted(((Term.USER, ("user-1001",)),), start=0, end=100_000 * MICROSECOND),
    ),
    "a patient": (HOSPITAL, Wanted(((Term.PERSON, ("person-17",)),))),
    "an owner": (HOSPITAL, Wanted(((Term.OWNER, ("org-3",)),))),
    "several owners": (HOSPITAL, Wanted(((Term.OWNER, ("org-1", "org-2", "org-3")),))),
    "a section": (HOSPITAL, Wanted(((Term.GROUND, ("SVOD 3:1",)),))),
    "a purpose": (HOSPITAL, Wanted(((Term.PURPOSE, ("vard",)),))),
    "a period": (
        HOSPITAL,
        Wanted(start=100_000 * MICROSECOND, end=100_500 * MICROSECOND),
    ),
    "a rare act": (HOSPITAL, Wanted(actions=frozenset({Action.DELETE}))),
    "a common act": (HOSPITAL, Wanted(actions=frozenset({Action.READ}))),
    "a denial": (HOSPITAL, Wanted(outcomes=DENIED)),
    "a permit": (HOSPITAL, Wanted(outcomes=frozenset({Outcome.PERMIT, Outcome.PARTIAL}))),
    "another organisation": (HOSPITAL, Wanted(((Term.CONCERNS, ("org-7",)),))),
    "a unit's reads of an owner's data": (
        HOSPITAL,
        Wanted(
            ((Term.UNIT, ("unit-3",)), (Term.OWNER, ("org-3",))), actions=frozenset({Action.READ})
        ),
    ),
    "a patient's reads": (
        HOSPITAL,
        Wanted(((Term.PERSON, ("person-17",)),), actions=frozenset({Action.READ})),
    ),
    "what many organisations have denied": (SUPERVISOR, Wanted(outcomes=DENIED)),
    "what concerns a person": (SIGNE, Wanted()),
    "what many organisations may read": (SUPERVISOR, Wanted((SECTIONS,))),
}
NOTHING: dict[str, tuple[Mandate, Wanted]] = {
    "a failure, of which there is none": (HOSPITAL, Wanted(outcomes=FAILED)),
    "a denial where none was denied": (CLINIC, Wanted(outcomes=DENIED)),
    "an owner whose data nobody saw": (HOSPITAL, Wanted(((Term.OWNER, ("org-9",)), SECTIONS))),
    # What follows are searches whose every term is common, and which find nothing together.
    "a common section that was denied": (HOSPITAL, Wanted((SECTIONS,), outcomes=DENIED)),
    "the same, of many organisations": (SUPERVISOR, Wanted((SECTIONS,), outcomes=DENIED)),
    "an owner, a section and a purpose that never meet": (
        SUPERVISOR,
        Wanted(((Term.OWNER, ("org-3",)), SECTIONS, (Term.PURPOSE, ("kvalitet",)))),
    ),
    "a deletion that was denied": (
        HOSPITAL,
        Wanted(outcomes=DENIED, actions=frozenset({Action.DELETE})),
    ),
}


@pytest.fixture(scope="module")
def filled(postgres_template: str) -> Iterator[Connection]:
    """A connection to the log, which all searches read."""
    import os  # noqa: PLC0415

    from tests.conftest import SERVER, _create_database, _drop_database, _for_sqlalchemy  # noqa: PLC0415  # a database for a whole module

    server = os.environ[SERVER]
    url = _create_database(server, postgres_template)
    store = Store(_for_sqlalchemy(url))
    with store.write() as connection:
        for statement in FILL:
            values = {"last": RECORDS - 1} if ":last" in statement else {}
            connection.execute(text(statement), values)
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    with store.read() as connection:
        yield connection
    store.close()
    _drop_database(server, url)


def _plan(connection: Connection, query: Select[Any]) -> dict[str, Any]:
    written = query.compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]  # its stubs say so
        compile_kwargs={"literal_binds": True},
    )
    found = connection.execute(
        text(f"EXPLAIN (ANALYZE, FORMAT JSON) {written}".replace(":", r"\:"))
    )
    plan = found.scalar_one()
    return dict((json.loads(plan) if isinstance(plan, str) else plan)[0])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _read(connection: Connection, mandate: Mandate, wanted: Wanted) -> int:
    """How many rows a first page reads; no table from end to end."""
    read = 0
    for query in _queries(connection, mandate, wanted):
        plan = _plan(connection, query)
        for node in _nodes(plan["Plan"]):
            whole = node["Node Type"].endswith("Seq Scan") and node.get("Relation Name") in LARGE
            assert not whole, node
            if "Relation Name" in node:
                read += node["Actual Rows"] * node["Actual Loops"]
    return int(read)


def _queries(
    connection: Connection, mandate: Mandate, wanted: Wanted
) -> Iterator[Select[tuple[int, int, int]]]:
    """The statements of a first page, as `hub.audit.search` makes them."""
    terms, conditions = searching.plan(connection, mandate, wanted)
    within = [*searching._period(wanted), *conditions]
    for keys in terms:
        if not keys:
            return
        if len(keys) > PAGE or len(terms) > 1:
            yield searching.newest_of_each(connection, keys, within, 1)
    if len(terms) > 1:  # in one window, as wide as it gets
        yield searching.together(connection, terms, within, PAGE)
        return
    keys = terms[0]
    if len(keys) > PAGE and not conditions:
        keys, since = searching._reaching(connection, keys, within, PAGE)
        within.append(audit_term.c.at >= since)
    yield searching.newest_of_each(connection, keys, within, PAGE)


@pytest.mark.parametrize("what", ASKED)
def test_a_first_page_reads_little(filled: Connection, what: str) -> None:
    mandate, wanted = ASKED[what]
    entries, _ = search(filled, mandate, wanted, count=50)
    assert entries
    # Far from the 200,000: a page is dear by what it shows, not by what there is.
    assert _read(filled, mandate, wanted) < RECORDS / 20


@pytest.mark.parametrize("what", NOTHING)
def test_a_search_that_finds_nothing_reads_little(filled: Connection, what: str) -> None:
    """It cannot stop when a page is full, and does not walk the mandate's records for all that."""
    mandate, wanted = NOTHING[what]
    assert search(filled, mandate, wanted, count=50) == ([], None)
    assert _read(filled, mandate, wanted) < RECORDS / 20
