"""The `facts` of a scenario as written: every key with its default, and nothing else.

Source: the page of the scenario format, section `facts`. Names that are absent are null; in
relations, consents, blocks and lifts null means all of them.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.facts import (
    Ability,
    Availability,
    BlockKind,
    Capacity,
    Collected,
    Giver,
    InfoType,
    LiftGround,
    ProtectedIdentity,
    Recipient,
    Regime,
    RelationKind,
    RelationState,
)
from hub.config.entry import Entry, Identifier, Listed, Text, When, one_of, wrong
from hub.config.organisations_file import Kinds
from hub.config.written import WrittenInteger

OLDEST = 130
EXAMPLE_DATE = date(2026, 1, 15)


class Mask(StrEnum):
    """Parts of an item that reveal a protected person's whereabouts."""

    ADDRESS = "address"
    CONTACT = "contact"
    UNIT_NAME = "unit_name"


class ReaderCapacity(StrEnum):
    """In which capacity somebody reads in a scenario."""

    VARDPERSONAL = "vardpersonal"
    OMSORGSPERSONAL = "omsorgspersonal"
    INDIVIDUAL = "individual"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    OFFICER = "officer"
    OTHER = "other"


class AssessmentKind(StrEnum):
    """What an assessment is of."""

    WILL = "will"


_reader_capacity = one_of(ReaderCapacity)


def _capacity(value: object) -> Capacity:
    return Capacity(_reader_capacity(value))


def _answer(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return value == "yes"
    raise wrong("this is not an answer", 'write "yes" or "no"')


def _age(value: object) -> int:
    if not isinstance(value, WrittenInteger) or not value.plain or not 0 <= value <= OLDEST:
        raise wrong("this is not an age in years", f"write a whole number from 0 to {OLDEST}")
    return int(value)


CapacityCode = Annotated[Capacity, PlainValidator(_capacity)]
GiverCode = Annotated[Giver, PlainValidator(one_of(Giver))]
InfoTypeCode = Annotated[InfoType, PlainValidator(one_of(InfoType))]
BlockKindCode = Annotated[BlockKind, PlainValidator(one_of(BlockKind))]


class OrganisationFact(Entry):
    """An organisation that is mentioned in the scenario."""

    id: Identifier
    kind: Kinds
    part_of: Text | None = None
    connected: bool = True
    offers_own_access: bool = True


class PersonFact(Entry):
    """The person whom everything concerns."""

    age: Annotated[int, PlainValidator(_age)] = 50
    can_consent_self: bool = True
    capacity: Annotated[Ability, PlainValidator(one_of(Ability))] = Ability.FULL
    lacking_since: When | None = None
    deceased: When | None = None
    protected_identity: Annotated[ProtectedIdentity, PlainValidator(one_of(ProtectedIdentity))] = (
        ProtectedIdentity.NONE
    )


class ItemFact(Entry):
    """One documented thing."""

    id: Identifier
    owner: Identifier
    authority: Identifier | None = None
    unit: Identifier | None = None
    process: Identifier | None = None
    regime: Annotated[Regime, PlainValidator(one_of(Regime))] = Regime.HSL
    service: Text | None = None
    recipient: Annotated[Recipient, PlainValidator(one_of(Recipient))] = Recipient.OLDER
    info_type: InfoTypeCode = InfoType.NOTE
    date: When | None = EXAMPLE_DATE
    collected_for: Annotated[Collected, PlainValidator(one_of(Collected))] = Collected.CARE
    per_person_file: bool = True
    informed: bool = True
    availability: Annotated[Availability, PlainValidator(one_of(Availability))] = (
        Availability.GROUND_2_4
    )
    available_since: When | None = None
    secret_from_person: bool = False
    masks: Listed[Annotated[Mask, PlainValidator(one_of(Mask))]] = Field(default_factory=list)


class RelationFact(Entry):
    """The person is a patient, or has a service."""

    organisation: Identifier
    unit: Identifier | None = None
    kind: Annotated[RelationKind, PlainValidator(one_of(RelationKind))] = RelationKind.PATIENT
    state: Annotated[RelationState, PlainValidator(one_of(RelationState))] | None = None
    service: Text = "SoL 8:1"
    from_: When | None = None
    to: When | None = None


class ConsentFact(Entry):
    """An answer to the question whether a reader may read."""

    giver: GiverCode = Giver.SELF
    organisation: Identifier
    unit: Identifier | None = None
    user: Identifier | None = None
    as_: CapacityCode | None = None
    answer: Annotated[bool, PlainValidator(_answer)] = True
    from_: When | None = None
    to: When | None = None
    withdrawn_at: When | None = None


class BlockFact(Entry):
    """A block that somebody set."""

    id: Identifier
    kind: BlockKindCode = BlockKind.OUTER
    owner: Identifier
    unit: Identifier | None = None
    process: Identifier | None = None
    info_from: When | None = None
    info_to: When | None = None
    excluded_types: Listed[InfoTypeCode] = Field(default_factory=list)
    set_at: When | None = None
    set_by: GiverCode = Giver.SELF


class LiftFact(Entry):
    """A block lifted for somebody, for a while."""

    block: Identifier
    ground: Annotated[LiftGround, PlainValidator(one_of(LiftGround))]
    organisation: Identifier | None = None
    unit: Identifier | None = None
    user: Identifier | None = None
    from_: When | None = None
    to: When | None = None
    of_units: Listed[Identifier] = Field(default_factory=list)
    of_types: Listed[InfoTypeCode] = Field(default_factory=list)


class AssessmentFact(Entry):
    """An organisation's judgement of the person's attitude."""

    kind: Annotated[AssessmentKind, PlainValidator(one_of(AssessmentKind))] = AssessmentKind.WILL
    by: Identifier
    clarified: bool = True
    reason_to_think_opposed: bool = False


class FactsEntry(Entry):
    """Everything under `facts`."""

    organisations: Listed[OrganisationFact] = Field(default_factory=list)
    person: PersonFact = PersonFact()
    items: Listed[ItemFact] = Field(default_factory=list)
    relations: Listed[RelationFact] = Field(default_factory=list)
    consents: Listed[ConsentFact] = Field(default_factory=list)
    blocks: Listed[BlockFact] = Field(default_factory=list)
    lifts: Listed[LiftFact] = Field(default_factory=list)
    assessments: Listed[AssessmentFact] = Field(default_factory=list)
