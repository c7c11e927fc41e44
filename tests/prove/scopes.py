"""Holds the scope to the decision: as SQL on a database, as Python, and item by item.

A record of many different items is written to the store once; then one world's reader after another
asks for all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from sqlalchemy import Connection, insert, select

from consent.decide import decide
from consent.decision import Outcome
from consent.facts import READING, Item
from consent.scope import scope
from consent.section import RUNGS
from hub.store.connect import Store
from hub.store.item_row import item_row
from hub.store.schema.resource import RESOURCE
from hub.store.scope_sql import DENIED, ground_sql, rung_sql
from tests.prove.concrete import item_of, law_of, situation_of
from tests.prove.places import NAMES, place, random_world
from tests.prove.space import FIELDS, ITEM, World

ITEMS = 250


@dataclass(frozen=True, slots=True)
class Scoped:
    """On one database: how many readers asked for how many items, and where the three differed."""

    database: str
    readers: int
    items: int
    permitted: int
    differing: int
    first: str | None = None


def record(rng: Random, law: str) -> list[Item]:
    """Items around every place, each with a few columns that take any value."""
    made = []
    for number in range(ITEMS):
        world = place(rng.choice(NAMES), law)
        for field in rng.sample(tuple(ITEM), k=rng.randint(0, 4)):
            world[field] = rng.choice(FIELDS[field])
        made.append(replace(item_of(world, law, f"i{number}")))
    return made


def compare(url: str, seed: int, laws: Iterable[str], readers: int) -> Scoped:
    """Ask for one record as many readers, under each law, on the migrated store at `url`."""
    rng = Random(seed)  # noqa: S311  # worlds are not secrets
    store = Store(url)
    tried = items = permitted = differing = 0
    first = None
    try:
        with store.engine.connect() as connection:
            for law in laws:
                kept = record(rng, law)
                connection.execute(RESOURCE.delete())
                _write(connection, kept)
                for _ in range(readers):
                    tried += 1
                    found = _asked(connection, kept, random_world(rng, law), law)
                    items += len(found)
                    permitted += sum(code for code, _ in found)
                    wrong = [text for _, text in found if text]
                    differing += len(wrong)
                    first = first or next(iter(wrong), None)
            connection.rollback()
    finally:
        store.close()
    return Scoped(store.engine.dialect.name, tried, items, permitted, differing, first)


def _write(connection: Connection, kept: list[Item]) -> None:
    fixed = {
        "person": "p",
        "type": "Condition",
        "version": 1,
        "last_updated": 0,
        "body": b"{}",
        "content_hash": b"",
        "source": "s",
        "masks": "",
    }
    connection.execute(
        insert(RESOURCE), [{**fixed, "id": item.id, **item_row(item)} for item in kept]
    )


def _asked(
    connection: Connection,
    kept: list[Item],
    world: World,
    law: str,
) -> list[tuple[bool, str | None]]:
    situation, sections = situation_of(world, law), law_of(law)
    made = scope(situation, sections)
    columns = [rung_sql(made, rung, RESOURCE).label(rung.value) for rung in RUNGS]
    statement = select(
        RESOURCE.c.id, ground_sql(made, RESOURCE, connection.dialect).label("ground"), *columns
    )
    rows = {row.id: row for row in connection.execute(statement)}
    found: list[tuple[bool, str | None]] = []
    for item in kept:
        row, decision = rows[item.id], decide(situation, item, sections)
        in_sql = None if row.ground == DENIED else made.clauses[row.ground].ground
        permits = decision.outcome is Outcome.PERMIT
        told = None
        if (in_sql is not None) != permits or in_sql != made.ground(item):
            told = f"SQL {in_sql}, Python {made.ground(item)}, decision {decision.basis}"
        if situation.operation in READING and situation.request.op in READING:
            shown = frozenset(rung for rung in RUNGS if getattr(row, rung.value))
            if not shown == made.shows(item) == decision.rungs:
                told = f"SQL {shown}, Python {made.shows(item)}, decision {decision.rungs}"
        found.append((permits, told))
    return found
