"""The log searched: newest first, within a mandate, a page at a time.

Source: FHIR R4 AuditEvent search; DESIGN §6. What a reader may find is filed under them
(`hub.audit.term`). Of what is asked for, that which fewest records have leads, and the rest is
asked of each record it gives: a page costs what the rarest gives at the most, and no page is dearer
than another, since it goes on after the last record of the one before.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    column,
    exists,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
    values,
)

from hub.audit.chain import place_name
from hub.audit.mandate import Mandate
from hub.audit.record import AccessRecord, Action, Outcome, payload_of, record_from
from hub.audit.term import UNREMARKABLE, Term, key, terms_of
from hub.store.instant import micros
from hub.store.schema.audit import audit_record, audit_term, audit_tree

RAREST = (
    *(Term.PERSON, Term.FLAG, Term.USER, Term.OUTCOME, Term.UNIT, Term.OWNER, Term.GROUND),
    *(Term.ACTION, Term.PURPOSE, Term.CONCERNS, Term.RECORD),
)
"""Terms from the one that finds fewest records to the one that finds most, where all find many."""
COUNTED = 2000
"""Records that are counted of a term before it is held to find many."""
BRANCHES = 200
"""Terms that lead in one query; a supervisor's mandate may have more."""


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

    def is_met_by(self, record: AccessRecord, mandate: Mandate) -> bool:
        """Tell whether a record of the mandate, as its reader sees it, is wanted."""
        shown = (each for owner in record.shown for each in owner.references)
        return (
            (not self.actions or record.action in self.actions)
            and (not self.outcomes or record.outcome in self.outcomes)
            and (not self.references or any(_of_any_version(e) in self.references for e in shown))
            and self._is_filed(record, mandate)
        )

    def _is_filed(self, record: AccessRecord, mandate: Mandate) -> bool:
        """Tell whether the record has the terms; an organisation's search has asked for them."""
        if not mandate.persons:
            return True
        has = terms_of(json.loads(payload_of(record)), record.person or "")
        return all(has.get(term, frozenset()) & {*values} for term, values in self.terms)


def _of_any_version(reference: str) -> str:
    return reference.partition("/_history/")[0]


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
    if not (mandate.persons or wanted.references):
        return _page(connection, mandate, wanted, count, after)
    found: list[Entry] = []
    more = True
    # Never a page that is short, or empty, for what only others' parts of the records show.
    while more and len(found) <= count:
        entries, after = _page(connection, mandate, wanted, max(count, FETCHED), after)
        found += [each for each in entries if wanted.is_met_by(each.record, mandate)]
        more = after is not None
    if len(found) <= count:
        return found, None
    last = found[count - 1]
    return found[:count], (micros(last.record.recorded), last.leaf_index)


def _page(
    connection: Connection, mandate: Mandate, wanted: Wanted, count: int, after: After | None
) -> tuple[list[Entry], After | None]:
    places = _places(connection, mandate, wanted, after, count + 1)
    query = (
        select(
            audit_tree.c.leaf_index, *(audit_record.c[n] for n in ("chain", "position", "payload"))
        )
        .join(audit_record, _same_place())
        .where(audit_tree.c.leaf_index.in_([leaf for _, leaf in places[:count]]))
        .where(audit_record.c.payload.is_not(None))
    )
    found = {}
    for row in connection.execute(query):
        record = record_from(bytes(row.payload))
        if mandate.covers(record):  # terms are hashes, and rows that somebody could add
            place = place_name(row.chain, row.position)
            found[row.leaf_index] = Entry(mandate.part_of(record), place, row.leaf_index)
    entries = [found[leaf] for _, leaf in places[:count] if leaf in found]
    return entries, places[count - 1] if len(places) > count else None


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


def _places(
    connection: Connection, mandate: Mandate, wanted: Wanted, after: After | None, most: int
) -> list[After]:
    """Return the times and leaves of the newest that are wanted."""
    found: set[After] = set()
    leads, lateral = _leads(connection, mandate, wanted), connection.dialect.name != "sqlite"
    for first in range(0, len(leads), BRANCHES):
        leading = leads[first : first + BRANCHES]
        query = _query(leading, mandate, wanted, after, most, lateral=lateral)
        rows = connection.execute(query)
        found.update((row.at, row.leaf_index) for row in rows)
    return sorted(found, reverse=True)[:most]


def _leads(connection: Connection, mandate: Mandate, wanted: Wanted) -> list[tuple[Term, int]]:
    """Return the keys of the term that leads: of those that are asked for the one with fewest."""
    asked = sorted(_asked(mandate, wanted).items(), key=lambda each: RAREST.index(each[0]))
    if len(asked) > 1:
        few = {term: _number(connection, keys, wanted) for term, keys in asked}
        asked.sort(key=lambda each: few[each[0]])
    return [(term, each) for term, keys in asked[:1] for each in keys]


def _number(connection: Connection, keys: Sequence[int], wanted: Wanted) -> int:
    """Return how many records are filed under any of the keys, of many only that."""
    filed = select(audit_term.c.leaf_index).where(audit_term.c.term.in_(keys), *_period(wanted))
    counted = select(func.count()).select_from(filed.limit(COUNTED).subquery())
    return connection.scalar(counted) or 0


def _asked(mandate: Mandate, wanted: Wanted) -> dict[Term, list[int]]:
    """Return the keys of each term that is asked for; of a person only that it is about them."""
    asked: dict[Term, tuple[str, ...]] = {}
    if not mandate.persons:
        asked |= dict(wanted.terms)
        if wanted.actions:
            asked[Term.ACTION] = tuple(sorted(wanted.actions))
        if wanted.outcomes and not wanted.outcomes & UNREMARKABLE:
            asked[Term.OUTCOME] = tuple(sorted(wanted.outcomes))
    return {
        term: _keys(mandate, term, values)
        for term, values in (asked or {Term.RECORD: ("",)}).items()
    }


def _keys(mandate: Mandate, term: Term, named: Sequence[str]) -> list[int]:
    return [key(reader, term, value) for reader in mandate.readers for value in named]


def _query(
    leading: Sequence[tuple[Term, int]],
    mandate: Mandate,
    wanted: Wanted,
    after: After | None,
    most: int,
    *,
    lateral: bool,
) -> Select[tuple[int, int]]:
    """Select the newest places under the leading keys, each read in the order of its index.

    `lateral`: the keys are a table, which SQLite cannot read from within a join.
    """
    found: FromClause
    if lateral:
        keys = values(column("term", BigInteger), name="leading").data([(k,) for _, k in leading])
        each = _newest(keys.c.term, leading[0][0], mandate, wanted, after, most).lateral("each")
        found = select(each.c.at, each.c.leaf_index).join_from(keys, each, true()).subquery()
    else:
        branches = [
            _newest(literal(key), term, mandate, wanted, after, most) for term, key in leading
        ]
        found = union_all(*(select(branch.subquery()) for branch in branches)).subquery()
    newest = found.c.at.desc(), found.c.leaf_index.desc()
    return select(found.c.at, found.c.leaf_index).distinct().order_by(*newest).limit(most)


def _newest(
    leading: ColumnElement[int],
    term: Term,
    mandate: Mandate,
    wanted: Wanted,
    after: After | None,
    most: int,
) -> Select[tuple[int, int]]:
    """Select the newest places under one key of which all else that is asked for holds."""
    at, leaf = audit_term.c.at, audit_term.c.leaf_index
    asked = _asked(mandate, wanted).items()
    conditions = [_filed(keys) for other, keys in asked if other is not term]
    if wanted.outcomes & UNREMARKABLE and not mandate.persons:
        others = sorted(set(Outcome) - wanted.outcomes - UNREMARKABLE)
        conditions.append(~_filed(_keys(mandate, Term.OUTCOME, others)))
    if after is not None:
        conditions.append(tuple_(at, leaf) < tuple_(*after))
    return (
        select(at, leaf)
        .where(audit_term.c.term == leading, *conditions, *_period(wanted))
        .order_by(at.desc(), leaf.desc())
        .limit(most)
    )


def _period(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.start is not None:
        conditions.append(audit_term.c.at >= wanted.start)
    if wanted.end is not None:
        conditions.append(audit_term.c.at < wanted.end)
    return conditions


def _filed(keys: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a record is filed under any of the keys, too.

    One key is looked for where it stands; of several the record's own terms are looked through.
    OFFSET 0 has PostgreSQL ask it of each record, and never read all that the keys have.
    """
    other = audit_term.alias()
    same = [other.c.leaf_index == audit_term.c.leaf_index]
    if len(keys) == 1:
        same.append(other.c.at == audit_term.c.at)
    filed = select(literal(1)).where(other.c.term.in_(keys), *same)
    return exists(filed.correlate(audit_term).offset(0))


def _same_place() -> ColumnElement[bool]:
    return (audit_record.c.chain == audit_tree.c.chain) & (
        audit_record.c.position == audit_tree.c.position
    )
