"""What every adapter gives the hub: deliveries, their parts, and records with an access header.

Source: DESIGN P6 (the unit is a part: one person's documentation in a delivery) and the rule in the
RIV-TA contract descriptions that a consumer reads only the access header before access is judged.
What is made for each record is a Struct: a frozen dataclass of as many fields takes ten times as
long to make, and much of what a short message costs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from adapters.incoming import Content


class Tree(dict[str, "str | Tree | list[str | Tree]"]):
    """A record's body as mapping tables see it: local names, text leaves, lists where repeated."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the one who sent a document should know, without any personal value."""

    severity: str  # error | warning | information
    code: str
    place: str
    text: str


class WrittenIdentity(msgspec.Struct, frozen=True, gc=False):
    """A person's number as the source wrote it, with the OID or name of its kind, if any."""

    value: str
    kind: str | None = None


class AccessHeader(msgspec.Struct, frozen=True, gc=False):
    """What is asked about one record before its body is read; ids as the source writes them.

    `owner` and `unit` are None when the source left them out or wrote "?", "" or "0". The span
    `date_from` to `date_to` (aware instants, half-open) is the information's own date, as wide as
    the source's precision; None means unknown at that end. `former` is another number of the same
    person that the source says the record was first stored under.
    """

    record_id: str
    person: WrittenIdentity
    info_type: str
    owner: str | None
    unit: str | None = None
    process: str | None = None
    authority: str | None = None
    source_system: str | None = None
    regime: str = "HSL"
    service: str | None = None
    recipient: str = "older"
    date_from: datetime | None = None
    date_to: datetime | None = None
    not_for_patient: bool = False
    nullified: bool = False
    per_person_file: bool = True
    protected_identity: str = "none"
    masks: tuple[str, ...] = ()
    former: WrittenIdentity | None = None


class Record(msgspec.Struct, frozen=True):
    """One document of one person: its header, where it stands, its table and its lazy body."""

    header: AccessHeader
    table: str
    path: str
    body: Callable[[], Tree]


@dataclass(frozen=True, slots=True)
class Part:
    """One person's documentation in a delivery: the bytes that are kept, and its records.

    `name` says how the part is named in the delivery and never holds a personal value. `raw` holds
    only what may be kept: passages out of scope are already gone from it, and reading `raw` again
    with the same adapter gives the same records. `without` gives the part, and its bytes, without
    these of its records; None when no other is left. `refused` is why
    it breaks a rule of its layout: then it is kept in quarantine. Not `alone`: the person has, or
    may have, other parts in the same delivery, so that what this one lacks may stand there.
    `number` is the person's place in the delivery, from 1, where a delivery can be gone on with
    after a person.
    """

    name: str | None
    raw: bytes
    person: WrittenIdentity | None
    records: tuple[Record, ...]
    notes: tuple[Note, ...] = ()
    refused: tuple[Note, ...] = ()
    alone: bool = True
    without: "Callable[[Collection[Record]], Part | None] | None" = None
    number: int | None = None


class Standing(StrEnum):
    """What a delivery as a whole turned out to be."""

    ANSWER = "answer"
    SOURCE_ERROR = "source_error"
    REJECTED = "rejected"


class Parts(Protocol):
    """Yields a delivery's parts, or those after the first so many persons."""

    def __call__(self, after: int = 0) -> Iterator[Part]:
        """Yield them in order."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document as received: what it is, and its parts (none when it holds no documentation).

    `persons` is how many persons it holds, where it can be gone on with after any of them:
    `parts(n)` yields the parts of those after the first n. `broken` is why and where it breaks off
    after the last of them; it does not hold everything then. `as_of` is of when it says that it is,
    aware.
    """

    contract: str | None
    standing: Standing = Standing.ANSWER
    parts: Parts = field(default=lambda after=0: iter(()))  # noqa: ARG005 - there are none
    notes: tuple[Note, ...] = ()
    persons: int | None = None
    broken: "Unreadable | None" = None
    as_of: datetime | None = None


class Unreadable(Exception):
    """The document cannot be read at all; says what, where and what to do, and no value."""

    def __init__(self, code: str, place: str, text: str, *, hostile: bool = False) -> None:
        super().__init__(f"{code} at {place}: {text}")
        self.code = code
        self.place = place
        self.text = text
        self.hostile = hostile


class Adapter(Protocol):
    """One kind of source."""

    @property
    def name(self) -> str:
        """Return the name that sources call it by."""

    def recognises(self, content: bytes, name: str) -> bool:
        """Tell from the first bytes (and the name) whether this adapter reads the document."""

    def read(self, content: Content, name: str, profile: Mapping[str, object] | None) -> Delivery:
        """Return what the document holds.

        Raises:
            Unreadable: it is damaged, hostile or of a form that this adapter does not read.
        """
