"""A protected identity: recorded when a document declares it, and bodies masked in every row.

Source: OSL 21:3, 22:1, 22:2; law.md §2 "Protected identity". What one source knows holds for what
every source has documented. A declaration only ever protects: that a later document does not
repeat it proves nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, or_, select, update

from adapters.document import AccessHeader
from consent.facts import Person, ProtectedIdentity
from hub.fhir.extract import index_rows
from hub.fhir.json_codec import decode, encode
from hub.ingest.judge import EVERY_MASK, declared_protection
from hub.ingest.masking import masked
from hub.store.facts import DECLARED, STRICTEST, Fact, facts_of, linked, record_facts
from hub.store.incoming import content_hash
from hub.store.item_row import masks_text
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.search_sql import delete_index_rows, insert_index_rows

ORIGIN = "document"


def record_declared(
    connection: Connection,
    person: str,
    headers: Iterable[AccessHeader],
    source: str,
    at: datetime,
) -> None:
    """Record the protection that a source's documents declare, and mask what stands already."""
    declared = {found for header in headers if (found := declared_protection(header)) is not None}
    if not declared:
        return
    strictest = next(each for each in STRICTEST if each in declared)
    name = DECLARED + sha256(source.encode()).hexdigest()[:32]
    fact = Fact(name, Person(protected_identity=strictest))
    recorded = record_facts(connection, person, [fact], at, ORIGIN)
    if recorded.added or recorded.changed:
        mask_protected(connection, person)


def mask_protected(connection: Connection, person: str) -> None:
    """Write the masked bodies that are missing, if the person's identity is protected."""
    persons = linked(connection, [person])
    protection = facts_of(connection, persons).person.protected_identity
    if protection is not ProtectedIdentity.NONE:
        _mask(connection, persons)


def _mask(connection: Connection, persons: Sequence[str]) -> None:
    for table in (RESOURCE, RESOURCE_VERSION):
        statement = select(table).where(table.c.person.in_(persons), table.c.masked_body.is_(None))
        for row in connection.execute(statement).all():
            whole = decode(row.body)
            hidden = masked(whole, EVERY_MASK)
            values = {"masked_body": encode(hidden)}
            if table is RESOURCE:
                values["content_hash"] = content_hash(whole, hidden)
                delete_index_rows(connection, row.person, [(row.type, row.id)])
                indexed = (row.type, row.id, index_rows(hidden))
                insert_index_rows(connection, row.person, [indexed])
            here = [column == getattr(row, column.name) for column in table.primary_key.columns]
            connection.execute(update(table).where(*here).values(values))
    connection.execute(
        update(RESOURCE)
        .where(
            RESOURCE.c.person.in_(persons), or_(RESOURCE.c.masks == "", RESOURCE.c.masks.is_(None))
        )
        .values(masks=masks_text(EVERY_MASK))
    )
