"""Who reads in the demo, what they state, and what the law is expected to give them: one file.

Source: INTERFACES "Token", `$open`, `samvy demo`. The expectations are data beside the documents,
so that whoever changes a document or a fact changes what follows from it in the same place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.facts import ActiveChoice, Capacity, Danger, Purpose
from consent.section import RUNGS, Opens
from hub.auth.built_in import TokenRequest
from hub.config.entry import Entry, Identifier, Listed, Text, one_of, validated, wrong
from hub.config.written import WrittenInteger, read_written
from mappings.personal_identity import PERSONNUMMER

FILE = "readers.yaml"
NOBODY = "-"
"""The organisation that is written for somebody who reads for their own part."""


@dataclass(frozen=True, slots=True)
class Step:
    """One `$open`: what the reader states, and the answer that is expected.

    `names` is what rungs such as U1 name: organisations or units, by rung.
    """

    states: Mapping[str, object]
    shows: tuple[str, ...]
    names: Mapping[str, frozenset[str]]
    basis: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader: token, steps of `$open`, and what is seen at the end.

    `sees` counts each clinical type; `owners` are those whose documents are among it.
    """

    name: str
    token: TokenRequest
    steps: tuple[Step, ...]
    sees: Mapping[str, int]
    owners: frozenset[str]
    example: str


@dataclass(frozen=True, slots=True)
class Script:
    """The demo's readers, the number of the person they read about, and the expected receipts."""

    person: str = field(repr=False)
    receipts: Mapping[str, int]
    readers: tuple[Reader, ...]


def _count(value: object) -> int:
    if not isinstance(value, WrittenInteger) or not value.plain or value < 0:
        raise wrong("this is not a count", "write a whole number")
    return int(value)


Count = Annotated[int, PlainValidator(_count)]
Rung = Annotated[Opens, PlainValidator(one_of(Opens))]


class _Token(Entry):
    user: Identifier
    organisation: Identifier
    unit: Identifier | None = None
    as_: Annotated[Capacity, PlainValidator(one_of(Capacity))]
    purpose: Annotated[Purpose, PlainValidator(one_of(Purpose))] | None = None


class _Emergency(Entry):
    danger: Annotated[Danger, PlainValidator(one_of(Danger))]
    consentObtainable: bool  # noqa: N815  # as $open spells it
    canRequestLift: bool  # noqa: N815
    absolutelyNeeded: bool  # noqa: N815


class _States(Entry):
    purpose: Annotated[Purpose, PlainValidator(one_of(Purpose))] | None = None
    activeChoice: Annotated[ActiveChoice, PlainValidator(one_of(ActiveChoice))] | None = None  # noqa: N815
    relevance: bool | None = None
    organisation: Listed[Identifier] = Field(default_factory=list)
    emergency: _Emergency | None = None


class _Step(Entry):
    states: _States
    shows: Listed[Rung] = Field(default_factory=list)
    names: dict[str, list[Identifier]] = Field(default_factory=dict)
    basis: Annotated[list[Text], Field(min_length=1)]


class _Reader(Entry):
    reader: Text
    token: _Token
    opens: Annotated[list[_Step], Field(min_length=1)]
    sees: dict[str, Count]
    from_: Listed[Identifier]
    example: Text


class _File(Entry):
    person: Identifier
    receipts: dict[str, Count]
    readers: Annotated[list[_Reader], Field(min_length=1)]


def read_script(data: Path) -> Script:
    """Return the script that lies in a folder of demo data.

    Raises:
        ConfigurationError: with everything that is wrong in it.
    """
    read = validated(_File, read_written(data / FILE))
    return Script(read.person, read.receipts, tuple(_reader(e, read.person) for e in read.readers))


def _reader(entry: _Reader, person: str) -> Reader:
    return Reader(
        entry.reader,
        TokenRequest(
            user=entry.token.user,
            organisation=entry.token.organisation,
            as_=entry.token.as_,
            unit=entry.token.unit,
            purpose=entry.token.purpose,
            person=f"{PERSONNUMMER}|{person}" if entry.token.organisation == NOBODY else None,
        ),
        tuple(_step(each) for each in entry.opens),
        {kind: count for kind, count in entry.sees.items() if count},
        frozenset(entry.from_),
        entry.example,
    )


def _step(entry: _Step) -> Step:
    states = entry.states.model_dump(by_alias=True, exclude_none=True)
    return Step(
        {name: value for name, value in states.items() if value != []},
        tuple(rung.value for rung in RUNGS if rung in entry.shows),
        {rung: frozenset(ids) for rung, ids in entry.names.items()},
        frozenset(entry.basis),
    )
