"""A log of millions of records in PostgreSQL, made in minutes: records, tree, indexes, worklist.

`python -m tests.bench.large_log URL RECORDS FOLDER` fills the empty database that a SQLAlchemy URL
names; FOLDER gets the keys. One record in twenty is made by the hub's own functions and comes by
COPY from several processes; the database makes nineteen more of each, by the same person about the
same person some time later, and then the indexes. Leaves, tree and index of persons are whole; only
the copies' links within their chains are not made, so that `samvy audit verify` would name them.
The tables are not logged by the database, so a crash of it empties them.
tests/bench/bench_large_log.py measures what was filled.
"""

import json
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Table, insert
from sqlalchemy.engine import make_url

from hub.audit.kind import kind_of
from hub.audit.merkle import Frontier
from hub.audit.note import Checkpoint, Signer
from hub.audit.person_index import add_records, subject_of
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown, instant
from hub.audit.stored_tree import keep_subtrees
from hub.audit.term import readers_of, rows_of
from hub.audit.writer import _row
from hub.review.sample import period_of
from hub.store.connect import Store
from hub.store.instant import micros
from hub.store.one_insert import insert_rows
from hub.store.schema.audit import (
    audit_checkpoint,
    audit_kind,
    audit_record,
    audit_term,
    audit_tree,
)
from hub.store.schema.review import REVIEW_ITEM
from tests.worlds.hub_world import (
    CLINIC,
    FIRM,
    KOMMUN,
    NAMND,
    OTHER_REGION,
    REGION,
    opened_world,
)

PROCESSES, AT_A_TIME, OF_EACH = 2, 20_000, 20
LAST = datetime(2026, 3, 10, 10, tzinfo=UTC)
"""The log ends an hour before the world's clock stands, and reaches two years back."""
YEARS = timedelta(days=730)
CHAIN = "made"
PERSONS, SMALL = 300_000, tuple(f"SE55{n:08}-0001" for n in range(1, 25))
STAFF = {
    REGION: 16_000,
    OTHER_REGION: 5000,
    KOMMUN: 2000,
    NAMND: 2500,
    CLINIC: 400,
    FIRM: 300,
    **dict.fromkeys(SMALL, 40),
}
SHARES: dict[str, float] = {REGION: 55, OTHER_REGION: 15, NAMND: 8, KOMMUN: 6, CLINIC: 5, FIRM: 2}
SHARES |= dict.fromkeys(SMALL, 9 / len(SMALL))
SOCIAL = {NAMND, FIRM}
FILLED: tuple[Table, ...] = (audit_record, audit_tree, audit_term, REVIEW_ITEM)
COLUMNS = {table.name: [column.name for column in table.columns] for table in FILLED}
COPIES: dict[str, str] = {
    "audit_record": """SELECT 'copy-' || c, r.position, r.id || '-' || c, m.recorded, r.action,
        r.outcome, r.user_id, r.organisation, r.person, r.salt, m.payload, m.leaf, m.leaf
        FROM audit_record r CROSS JOIN generate_series(1, {more}::bigint) c,
        LATERAL (SELECT to_char(r.recorded::timestamptz AT TIME ZONE 'UTC' + c * interval
            '{apart} microseconds', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded) t,
        LATERAL (SELECT t.recorded, convert_to(replace(replace(convert_from(r.payload, 'UTF8'),
            '"' || r.id || '"', '"' || r.id || '-' || c || '"'), r.recorded, t.recorded), 'UTF8')
            AS payload) p,
        LATERAL (SELECT p.recorded, p.payload, sha256('\\x00'::bytea || r.salt || p.payload) AS leaf
            OFFSET 0) m""",
    "audit_term": """SELECT r.term, r.at + c * {apart}, r.leaf_index + c
        FROM audit_term r CROSS JOIN generate_series(1, {more}::bigint) c""",
    "review_item": """SELECT r.person, r.record || '-' || c, r.organisation, r.period,
        r.at + c * {apart}, r.rank, r.reasons, r.user_id, r.state
        FROM review_item r CROSS JOIN generate_series(1, {more}::bigint) c""",
}
"""What becomes of each row, `{apart}` µs after one another. A copy's chain is of its number."""
TREE = """INSERT INTO audit_tree (leaf_index, chain, position, leaf_hash, subject)
    SELECT t.leaf_index + r.c, r.chain, r.position, r.leaf_hash, t.subject
    FROM (SELECT *, substr(chain, 6)::int AS c FROM audit_record WHERE chain LIKE 'copy-%%') r
    JOIN audit_tree t ON t.chain = %s AND t.position = r.position"""
LEAVES = """SELECT t.leaf_hash, r.person FROM audit_tree t JOIN audit_record r
    ON r.chain = t.chain AND r.position = t.position ORDER BY t.leaf_index"""


def person_of(number: int) -> str:
    """The key of one of the log's persons."""
    return f"{number:064x}"


@dataclass
class _Lines:
    """The lines of each table's COPY."""

    of: dict[str, list[str]] = field(default_factory=lambda: {t.name: [] for t in FILLED})

    def add(self, table: Table, values: dict[str, Any]) -> None:
        row = [_written(values.get(name)) for name in COLUMNS[table.name]]
        self.of[table.name].append("\t".join(row))


def _written(value: object) -> str:
    if value is None:
        return r"\N"
    return rf"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def record_of(number: int, of: int, drawn: random.Random) -> AccessRecord:
    """An invented access: mostly reads and searches of the own data, sometimes of another's."""
    organisation = drawn.choices(list(SHARES), list(SHARES.values()))[0]
    user = drawn.randrange(STAFF[organisation])
    social = organisation in SOCIAL
    action = drawn.choices(
        (Action.SEARCH, Action.READ, Action.OPEN, Action.RUNG, Action.CREATE, Action.VREAD),
        (54, 39, 3, 2, 1.99, 0.01),
    )[0]
    chance = drawn.random()
    outcome = (
        Outcome.DENY if chance < 0.02 else Outcome.PERMIT if chance < 0.9995 else Outcome.ERROR
    )
    elsewhere = drawn.random() < 0.15 and outcome is Outcome.PERMIT
    owners = (organisation, drawn.choice(list(STAFF))) if elsewhere else (organisation,)
    shows = outcome is Outcome.PERMIT and action not in (Action.OPEN, Action.RUNG)
    ground = ("SVOD 3:6" if chance < 0.021 else "SVOD 3:1", "SVOD 3:2")[social]
    own = "SoLPuL 6" if social else "PDL 4:1"
    return AccessRecord(
        id=f"made-{number}",
        recorded=LAST - YEARS * (1 - number / of),
        action=action,
        outcome=outcome,
        user=f"{organisation[:12]}-P{user:05}",
        organisation=organisation,
        unit=f"{organisation[:12]}-{user % 60:04}",
        capacity="omsorgspersonal" if social else "vardpersonal",
        purpose="insats" if social else "kvalitet" if chance > 0.999 else "vard",
        person=person_of(int(PERSONS * drawn.random() ** 2)),
        shown=tuple(Shown(o, None, (f"Condition/c{number}/_history/1",)) for o in owners)
        if shows
        else (),
        rungs=(Rung("U1", owners[1:]),) if action is Action.RUNG and elsewhere else (),
        grounds=(own, *((ground,) if elsewhere else ())) if shows else (),
        law_version="2025-07-01",
        request_id=f"{number:032x}",
        flags=("no-relation",) if 0.5 < chance < 0.505 else (),
        query="patient&code" if action is Action.SEARCH else None,
    )


def _fill(url: str, first: int, last: int, of: int) -> set[tuple[str, str]]:
    """Fill a part of the first chain, each record with room for its copies; return the kinds."""
    drawn, kinds = random.Random(first), set[tuple[str, str]]()  # noqa: S311  # invented data
    with psycopg.connect(url) as connection:
        connection.execute("SET synchronous_commit = off")
        for start in range(first, last, AT_A_TIME):
            lines = _Lines()
            for number in range(start, min(start + AT_A_TIME, last)):
                record = record_of(number, of, drawn)
                row, leaf = _row(record), number * OF_EACH
                payload = json.loads(row["payload"])
                kind, subject = kind_of(payload), subject_of(str(record.person))
                place = {"chain": CHAIN, "position": number, "leaf_index": leaf}
                lines.add(audit_record, {**row, **place, "chain_hash": row["leaf_hash"]})
                lines.add(audit_tree, {**row, **place, "subject": subject})
                lines.of["audit_term"] += [
                    "\t".join(map(str, each)) for each in rows_of(payload, leaf, kind)
                ]
                kinds.update((reader, kind) for reader in readers_of(payload))
                if drawn.random() < 0.03:
                    lines.add(REVIEW_ITEM, _item(record, drawn))
            for table in FILLED:
                _copy(connection, table, lines.of[table.name])
            connection.commit()
    return kinds


def _copy(connection: psycopg.Connection[Any], table: Table, lines: list[str]) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    text = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        copy.write("".join(f"{line}\n" for line in lines))


def _item(record: AccessRecord, drawn: random.Random) -> dict[str, Any]:
    return {
        "person": record.person,
        "record": record.id,
        "organisation": record.organisation,
        "period": period_of(record.recorded),
        "at": micros(record.recorded),
        "rank": drawn.randrange(100),
        "reasons": drawn.choice(("sample", "no-relation", "night,same-surname", "mass-lookups")),
        "user_id": record.user,
        "state": drawn.choice(("open", "open", "done")),
    }


def fill(url: str, records: int, folder: Path) -> None:
    """Fill the database, and sign a checkpoint of it all."""
    with opened_world(url, folder) as world:
        signer = world.hub.sequencer.signer
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    made = records // OF_EACH
    bounds = [made * n // PROCESSES for n in range(PROCESSES + 1)]
    store = Store(url, pool_size=1)
    with psycopg.connect(plain, autocommit=True) as connection:
        again = _without_indexes(connection)
        for chain in (CHAIN, *(f"copy-{n}" for n in range(1, OF_EACH))):
            began = instant(LAST - YEARS)
            connection.execute("INSERT INTO audit_chain VALUES (%s, %s)", (chain, began))
        with ProcessPoolExecutor(PROCESSES) as pool:
            parts = [(plain, bounds[n], bounds[n + 1], made) for n in range(PROCESSES)]
            kinds = set().union(
                *(each.result() for each in [pool.submit(_fill, *p) for p in parts])
            )
            with store.write() as writing:
                rows = [{"reader": reader, "kind": kind} for reader, kind in sorted(kinds)]
                insert_rows(writing, audit_kind, rows)
            _told("made")
            apart = int(YEARS.total_seconds() * 1_000_000) // (made * OF_EACH)
            copying = [pool.submit(_copied, plain, table, apart) for table in COPIES]
            for each in copying:
                each.result()
            connection.execute(TREE, (CHAIN,))
            connection.execute("INSERT INTO review_progress VALUES ('log', %s)", (records - 1,))
            _told("copied")
            for each in [pool.submit(_executed, plain, (statement,)) for statement in again]:
                each.result()
        connection.execute("VACUUM ANALYZE")
        _told("indexed")
    _sign(store, signer, plain)
    store.close()
    _told("signed")


def _copied(url: str, table: str, apart: int) -> None:
    columns = ", ".join(COLUMNS[table])
    rows = COPIES[table].format(more=OF_EACH - 1, apart=apart)
    _executed(url, (f"INSERT INTO {table} ({columns}) {rows}".encode(),))  # names of ours


def _executed(url: str, statements: Sequence[bytes]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        for each in statements:
            connection.execute(each)


def _without_indexes(connection: psycopg.Connection[Any]) -> list[bytes]:
    """Take indexes and constraints from the tables; return the statements that put them back."""
    names = [table.name for table in FILLED]
    again: list[str] = []
    constraints = """SELECT conrelid::regclass, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s)"""
    indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
    for table, name, definition in connection.execute(constraints, (names,)).fetchall():
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for name, definition in connection.execute(indexes, (names,)).fetchall():
        connection.execute(f"DROP INDEX {name}".encode())
        again.append(definition)
    for name in names:
        connection.execute(f"TRUNCATE {name}".encode())
        connection.execute(f"ALTER TABLE {name} SET UNLOGGED".encode())
    return [each.encode() for each in again]


def _sign(store: Store, signer: Signer, plain: str) -> None:
    frontier, subjects = (
        Frontier(),
        {person_of(n): subject_of(person_of(n)) for n in range(PERSONS)},
    )
    with psycopg.connect(plain) as reading, reading.cursor("leaves") as leaves:
        leaves.itersize = AT_A_TIME
        leaves.execute(LEAVES)

        def indexed() -> Iterator[tuple[int, bytes, bytes]]:
            for number, (leaf, person) in enumerate(leaves):
                frontier.append(leaf)
                yield number, leaf, subjects[person]

        with store.write() as connection:
            index = add_records(connection, indexed())
            keep_subtrees(connection, frontier.size)
            checkpoint = Checkpoint(signer.origin, frontier.size, frontier.root(), index)
            values = {
                "size": checkpoint.size,
                "root": checkpoint.root,
                "note": signer.sign(checkpoint),
                "signed": instant(LAST),
                "frontier": frontier.pack(),
            }
            connection.execute(insert(audit_checkpoint).values(**values))


def _told(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)  # noqa: T201  # a command's progress


if __name__ == "__main__":
    where, how_many, keys = sys.argv[1:]
    _told("begun")
    fill(where, int(how_many), Path(keys))
