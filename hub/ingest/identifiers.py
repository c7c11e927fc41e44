"""Ids that the hub gives to what comes from adapters: keyed hashes, the same every time.

Source: DESIGN §4. A hash of source, the source system that the record names, person, the record's
own id there, resource type and place in the record: bytes never wait for other resources, and
neither file names nor person numbers can be read out of an id. The kind of record is part of its
own id, since a system may number its notes and its diagnoses alike.
"""

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from adapters.document import Record

_FIVES = range(0, 20, 5)
"""Twenty bytes of the hash, five at a time: eight letters of base32 (RFC 4648), small here."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)
_VERSION = re.compile(r"_\d+$")


def keyed(key: bytes, *parts: str | None) -> str:
    """Return a FHIR id (32 characters) that is the keyed hash of the parts in order."""
    return _hashed(key, _message(parts))


def _message(parts: Iterable[str | None]) -> bytes:
    return b"".join(
        len(encoded).to_bytes(4, "big") + encoded
        for encoded in ((part or "").encode() for part in parts)
    )


def _hashed(key: bytes, message: bytes) -> str:
    digest = hmac.digest(key, message, "sha256")
    return "".join(
        [
            _PAIRS[five >> 30]
            + _PAIRS[five >> 20 & 1023]
            + _PAIRS[five >> 10 & 1023]
            + _PAIRS[five & 1023]
            for five in [int.from_bytes(digest[at : at + 5], "big") for at in _FIVES]
        ]
    )


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
        begin, key = _message(("resource", *self._names())), self.key
        return lambda resource_type, place: _hashed(key, begin + _message((resource_type, place)))

    def _names(self) -> tuple[str | None, ...]:
        kind = _VERSION.sub("", self.table)
        return (self.source, self.source_system, self.person, kind, self.record_id)


def ids_of(record: Record, source: str, key: bytes, person: str) -> RecordIds:
    """Return the ids of a record of a source, when it is about this person."""
    header = record.header
    return RecordIds(key, source, header.source_system, person, record.table, header.record_id)
