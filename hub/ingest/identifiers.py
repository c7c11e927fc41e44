"""Ids that the hub gives to what comes from adapters: keyed hashes, the same every time.

Source: DESIGN §4. A hash of source, the source system that the record names, person, the record's
own id there, resource type and place in the record: bytes never wait for other resources, and
neither file names nor person numbers can be read out of an id. The kind of record is part of its
own id, since a system may number its notes and its diagnoses alike.
"""

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from adapters.document import Record

_BYTES = 20
_VERSION = re.compile(r"_\d+$")


def keyed(key: bytes, *parts: str | None) -> str:
    """Return a FHIR id (32 characters) that is the keyed hash of the parts in order."""
    message = b"".join(
        len(encoded).to_bytes(4, "big") + encoded
        for encoded in ((part or "").encode() for part in parts)
    )
    digest = hmac.digest(key, message, "sha256")[:_BYTES]
    return base64.b32encode(digest).decode().lower()


@dataclass(frozen=True)
class RecordIds:
    """The ids of one record and of the resources that it gives.

    `table` is the record's mapping table: a record has the same ids by every version of a contract.
    """

    key: bytes
    source: str
    source_system: str | None
    person: str
    table: str
    record_id: str

    @cached_property
    def record(self) -> str:
        """Return the key of the record among the source's records."""
        return keyed(self.key, "record", *self._names())

    def mint(self) -> Callable[[str, str], str]:
        """Return the function that gives the id of the resource of a type at a place."""
        names = self._names()
        return lambda resource_type, place: keyed(
            self.key, "resource", *names, resource_type, place
        )

    def _names(self) -> tuple[str | None, ...]:
        kind = _VERSION.sub("", self.table)
        return (self.source, self.source_system, self.person, kind, self.record_id)


def ids_of(record: Record, source: str, key: bytes, person: str) -> RecordIds:
    """Return the ids of a record of a source, when it is about this person."""
    header = record.header
    return RecordIds(key, source, header.source_system, person, record.table, header.record_id)
