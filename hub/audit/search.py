"""The log searched: newest first, within a mandate, a page at a time.

Source: FHIR R4 AuditEvent search; DESIGN §6. One term leads (the one that the mandate or the search
names and that is rarest by its kind), the others are asked of each record it gives. A page goes on
after the last record of the one before, so no page is dearer than another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, exists, select, tuple_

from hub.audit.chain import place_name
from hub.audit.mandate import Mandate
from hub.audit.record import AccessRecord, Action, Outcome, record_from
from hub.audit.term import COMMON, Term
from hub.store.instant import micros
from hub.store.schema.audit import audit_record, audit_term, audit_tree

RAREST = (
    Term.PERSON,
    Term.FLAG,
    Term.USER,
    Term.UNIT,
    Term.ACTION,
    Term.OWNER,
    Term.GROUND,
    Term.PURPOSE,
    Term.CONCERNS,
)
"""The kinds of terms from the one that finds fewest records to the one that finds most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for: terms of which each must hold, by any of its values; and a period.

    The period is from `start`, before `end` (µs since 1970). `actions`, `outcomes`: any of these,
    all if empty. `references`: resources (Type/id) of which a record shows one; looked for in what
    the mandate covers of each record, so a search by them names a person too.
    """

    terms: tuple[tuple[Term, tuple[str, ...]], ...] = ()
    actions: frozenset[Action] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    references: tuple[str, ...] = ()
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as its reader may see it, and its place in the log and in the tree."""

    record: AccessRecord
    place: str
    leaf_index: int


FETCHED = 500
After = tuple[int, int]
"""The time (µs) and leaf of the last record of the page before."""


def search(
    connection: Connection,
    mandate: Mandate,
    wanted: Wanted,
    *,
    count: int,
    after: After | None = None,
) -> tuple[list[Entry], After | None]:
    """Return up to `count` records, newest first, and where the next page goes on, if it does."""
    if not wanted.references:
        return _page(connection, mandate, wanted, count, after)
    found: list[Entry] = []
    more = True
    # Never a page that is short, or empty, for what only others' parts of the records show.
    while more and len(found) <= count:
        entries, after = _page(connection, mandate, wanted, FETCHED, after)
        found += [each for each in entries if _shows(each.record, wanted.references)]
        more = after is not None
    if len(found) <= count:
        return found, None
    last = found[count - 1]
    return found[:count], (micros(last.record.recorded), last.leaf_index)


def _shows(record: AccessRecord, references: tuple[str, ...]) -> bool:
    """Whether the record shows one of these resources, in any version."""
    shown = (each for owner in record.shown for each in owner.references)
    return any(each.partition("/_history/")[0] in references for each in shown)


def _page(
    connection: Connection, mandate: Mandate, wanted: Wanted, count: int, after: After | None
) -> tuple[list[Entry], After | None]:
    rows = connection.execute(_query(mandate, wanted, after).limit(count + 1)).all()
    entries = [
        Entry(
            mandate.part_of(record_from(bytes(row.payload))),
            place_name(row.chain, row.position),
            row.leaf_index,
        )
        for row in rows[:count]
    ]
    more = len(rows) > count
    return entries, (rows[count - 1].at, rows[count - 1].leaf_index) if more else None


def entry_at(connection: Connection, mandate: Mandate, record_id: str) -> Entry | None:
    """Return one record by its id if the mandate covers it."""
    row = connection.execute(
        select(audit_record, audit_tree.c.leaf_index)
        .join(audit_tree, _same_place())
        .where(audit_record.c.id == record_id, audit_record.c.payload.is_not(None))
    ).first()
    if row is None or not mandate.covers(record := record_from(bytes(row.payload))):
        return None
    place = place_name(row.chain, row.position)
    return Entry(mandate.part_of(record), place, row.leaf_index)


def every(connection: Connection, mandate: Mandate, wanted: Wanted) -> Iterator[Entry]:
    """Yield all records that are wanted, newest first, page by page."""
    after: After | None = None
    while True:
        entries, after = search(connection, mandate, wanted, count=FETCHED, after=after)
        yield from entries
        if after is None:
            return


def _query(
    mandate: Mandate, wanted: Wanted, after: After | None
) -> Select[tuple[int, int, str, int, bytes]]:
    required = sorted(
        [*wanted.terms, *_acts(wanted), mandate.term],
        key=lambda term: (RAREST.index(term[0]), len(term[1])),
    )
    (lead, values), *others = required
    at, leaf = audit_term.c.at, audit_term.c.leaf_index
    query = (
        select(at, leaf, audit_record.c.chain, audit_record.c.position, audit_record.c.payload)
        .join(audit_tree, audit_tree.c.leaf_index == leaf)
        .join(audit_record, _same_place())
        .where(audit_term.c.kind == lead.value, _one_of(audit_term.c.value, values))
        .where(audit_record.c.payload.is_not(None))
        .order_by(at.desc(), leaf.desc())
    )
    if len(values) > 1:
        query = query.distinct()
    query = query.where(*(_has(kind, values) for kind, values in others), *_narrowed(wanted))
    if after is not None:
        query = query.where(tuple_(at, leaf) < tuple_(*after))
    return query


def _acts(wanted: Wanted) -> list[tuple[Term, tuple[str, ...]]]:
    """The acts that are asked for as a term, where all of them are filed as one."""
    if not wanted.actions or wanted.actions & COMMON:
        return []
    return [(Term.ACTION, tuple(sorted(wanted.actions)))]


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.start is not None:
        conditions.append(audit_term.c.at >= wanted.start)
    if wanted.end is not None:
        conditions.append(audit_term.c.at < wanted.end)
    if wanted.actions:
        conditions.append(audit_record.c.action.in_(sorted(wanted.actions)))
    if wanted.outcomes:
        conditions.append(audit_record.c.outcome.in_(sorted(wanted.outcomes)))
    return conditions


def _has(kind: Term, values: tuple[str, ...]) -> ColumnElement[bool]:
    other = audit_term.alias()
    return exists().where(
        other.c.kind == kind.value,
        _one_of(other.c.value, values),
        other.c.at == audit_term.c.at,
        other.c.leaf_index == audit_term.c.leaf_index,
    )


def _one_of(column: ColumnElement[str], values: tuple[str, ...]) -> ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


def _same_place() -> ColumnElement[bool]:
    return (audit_record.c.chain == audit_tree.c.chain) & (
        audit_record.c.position == audit_tree.c.position
    )
