"""The log searched: newest first, within a mandate, a page at a time.

Source: FHIR R4 AuditEvent search; DESIGN §6; docs/decisions/0026. What a reader may find is filed
under them (`hub.audit.term`), apart for each kind of access. One term, whatever is asked of the
kind beside it, is the newest of some keys: of each key its newest is looked up, and only those keys
are read that can reach the page. Several terms are looked for together, farther and farther back.
No page is dearer than another, since it goes on after the last record of the one before.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    exists,
    func,
    intersect,
    literal,
    select,
    tuple_,
)

from hub.audit.chain import place_name
from hub.audit.key_list import any_of, listed
from hub.audit.kind import PARTS, Kinds, kinds_of
from hub.audit.mandate import Mandate
from hub.audit.record import AccessRecord, Action, Outcome, payload_of, record_from
from hub.audit.term import Term, key, terms_of
from hub.store.instant import micros
from hub.store.schema.audit import audit_record, audit_term, audit_tree

WINDOW, WIDER = 6 * 3_600_000_000, 4
"""How far back terms are first looked for together, µs, and how much farther each time."""


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


def how_many(connection: Connection, mandate: Mandate, wanted: Wanted) -> int:
    """Return how many records are wanted where a person and a period are all that is asked for."""
    terms, conditions = plan(connection, mandate, wanted)
    leaf = audit_term.c.leaf_index
    within = (any_of(connection, audit_term.c.term, terms[0]), *_period(wanted), *conditions)
    return connection.scalar(select(func.count(leaf.distinct())).where(*within)) or 0


def _places(
    connection: Connection, mandate: Mandate, wanted: Wanted, after: After | None, most: int
) -> list[After]:
    """Return the times and leaves of the newest that are wanted."""
    terms, conditions = plan(connection, mandate, wanted)
    within = [*_period(wanted), *conditions]
    if after is not None:
        within.append(tuple_(audit_term.c.at, audit_term.c.leaf_index) < tuple_(*after))
    if len(terms) > 1:
        return _together(connection, terms, within, most)
    keys = terms[0]
    if len(keys) > most and not conditions:
        keys, since = _reaching(connection, keys, within, most)
        within.append(audit_term.c.at >= since)
    found = {(at, leaf) for _, at, leaf in _newest_of_each(connection, keys, within, most)}
    return sorted(found, reverse=True)[:most]


def plan(
    connection: Connection, mandate: Mandate, wanted: Wanted
) -> tuple[list[list[int]], list[ColumnElement[bool]]]:
    """Return the keys of each term, and what else is asked of each record under them.

    A person has few records, so that the rest is asked of theirs.
    """
    kinds, of_kind = _kinds(connection, mandate, wanted)
    asked = {t: values for t, values in wanted.terms if t not in PARTS and not mandate.persons}
    keys = {term: _keys(kinds, term, values) for term, values in asked.items()}
    if not keys or (of_kind and set(keys) == {Term.PERSON}):
        keys[Term.RECORD] = _keys(kinds, Term.RECORD, ("",))
    if Term.PERSON not in keys:
        return list(keys.values()), []
    about = keys.pop(Term.PERSON)
    return [about], [_filed(connection, each) for each in keys.values()]


def _kinds(connection: Connection, mandate: Mandate, wanted: Wanted) -> tuple[Kinds, bool]:
    """Return the kinds of access that are wanted, and whether they are not simply all."""
    if mandate.persons:
        return dict.fromkeys(mandate.readers, ("",)), False
    asked: list[tuple[Term, tuple[str, ...]]] = [e for e in wanted.terms if e[0] in PARTS]
    asked += [(Term.ACTION, tuple(wanted.actions))] if wanted.actions else []
    asked += [(Term.OUTCOME, tuple(wanted.outcomes))] if wanted.outcomes else []
    return kinds_of(connection, mandate.readers, asked), bool(asked)


def _keys(kinds: Kinds, term: Term, values: Sequence[str]) -> list[int]:
    """Return what any of the values is filed as, of these kinds of access."""
    if term is Term.PERSON:
        return [key(reader, term, value) for reader in kinds for value in values]
    found = []
    for reader, own in kinds.items():
        for value in values:
            everything = term is Term.CONCERNS and value == reader
            filed = (Term.RECORD, "") if everything else (term, value)
            found += [key(reader, *filed, kind) for kind in own]
    return found


def _together(
    connection: Connection,
    terms: Sequence[Sequence[int]],
    within: Sequence[ColumnElement[bool]],
    most: int,
) -> list[After]:
    """Return the newest places under all of the terms, looked for farther and farther back.

    Where they meet often the page is soon full; where they never do each is read once.
    """
    newest = [_newest_of_each(connection, keys, within, 1) for keys in terms]
    if not all(newest):
        return []
    end = 1 + min(max(at for _, at, _ in each) for each in newest)
    keys = [[key for key, _, _ in each] for each in newest]
    found: list[After] = []
    window = WINDOW
    while end > 0 and len(found) < most:
        start = max(end - window, 0)
        query = together(connection, keys, [*within, *_between(start, end)], most - len(found))
        found += [(row.at, row.leaf_index) for row in connection.execute(query)]
        end, window = start, window * WIDER
    return found


def together(
    connection: Connection,
    terms: Sequence[Sequence[int]],
    within: Sequence[ColumnElement[bool]],
    most: int,
) -> CompoundSelect[tuple[int, int]]:
    """Select the newest places that are filed under any key of each term."""
    at, leaf = audit_term.c.at, audit_term.c.leaf_index
    each = [
        select(at, leaf).where(any_of(connection, audit_term.c.term, keys), *within)
        for keys in terms
    ]
    return intersect(*each).order_by(at.desc(), leaf.desc()).limit(most)


def _reaching(
    connection: Connection, keys: Sequence[int], within: Sequence[ColumnElement[bool]], most: int
) -> tuple[list[int], int]:
    """Return the keys whose newest can be on the page, and the time that the page reaches back to.

    As many records as the page has room for, each the newest of some key, fill it.
    """
    newest = _newest_of_each(connection, keys, within, 1)
    records = sorted({(at, leaf) for _, at, leaf in newest}, reverse=True)
    since = records[most - 1][0] if len(records) >= most else 0
    return [each for each, at, _ in newest if at >= since], since


def _newest_of_each(
    connection: Connection, keys: Sequence[int], within: Sequence[ColumnElement[bool]], most: int
) -> list[tuple[int, int, int]]:
    """Return the newest places under each key, with the key."""
    if connection.dialect.name == "sqlite":  # it reads no table from within a join, and is near
        return [
            (each, row.at, row.leaf_index)
            for each in keys
            for row in connection.execute(_newest(literal(each), within, most))
        ]
    rows = connection.execute(newest_of_each(connection, keys, within, most))
    return [(row.value, row.at, row.leaf_index) for row in rows]


def newest_of_each(
    connection: Connection, keys: Sequence[int], within: Sequence[ColumnElement[bool]], most: int
) -> Select[tuple[int, int, int]]:
    """Select the newest places under each key, in the order of its index, with the key."""
    each = listed(connection, keys)
    one = _newest(each, within, most).correlate(each.table).lateral("one")
    return select(each, one.c.at, one.c.leaf_index).select_from(each.table, one)


def _newest(
    leading: ColumnElement[int], within: Sequence[ColumnElement[bool]], most: int
) -> Select[tuple[int, int]]:
    """Select the newest places under one key of which all else that is asked for holds."""
    at, leaf = audit_term.c.at, audit_term.c.leaf_index
    return (
        select(at, leaf)
        .where(audit_term.c.term == leading, *within)
        .order_by(at.desc(), leaf.desc())
        .limit(most)
    )


def _period(wanted: Wanted) -> list[ColumnElement[bool]]:
    return _between(wanted.start, wanted.end)


def _between(start: int | None, end: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if start is not None:
        conditions.append(audit_term.c.at >= start)
    if end is not None:
        conditions.append(audit_term.c.at < end)
    return conditions


def _filed(connection: Connection, keys: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a record is filed under any of the keys, too.

    One key is looked for where it stands; of several the record's own terms are looked through.
    OFFSET 0 has PostgreSQL ask it of each record, and never read all that the keys have.
    """
    other = audit_term.alias()
    same = [other.c.leaf_index == audit_term.c.leaf_index]
    if len(keys) == 1:
        same.append(other.c.at == audit_term.c.at)
    filed = select(literal(1)).where(any_of(connection, other.c.term, keys), *same)
    return exists(filed.correlate(audit_term).offset(0))


def _same_place() -> ColumnElement[bool]:
    return (audit_record.c.chain == audit_tree.c.chain) & (
        audit_record.c.position == audit_tree.c.position
    )
