"""The directory: organisations, units, staff and sources as known now or at an earlier instant.

Source: DESIGN §3, §4; INTERFACES "Organisations file" and "Sources file". Loading a file records a
new version of what changed and of nothing else. An organisation or a source that a later file
leaves out stays as it is, because files may be divided and documents still name it; it is taken out
of service by what it says (`connected: false`, an assignment's end, another `client`). Within an
organisation that the file does name the file is the whole truth: staff that it leaves out have no
assignment from then on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Select,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from consent.facts import Kind, Organisation
from consent.situation import DEFAULTS, Switch
from hub.config.client import Client
from hub.config.entry import LONGEST_ID
from hub.config.issuer import Issuer
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember
from hub.config.source import Source
from hub.store.connect import main_engine
from hub.store.counter import lock, move
from hub.store.hub_tokens import revoke_tokens_of
from hub.store.instant import micros
from hub.store.schema.law_switch import LAW_SWITCH
from hub.store.schema.organisation import (
    EVERYTHING,
    ORGANISATION,
    ORGANISATION_COUNTER,
    SOURCE,
    STAFF,
)
from hub.store.schema.trust import CLIENT, ISSUER
from hub.store.typed_json import from_json, to_json

Key = tuple[str, ...]
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a file came to: the ids that were new, changed, the same, or are gone."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """Since when an organisation informs (SVOD 2:2) and makes available (2:4); None: not at all."""

    informs_from: datetime | None = None
    makes_available_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that the hub knows about organisations, sources and whom it trusts, at an instant.

    `organisations` is what decisions ask about them; `entries` is all that their file says, but
    for the staff: ask `assignments`. `switches`: how what the statutes leave open is decided here.
    `counter` moves with any change to the directory, `counters`
    has one for each organisation.
    """

    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    entries: Mapping[str, OrganisationEntry] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    staff: Mapping[tuple[str, str], StaffMember] = field(default_factory=dict)
    switches: Mapping[Switch, bool] = field(default_factory=lambda: DEFAULTS)
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    clients: Mapping[str, Client] = field(default_factory=dict)
    counter: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, frozenset[Kind]]:
        """Return each organisation's capacities, as the reader of sources files wants them."""
        return {name: entry.kind for name, entry in self.entries.items()}

    @property
    def organisation_names(self) -> dict[str, str]:
        """Return each organisation's name."""
        return {name: entry.name for name, entry in self.entries.items()}

    @property
    def unit_names(self) -> dict[str, str]:
        """Return the name of each unit that an organisation lists."""
        return {unit.id: unit.name for entry in self.entries.values() for unit in entry.units}

    def availability(self, organisation: str) -> Declared:
        """Return what an organisation declares; nothing when it is not known."""
        entry = self.entries.get(organisation)
        return Declared(entry.informs_from, entry.makes_available_from) if entry else Declared()

    def assignments(self, organisation: str, user: str) -> tuple[Assignment, ...]:
        """Return every assignment that somebody has in an organisation, also those not in force."""
        member = self.staff.get((organisation, user))
        return member.assignments if member else ()


_CURRENT: WeakKeyDictionary[Engine, Directory] = WeakKeyDictionary()


_COUNTER = select(ORGANISATION_COUNTER.c.counter).where(
    ORGANISATION_COUNTER.c.organisation == EVERYTHING
)


def directory_counter(connection: Connection) -> int:
    """Return the counter that moves with any change to the directory."""
    return connection.execute(_COUNTER).scalar() or 0


def directory(
    connection: Connection, as_known_at: datetime | None = None, *, counter: int | None = None
) -> Directory:
    """Return the directory as known at an instant, or as it is now.

    `counter` is what the caller has read of the directory's counter in the same snapshot.
    INVARIANT: the current one is kept between reads, and used only while its counter is the one
    in the connection's own snapshot (P4). A write may be undone, so nothing is kept from one; the
    counter's row is locked before anything changes, so that no other write has the same counter.
    """
    if as_known_at is not None:
        return _read(connection, as_known_at)
    known = _CURRENT.get(main_engine(connection))
    now = directory_counter(connection) if counter is None else counter
    if known is not None and known.counter == now:
        return known
    known = _read(connection, None)
    if not writes(connection):
        _CURRENT[main_engine(connection)] = known
    return known


def directory_read_last(engine: Engine) -> Directory | None:
    """Return the directory that this process read last, which another may have followed since."""
    return _CURRENT.get(engine)


def writes(connection: Connection) -> bool:
    """Tell whether what is read here may yet be undone, so that nothing may be kept of it."""
    return bool(connection.get_execution_options().get("samvy_write", False))


def is_kept(engine: Engine, known: Directory) -> bool:
    """Tell whether this is the directory that is kept, so that the next to ask need not read it."""
    return _CURRENT.get(engine) is known


def _read(connection: Connection, as_known_at: datetime | None) -> Directory:
    # The counters come first: should the snapshot move between statements, the directory is newer
    # than its counter says, and is only read once more.
    counters = {
        row.organisation: row.counter for row in connection.execute(select(ORGANISATION_COUNTER))
    }
    counter = counters.pop(EVERYTHING, 0)
    entries = {
        row.id: from_json(OrganisationEntry, row.content)
        for row in connection.execute(_known(ORGANISATION, as_known_at))
    }
    staff = {
        (row.organisation, row.id): from_json(StaffMember, row.content)
        for row in connection.execute(_known(STAFF, as_known_at))
    }
    sources = {
        row.id: from_json(Source, row.content)
        for row in connection.execute(_known(SOURCE, as_known_at))
    }
    issuers = {
        row.id: from_json(Issuer, row.content)
        for row in connection.execute(_known(ISSUER, as_known_at))
    }
    clients = {
        row.id: from_json(Client, row.content)
        for row in connection.execute(_known(CLIENT, as_known_at))
    }
    switches = {
        Switch(row.id): row.content == YES
        for row in connection.execute(_known(LAW_SWITCH, as_known_at))
    }
    return Directory(
        organisations={name: entry.as_fact() for name, entry in entries.items()},
        entries=entries,
        sources=sources,
        staff=staff,
        switches={**DEFAULTS, **switches} if switches else DEFAULTS,
        issuers=issuers,
        clients=clients,
        counter=counter,
        counters=counters,
    )


def load_organisations(
    connection: Connection, entries: Collection[OrganisationEntry], now: datetime
) -> Loaded:
    """Record what is new in `entries` and return what that was; the same file again is nothing."""
    lock(connection, ORGANISATION_COUNTER, [EVERYTHING])
    at = _next_instant(connection, now)
    before = directory(connection)
    heads: dict[Key, str] = {(entry.id,): to_json(replace(entry, staff=())) for entry in entries}
    staff: dict[Key, str] = {
        (entry.id, each.id): to_json(each) for entry in entries for each in entry.staff
    }
    present: set[Key] = {key for key in before.staff if (key[0],) in heads}
    touched = {key[0] for key in _record(connection, ORGANISATION, heads, at)}
    touched |= {key[0] for key in _record(connection, STAFF, staff, at)}
    touched |= {key[0] for key in _end(connection, STAFF, present - staff.keys(), at)}
    if touched:
        _move(connection, touched | _kin(touched, [*entries, *before.entries.values()]))
    return _summary([entry.id for entry in entries], touched, before.entries)


def load_sources(connection: Connection, sources: Collection[Source], now: datetime) -> Loaded:
    """Record what is new in `sources` and return what that was; the same file again is nothing."""
    lock(connection, ORGANISATION_COUNTER, [EVERYTHING])
    at = _next_instant(connection, now)
    before = directory(connection).sources
    contents: dict[Key, str] = {(source.id,): to_json(source) for source in sources}
    touched = {key[0] for key in _record(connection, SOURCE, contents, at)}
    if touched:
        _move(connection, ())
    return _summary([source.id for source in sources], touched, before)


def load_issuers(connection: Connection, issuers: Collection[Issuer], now: datetime) -> Loaded:
    """Record who is trusted from now on, and nobody else; the same file again is nothing."""
    lock(connection, ORGANISATION_COUNTER, [EVERYTHING])
    at = _next_instant(connection, now)
    before = directory(connection).issuers
    contents: dict[Key, str] = {(issuer.id,): to_json(issuer) for issuer in issuers}
    touched = {key[0] for key in _record(connection, ISSUER, contents, at)}
    gone = _end(connection, ISSUER, {(name,) for name in before} - contents.keys(), at)
    if touched or gone:
        _move(connection, ())
    found = _summary([issuer.id for issuer in issuers], touched, before)
    return replace(found, removed=tuple(sorted(key[0] for key in gone)))


def load_switches(connection: Connection, switches: Mapping[Switch, bool], now: datetime) -> Loaded:
    """Record what is decided otherwise than by default from now on; the rest is by default."""
    lock(connection, ORGANISATION_COUNTER, [EVERYTHING])
    at = _next_instant(connection, now)
    before = directory(connection).switches
    other = {each: on for each, on in switches.items() if on is not DEFAULTS[each]}
    contents: dict[Key, str] = {(each.value,): YES if on else NO for each, on in other.items()}
    standing: set[Key] = {(each.value,) for each, on in before.items() if on is not DEFAULTS[each]}
    touched = {key[0] for key in _record(connection, LAW_SWITCH, contents, at)}
    touched |= {key[0] for key in _end(connection, LAW_SWITCH, standing - contents.keys(), at)}
    if touched:
        _move(connection, ())
    return Loaded(changed=tuple(sorted(touched)))


def save_client(connection: Connection, client: Client, now: datetime) -> None:
    """Record a client as it is from now on; it may be new or changed."""
    lock(connection, ORGANISATION_COUNTER, [EVERYTHING])
    if _record(connection, CLIENT, {(client.id,): to_json(client)}, _next_instant(connection, now)):
        _move(connection, ())


def revoke_client(connection: Connection, client: str, now: datetime) -> None:
    """End a client: from the next request on neither it nor any token of its counts."""
    lock(connection, ORGANISATION_COUNTER, [EVERYTHING])
    _end(connection, CLIENT, {(client,)}, _next_instant(connection, now))
    revoke_tokens_of(connection, client, now)
    _move(connection, ())


def _summary(ids: Iterable[str], touched: set[str], before: Collection[str]) -> Loaded:
    ids = list(ids)
    return Loaded(
        added=tuple(each for each in ids if each not in before),
        changed=tuple(each for each in ids if each in before and each in touched),
        unchanged=tuple(each for each in ids if each in before and each not in touched),
    )


def _kin(touched: set[str], entries: Iterable[OrganisationEntry]) -> set[str]:
    """The organisations that those which changed are part of or work for, then and now."""
    changed = [entry for entry in entries if entry.id in touched]
    parents = {entry.part_of for entry in changed if entry.part_of is not None}
    return parents | {principal for entry in changed for principal in entry.contractor_for}


def _move(connection: Connection, organisations: Iterable[str]) -> None:
    # A part_of may be only a name, and longer than an id.
    named = [each for each in organisations if len(each) <= LONGEST_ID]
    lock(connection, ORGANISATION_COUNTER, named)
    move(connection, ORGANISATION_COUNTER, [EVERYTHING, *named])


def _next_instant(connection: Connection, now: datetime) -> int:
    """Return `now`, or the first instant after everything recorded, whichever is later.

    History stays in order when clocks differ between processes.
    """
    latest = [
        connection.execute(select(func.max(column))).scalar()
        for table in (ORGANISATION, STAFF, SOURCE, ISSUER, CLIENT, LAW_SWITCH)
        for column in (table.c.recorded_from, table.c.recorded_to)
    ]
    return max([micros(now), *(int(each) + 1 for each in latest if each is not None)])


def _known(table: Table, as_known_at: datetime | None) -> Select[tuple[Any, ...]]:
    return select(table).where(known_at(table, as_known_at))


def known_at(table: FromClause, as_known_at: datetime | None) -> ColumnElement[bool]:
    """Return the condition that a version was the known one at an instant, or is so now."""
    if as_known_at is None:
        return table.c.recorded_to.is_(None)
    at = micros(as_known_at)
    ended = table.c.recorded_to
    return and_(table.c.recorded_from <= at, or_(ended.is_(None), ended > at))


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns if column.name != "recorded_from"]


def _record(connection: Connection, table: Table, contents: Mapping[Key, str], at: int) -> set[Key]:
    """Write a new version of everything whose content is another than the current one."""
    names = _keys(table)
    current = {
        tuple(getattr(row, name) for name in names): row.content
        for row in connection.execute(_known(table, None))
    }
    new = [key for key, content in contents.items() if current.get(key) != content]
    _end(connection, table, {key for key in new if key in current}, at)
    if new:
        rows = [
            {**dict(zip(names, key, strict=True)), "recorded_from": at, "content": contents[key]}
            for key in new
        ]
        connection.execute(insert(table), rows)
    return set(new)


def _end(connection: Connection, table: Table, keys: Collection[Key], at: int) -> Collection[Key]:
    names = _keys(table)
    if keys:
        matches = [table.c[name] == bindparam(f"key_{name}") for name in names]
        statement = update(table).where(*matches, table.c.recorded_to.is_(None))
        connection.execute(
            statement.values(recorded_to=at),
            [
                {f"key_{name}": part for name, part in zip(names, key, strict=True)}
                for key in sorted(keys)
            ],
        )
    return keys
