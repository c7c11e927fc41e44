"""A part on its way in, before the store is asked anything: whom it is about, and its records' ids.

Source: DESIGN P6 (the unit is a part), SVOD 1:1 (of what is out of scope not even whom it is about
may be kept).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.document import Note, Part, WrittenIdentity
from consent.period import STOCKHOLM
from hub.config.source import Source
from hub.ingest.identifiers import RecordIds, ids_of
from hub.ingest.judge import out_of_scope
from hub.ingest.mapping import Mapped, Ready
from hub.ingest.nullified import nullified_together
from hub.ingest.receipt import Receipt, State
from hub.store.identity import person_key
from hub.store.incoming import Written
from hub.store.parts import PartRow, part_id
from hub.store.schema.source_part import UNKNOWN_PERSON
from mappings.personal_identity import WARNINGS, Identity, NotAnIdentity, normalise


@dataclass(frozen=True, slots=True)
class Received:
    """A part as it came: from which document, source and adapter, and when (aware).

    `complete`: it holds everything that the source has about the person, so that what it lacks has
    disappeared. `waiting_since`: it was received then, and is tried again. `as_of`: of when its
    delivery says that it is. `about`: it answers a question about this person.
    """

    document: str
    source: Source
    adapter: str
    contract: str | None
    part: Part
    at: datetime
    complete: bool = False
    waiting_since: datetime | None = None
    as_of: datetime | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The receipt of a part, whom it was about where that could be told, and the part's number."""

    receipt: Receipt
    person: str | None = None
    number: int | None = None


@dataclass(slots=True)
class Candidate:
    """A part on its way in: whom it is about, and its records' ids; no database was asked yet.

    `state` is set as soon as its fate is known (rejected, quarantined); until then it goes on.
    """

    received: Received
    key: bytes
    notes: list[Note]
    person: str = UNKNOWN_PERSON
    identity: Identity | None = None
    ids: list[RecordIds] = field(default_factory=list)
    state: State | None = None
    ready: list[Ready] = field(default_factory=list)
    mapped: Mapped = field(default_factory=Mapped)

    def quarantine(self, *reasons: Note) -> None:
        """Give up, with the reasons."""
        self.notes += reasons
        self.state = State.QUARANTINED

    def reject(self, *reasons: Note) -> None:
        """Give up, and keep nothing."""
        self.notes += reasons
        self.state = State.REJECTED

    def identify(self, part: Part) -> None:
        """Take the part, as it is now, and give its records their ids."""
        part, said = nullified_together(part)
        self.notes += [each for each in said if each not in self.notes]
        if part is not self.received.part:
            self.received = replace(self.received, part=part)
        source = self.received.source.id
        self.ids = [ids_of(each, source, self.key, self.person) for each in part.records]

    def stored_as(self, state: State) -> PartRow:
        """Return the row of the part; in quarantine with what was said of it."""
        received, part = self.received, self.received.part
        return PartRow(
            person=self.person,
            id=part_id(self.key, received.source.id, self.person, part.raw),
            source=received.source.id,
            adapter=received.adapter,
            contract=received.contract,
            document=received.document,
            name=part.name,
            raw=part.raw,
            received=received.at,
            state=state.value,
            reasons=tuple(self.notes) if state is State.QUARANTINED else (),
            as_of=received.as_of,
        )

    def taken(
        self,
        state: State,
        written: Sequence[Written] = (),
        notes: Sequence[Note] = (),
    ) -> Taken:
        """Return the receipt that says what became of the part."""
        received = self.received
        receipt = Receipt(
            document=received.document,
            part=received.part.name,
            source=received.source.id,
            adapter=received.adapter,
            contract=received.contract,
            state=state,
            resources=tuple((each.type, each.id) for each in written),
            issues=(*self.notes, *notes),
            unmapped=() if self.state else tuple(self.mapped.unmapped),
        )
        person = None if self.person == UNKNOWN_PERSON else self.person
        return Taken(receipt, person, received.part.number)


def candidate(received: Received, key: bytes) -> Candidate:
    """Return a part with whom it is about; one out of scope, or of nobody, has its fate already."""
    found = Candidate(received, key, list(received.part.notes))
    outside = [each.path for each in received.part.records if out_of_scope(each.header)]
    if outside:
        found.reject(*map(_out_of_scope, outside))
        return found
    try:
        number = _number(received.part.person)
        identity = normalise(*number, received.at.astimezone(STOCKHOLM).date())
    except NotAnIdentity as why:
        text = f"{why.reason}; correct it at the source and send it again"
        found.quarantine(Note("error", "no-person-number", "person number", text))
        return found
    said = {note.code for note in found.notes}
    found.notes += [
        Note("warning", code, "person number", WARNINGS[code])
        for code in identity.warnings
        if code not in said
    ]
    found.identity = identity
    found.person = person_key(key, identity.system, identity.value)
    found.identify(received.part)
    return found


def _out_of_scope(place: str) -> Note:
    text = "the record is of a kind that SVOD 1:1 does not list; nothing of the part is kept"
    return Note("error", "out-of-scope", place, text)


def _number(written: WrittenIdentity | None) -> tuple[str, str | None]:
    return ("", None) if written is None else (written.value, written.kind)
