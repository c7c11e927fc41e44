"""Persons' keys: keyed hashes of identities, which identities are known, and which are one person.

Source: DESIGN §4: a person's hub id is a keyed hash of the first identity known, so that nothing
need be stored to answer a look-up; identities are linked, and then blocks and consents of either
apply to both.
"""

import base64
import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, func, insert, select, update

from hub.store.counter import insert_once, lock, move
from hub.store.facts import linked
from hub.store.instant import micros
from hub.store.schema.fact import IDENTITY, PERSON_COUNTER, PERSON_LINK

_BYTES = 20


class Identified(Protocol):
    """A person's number in the one form that all sources share."""

    @property
    def system(self) -> str:
        """Return the FHIR system of the number."""

    @property
    def value(self) -> str:
        """Return the number."""


def person_key(key: bytes, system: str, value: str) -> str:
    """Return the key of the person with this identity: 32 characters that are a FHIR id.

    HMAC-SHA256 with the store's key: who has the store but not the key cannot try all numbers.
    """
    parts = [b"person", system.encode(), value.encode()]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return base64.b32encode(hmac.digest(key, message, "sha256")[:_BYTES]).decode().lower()


def hub_id(connection: Connection, key: bytes, identity: Identified) -> str:
    """Return the id of the hub's Patient: of the first identity known among those linked."""
    own = person_key(key, identity.system, identity.value)
    statement = select(PERSON_LINK.c.first).where(
        PERSON_LINK.c.person == own, PERSON_LINK.c.recorded_to.is_(None)
    )
    return connection.execute(statement).scalar() or own


def record_identity(connection: Connection, key: bytes, identity: Identified) -> str:
    """Remember an identity under its own key, and return that key."""
    person = person_key(key, identity.system, identity.value)
    record_identities(connection, {person: identity})
    return person


def record_identities(connection: Connection, identities: Mapping[str, Identified]) -> None:
    """Remember identities, each under its own key, in one statement."""
    rows = [
        {"person": person, "system": identity.system, "value": identity.value}
        for person, identity in sorted(identities.items())
    ]
    if rows:
        connection.execute(insert_once(connection, IDENTITY, rows))


def identities_of(connection: Connection, persons: Collection[str]) -> list[tuple[str, str]]:
    """Return system and value of every identity under these keys, in a fixed order."""
    statement = select(IDENTITY.c.system, IDENTITY.c.value).where(IDENTITY.c.person.in_(persons))
    return sorted((row.system, row.value) for row in connection.execute(statement))


def link_persons(connection: Connection, first: str, other: str, now: datetime) -> bool:
    """Make two keys one person, with whatever is linked to either; False when they are already.

    The id of the Patient becomes that of `first`, or of what `first` was linked to before.
    """
    members = _lock_both(connection, first, other)
    if other in linked(connection, [first]):
        return False
    name = connection.execute(
        select(PERSON_LINK.c.first).where(
            PERSON_LINK.c.person == first, PERSON_LINK.c.recorded_to.is_(None)
        )
    ).scalar()
    at = _end_links(connection, members, now)
    rows = [
        {"person": each, "first": name or first, "recorded_from": at} for each in sorted(members)
    ]
    connection.execute(insert(PERSON_LINK), rows)
    move(connection, PERSON_COUNTER, members)
    return True


def unlink_person(connection: Connection, person: str, now: datetime) -> bool:
    """Make a key a person of its own again; False when it was linked to nothing.

    When the key was the one that the others had their id from, the next of them gives it.
    """
    members = _lock_both(connection, person, person)
    others = sorted(members - {person})
    if not others:
        return False
    at = _end_links(connection, members, now)
    if len(others) > 1:
        rows = [{"person": each, "first": others[0], "recorded_from": at} for each in others]
        connection.execute(insert(PERSON_LINK), rows)
    move(connection, PERSON_COUNTER, members)
    return True


def _lock_both(connection: Connection, first: str, other: str) -> set[str]:
    """Hold the counters of everything linked to either, until nothing more turns out to be."""
    members: set[str] = set()
    found = {first, other}
    while found != members:
        members = found
        lock(connection, PERSON_COUNTER, members)
        found = members | set(linked(connection, sorted(members)))
    return members


def _end_links(connection: Connection, members: Collection[str], now: datetime) -> int:
    table = PERSON_LINK
    latest: Sequence[int | None] = connection.execute(
        select(func.max(table.c.recorded_from), func.max(table.c.recorded_to)).where(
            table.c.person.in_(members)
        )
    ).one()
    at = max([micros(now), *(each + 1 for each in latest if each is not None)])
    connection.execute(
        update(table)
        .where(table.c.person.in_(members), table.c.recorded_to.is_(None))
        .values(recorded_to=at)
    )
    return at
