"""The facts that a decision rests on, as frozen values without behaviour of their own.

Codes are those of the scenario format and stay Swedish where the law's word has no English twin.
Instants are aware datetimes; a period is half-open (see `consent.period`). In relations, consents,
blocks and lifts a name that is None means all of them; in items and readers that there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consent.code import Code
from consent.period import ALWAYS, Period
from consent.search_term import SearchTerm


class Kind(Code):
    """In which capacities an organisation holds and reads documentation (SVOD 1:1)."""

    VARDGIVARE = "vardgivare"
    OMSORGSGIVARE = "omsorgsgivare"


class Capacity(Code):
    """In which capacity somebody reads; exactly one for each access."""

    VARDPERSONAL = "vardpersonal"
    OMSORGSPERSONAL = "omsorgspersonal"
    INDIVIDUAL = "individual"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    OFFICER = "officer"
    AUDITOR = "auditor"
    SYSTEM = "system"
    OTHER = "other"


class Regime(Code):
    """The act that a document was made under; it decides in which capacity its owner holds it."""

    HSL = "HSL"
    TANDVL = "TandvL"
    LPT = "LPT"
    LRV = "LRV"
    SML = "SmL"
    GIL = "GIL"
    KOORDL = "KoordL"
    KONSL = "KonsL"
    FMU = "FMU"
    ESTETIK = "ESTETIK"
    SOL = "SoL"
    LSS = "LSS"
    OTHER = "OTHER"


OMSORGSGIVARE_REGIMES = frozenset({Regime.SOL, Regime.LSS})
VARDGIVARE_REGIMES = frozenset(Regime) - OMSORGSGIVARE_REGIMES - {Regime.OTHER}


class Purpose(Code):
    """What the reader will use the data for; tested before anything else (SVOD 3:7)."""

    VARD = "vard"
    KOORDINERING = "koordinering"
    INTYG_3_16 = "intyg_3_16"
    INSATS = "insats"
    UTREDNING_INSATS = "utredning_insats"
    KVALITET = "kvalitet"
    FORSKNING = "forskning"
    STATISTIK = "statistik"
    TILLSYN = "tillsyn"
    UTBILDNING = "utbildning"
    FORSAKRING = "forsakring"
    FMU = "fmu"
    EGEN = "egen"


class Operation(Code):
    """What is asked for. `list` is decided as `read`; no scenario asks to make available."""

    READ = "read"
    LIST = "list"
    BLOCK = "block"
    LIFT = "lift"
    REQUEST_LIFT = "request_lift"
    LOG_EXTRACT = "log_extract"
    SEARCH = "search"
    MAKE_AVAILABLE = "make_available"
    ANSWER = "answer"
    WITHDRAW = "withdraw"


READING = frozenset({Operation.READ, Operation.LIST})


class ActiveChoice(Code):
    """How far the reader chose to look at other units of the own vardgivare (HSLF-FS 2016:40)."""

    NONE = "none"
    EXISTS = "exists"
    CONTENT = "content"


class Ability(Code):
    """The person's ability to take a stand (SVOD 2:6, 3:3, 3:4)."""

    FULL = "full"
    TEMPORARILY_LACKING = "temporarily_lacking"
    LASTING_LACK = "lasting_lack"


class ProtectedIdentity(Code):
    """Protection in the population register (OSL 21:3, 22:1, 22:2)."""

    NONE = "none"
    SEKRETESSMARKERING = "sekretessmarkering"
    SKYDDAD_FOLKBOKFORING = "skyddad_folkbokforing"
    FINGERAD = "fingerad"


class Recipient(Code):
    """For whom a social service is given, where the scope asks (SVOD 1:1)."""

    OLDER = "older"
    DISABILITY = "disability"
    OTHER = "other"


class Availability(Code):
    """On which ground the owner has made an item available (SVOD 2:4, 2:6)."""

    GROUND_2_4 = "2:4"
    GROUND_2_6 = "2:6"
    NONE = "none"


class Collected(Code):
    """The purpose that the owner collected an item for (PDL 2:4, SVOD 2:1)."""

    CARE = "care"
    QUALITY = "quality"
    PLANNING = "planning"
    STATISTICS = "statistics"
    RESEARCH = "research"


class InfoType(Code):
    """The kind of information, as blocks may exempt it and readers name it."""

    NOTE = "note"
    DIAGNOSIS = "diagnosis"
    MEDICATION = "medication"
    ALERT = "alert"
    LAB = "lab"
    IMAGING = "imaging"
    REFERRAL = "referral"
    CAREPLAN = "careplan"
    CONTACT = "contact"
    VACCINATION = "vaccination"
    FUNCTIONAL_STATUS = "functional_status"
    OBSERVATION = "observation"
    DECISION = "decision"
    IMPLEMENTATION_PLAN = "implementation_plan"
    SOCIAL_JOURNAL = "social_journal"
    ASSESSMENT = "assessment"
    DEMOGRAPHICS = "demographics"


class Giver(Code):
    """Who gave an answer or set a block; only the person's own counts (SVOD 2:3, 3:1)."""

    SELF = "self"
    GUARDIAN = "guardian"
    GOD_MAN = "god_man"


class Danger(Code):
    """How grave an emergency is (SVOD 3:5, 3:6)."""

    NONE = "none"
    LIFE = "life"
    SERIOUS_HEALTH = "serious_health"


class BlockKind(Code):
    """Outer: towards other organisations (SVOD 2:3). Inner: inside one vardgivare (PDL 4:4)."""

    OUTER = "outer"
    INNER = "inner"


class LiftGround(Code):
    """Why an officer lifted a block for a while (PDL 4:5, SVOD 3:5)."""

    CONSENT = "consent"
    EMERGENCY = "emergency"


class RelationKind(Code):
    """Patient of a vardgivare, or recipient of an omsorgsgivare's service."""

    PATIENT = "patient"
    SERVICE = "service"


class RelationState(Code):
    """Where a relation stands while its period runs."""

    CURRENT = "current"
    FORMER = "former"
    ONGOING = "ongoing"
    INVESTIGATION = "investigation"
    ENDED = "ended"


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
    """A block lifted by its owner's officer, for somebody, for a while; of some units or types."""

    block: str
    ground: LiftGround
    organisation: str | None = None
    unit: str | None = None
    user: str | None = None
    period: Period = ALWAYS
    of_units: frozenset[str] = frozenset()
    of_types: frozenset[InfoType] = frozenset()


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
    """What an operation is about: an owner's block, an answer to them, a search.

    `conveyed`: staff write down what the person has said.
    """

    owner: str | None = None
    kind: BlockKind = BlockKind.OUTER
    across_persons: bool = False
    terms: frozenset[SearchTerm] = frozenset()
    conveyed: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, when, and what is stated; `chosen`: organisations of U1, where not all."""

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
