"""Two numbers that are one person: linked and parted, with what follows from it.

Source: DESIGN §4: identities are linked by `samvy person link` or a source that says so, and then
blocks and consents of either apply to both, protection too; rivta.md §2.2, §7.5 (a record stored
under a former identity).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from hub.ingest.protection import mask_protected
from hub.ingest.restamp import restamp_person
from hub.store.facts import facts_of, linked
from hub.store.identity import link_persons, record_identity, unlink_person
from hub.store.schema.fact import IDENTITY
from mappings.personal_identity import Identity


def link(
    connection: Connection, key: bytes, first: Identity, other: Identity, at: datetime
) -> bool:
    """Make two numbers one person, whose id is that of `first`; False when they are already."""
    kept = record_identity(connection, key, first)
    done = link_persons(connection, kept, record_identity(connection, key, other), at)
    if done:
        _follow(connection, [kept])
    return done


def unlink(connection: Connection, key: bytes, person: Identity, at: datetime) -> bool:
    """Make a number a person of its own again; False when it was linked to nothing.

    Facts stay with the number that they were recorded under; a body that was masked stays masked.
    """
    own = record_identity(connection, key, person)
    others = linked(connection, [own])
    done = unlink_person(connection, own, at)
    if done:
        for each in others:
            _follow(connection, [each])
    return done


def link_former(
    connection: Connection, key: bytes, current: Identity, former: Identity, at: datetime
) -> bool:
    """Link a former number that a source tells of; the id is that of the first one known here."""
    known = select(IDENTITY.c.value).where(
        IDENTITY.c.system == former.system, IDENTITY.c.value == former.value
    )
    if connection.execute(known).first() is None:
        return link(connection, key, current, former, at)
    return link(connection, key, former, current, at)


def _follow(connection: Connection, persons: Sequence[str]) -> None:
    """Bring rows in line with the facts that hold for them now."""
    all_keys = linked(connection, persons)
    restamp_person(connection, all_keys, facts_of(connection, all_keys))
    mask_protected(connection, persons[0])
