"""The facts that a decision rests on, as frozen values without behaviour of their own.

Codes are those of the scenario format and stay Swedish where the law's word has no English twin.
Instants are aware datetimes; a period is half-open (see `consent.period`). In relations, consents,
blocks and lifts a name that is None means all of them; in items and readers that there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consent.codes import (
    OMSORGSGIVARE_REGIMES,
    READING,
    VARDGIVARE_REGIMES,
    Ability,
    ActiveChoice,
    Availability,
    BlockKind,
    Capacity,
    Collected,
    Danger,
    Giver,
    InfoType,
    Kind,
    LiftGround,
    Operation,
    ProtectedIdentity,
    Purpose,
    Recipient,
    Regime,
    RelationKind,
    RelationState,
    SearchTerm,
)
from consent.period import ALWAYS, Period

__all__ = [
    "OMSORGSGIVARE_REGIMES",
    "READING",
    "VARDGIVARE_REGIMES",
    "Ability",
    "ActiveChoice",
    "Assessment",
    "Availability",
    "BlockKind",
    "Capacity",
    "Collected",
    "Danger",
    "Emergency",
    "Facts",
    "Giver",
    "InfoType",
    "Item",
    "Kind",
    "Lift",
    "LiftGround",
    "Operation",
    "Organisation",
    "Person",
    "ProtectedIdentity",
    "Purpose",
    "Reader",
    "Recipient",
    "Regime",
    "Relation",
    "RelationKind",
    "RelationState",
    "Request",
    "Samtycke",
    "SearchTerm",
    "Sparr",
    "Target",
]


@dataclass(frozen=True, slots=True)
class Organisation:
    """A legal body, and how it takes part in the hub (SVOD 2:4, 4:2)."""

    id: str
    kind: frozenset[Kind] = frozenset()
    part_of: str | None = None
    connected: bool = True
    offers_own_access: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """What the law asks about the person whom the documentation concerns."""

    age: int = 50
    can_consent_self: bool = True
    capacity: Ability = Ability.FULL
    lacking_since: datetime | None = None
    deceased: datetime | None = None
    protected_identity: ProtectedIdentity = ProtectedIdentity.NONE


@dataclass(frozen=True, slots=True)
class Item:
    """One documented thing: the columns that a decision may ask about, and no others.

    `date` is the span of the information's own date; overlap with a block's period blocks.
    """

    id: str
    owner: str
    authority: str | None = None
    unit: str | None = None
    process: str | None = None
    regime: Regime = Regime.HSL
    service: str | None = None
    recipient: Recipient = Recipient.OLDER
    info_type: InfoType = InfoType.NOTE
    date: Period = ALWAYS
    collected_for: Collected = Collected.CARE
    per_person_file: bool = True
    informed: bool = True
    availability: Availability = Availability.GROUND_2_4
    available_since: datetime | None = None
    secret_from_person: bool = False
    withdrawn: bool = False
    masks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Relation:
    """The person is, or was, a patient of a unit, or has or had a service of an organisation."""

    organisation: str
    kind: RelationKind
    state: RelationState
    unit: str | None = None
    service: str = "SoL 8:1"
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class Samtycke:
    """An answer to the question whether a reader may read (SVOD 3:1, 3:2)."""

    giver: Giver
    organisation: str
    answer: bool
    unit: str | None = None
    user: str | None = None
    as_: Capacity | None = None
    period: Period = ALWAYS
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sparr:
    """A block: outer towards other organisations, inner around a unit or a process."""

    id: str
    kind: BlockKind
    owner: str
    unit: str | None = None
    process: str | None = None
    information: Period = ALWAYS
    excluded_types: frozenset[InfoType] = frozenset()
    set_at: datetime | None = None
    set_by: Giver = Giver.SELF


@dataclass(frozen=True, slots=True)
class Lift:
    """A block lifted for somebody for a while by the blocking organisation's officer."""

    block: str
    ground: LiftGround
    organisation: str | None = None
    unit: str | None = None
    user: str | None = None
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class Assessment:
    """An organisation's own judgement of the person's attitude (SVOD 3:3, 3:4)."""

    by: str
    clarified: bool
    reason_to_think_opposed: bool
    kind: str = "will"


@dataclass(frozen=True, slots=True)
class Emergency:
    """What the reader judges when life or health is in danger (SVOD 3:5, 3:6, PDL 4:5)."""

    danger: Danger = Danger.NONE
    consent_obtainable: bool = True
    can_request_lift: bool = True
    absolutely_needed: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, from where, in which capacity, and how well that is established."""

    user: str
    organisation: str | None
    as_: Capacity
    authority: str | None = None
    unit: str | None = None
    process: str | None = None
    assignment_valid: bool = True
    strong_auth: bool = True
    takes_part: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation other than reading is about: a block of an owner's, or a search."""

    owner: str | None = None
    kind: BlockKind = BlockKind.OUTER
    across_persons: bool = False
    terms: frozenset[SearchTerm] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, when, and what the reader has stated for it.

    `chosen` are the organisations that the reader chose to open after having learnt where data
    are (SVOD 3:3, 3:4, 3:6); None means that the choice has been made for all of them.
    """

    reader: Reader
    at: datetime
    op: Operation = Operation.READ
    purpose: Purpose = Purpose.VARD
    patient_requested: bool = False
    relevance: bool = True
    active_choice: ActiveChoice = ActiveChoice.CONTENT
    necessary: bool = False
    emergency: Emergency = Emergency()
    registers_reachable: bool = True
    chosen: frozenset[str] | None = None
    target: Target = Target()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about one person and the organisations around them at an instant."""

    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    person: Person = Person()
    relations: tuple[Relation, ...] = ()
    consents: tuple[Samtycke, ...] = ()
    blocks: tuple[Sparr, ...] = ()
    lifts: tuple[Lift, ...] = ()
    assessments: tuple[Assessment, ...] = ()
