"""A record that was purged here, and comes again: it is not taken in, and the sender is told.

Source: DESIGN §4 "Leaving"; PDL 3:17, 8:4. The owner's gallring, IVO's decision or the correction
of a wrong person ended the hub's right to hold the record; that the source still sends it does not
give it back. Nothing of it is kept, not in quarantine either: the rest of the part is taken in
without it (of a group of observations, or of a case in an export, without that one); where nothing
else is left, the part is refused whole.
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from adapters.document import Note, Part, Record
from hub.config.source import Source
from hub.ingest.identifiers import ids_of

_TAKEN_OUT = (
    "the record was purged here and is not taken in again; remove it at the source, or let it in"
    " with `samvy readmit`"
)
_REFUSED = (
    "the record was purged here, and nothing of the part is kept; remove it at the source, or let"
    " it in with `samvy readmit` and send the part again"
)


def without_purged(
    part: Part, source: Source, key: bytes, persons: Collection[str], purged: AbstractSet[str]
) -> tuple[Part | None, list[Note]]:
    """Return the part without what was purged of the person, and what to say of that.

    `persons` are all keys of the person: what was purged under one number stays away under another.
    None: nothing is left of it, or the adapter cannot take a record out.
    """
    notes: list[Note] = []
    while purged and (gone := _purged(part, source, key, persons, purged)):
        paths = {each.path for each in gone}
        left = None if part.without is None else part.without(gone)
        if left is None:
            return None, [*notes, *_notes(paths, "error", _REFUSED)]
        notes += _notes(paths, "warning", _TAKEN_OUT)
        part = replace(
            part, raw=left.raw, records=left.records, refused=left.refused, without=left.without
        )
    return part, notes


def _purged(
    part: Part, source: Source, key: bytes, persons: Collection[str], purged: AbstractSet[str]
) -> list[Record]:
    """Return the records that were purged."""
    return [
        record
        for record in part.records
        if any(ids_of(record, source.id, key, person).record in purged for person in persons)
    ]


def _notes(paths: Iterable[str], severity: str, text: str) -> list[Note]:
    return [Note(severity, "purged", path, text) for path in sorted(paths)]
