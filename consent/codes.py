"""The codes of the facts: those of the scenario format, Swedish where there is no twin word."""

from enum import StrEnum


class Kind(StrEnum):
    """In which capacities an organisation holds and reads documentation (SVOD 1:1)."""

    VARDGIVARE = "vardgivare"
    OMSORGSGIVARE = "omsorgsgivare"


class Capacity(StrEnum):
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


class Regime(StrEnum):
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


VARDGIVARE_REGIMES = frozenset(
    {
        Regime.HSL,
        Regime.TANDVL,
        Regime.LPT,
        Regime.LRV,
        Regime.SML,
        Regime.GIL,
        Regime.KOORDL,
        Regime.KONSL,
        Regime.FMU,
        Regime.ESTETIK,
    }
)
OMSORGSGIVARE_REGIMES = frozenset({Regime.SOL, Regime.LSS})


class Purpose(StrEnum):
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


class Operation(StrEnum):
    """What is asked for. `list` is decided exactly as `read`."""

    READ = "read"
    LIST = "list"
    BLOCK = "block"
    LIFT = "lift"
    REQUEST_LIFT = "request_lift"
    LOG_EXTRACT = "log_extract"
    SEARCH = "search"


READING = frozenset({Operation.READ, Operation.LIST})


class SearchTerm(StrEnum):
    """What a search across persons asks about them (PDL 2:8, SoLPuL 7 a)."""

    HEALTH = "health"
    SOCIAL_SERVICES = "social_services"
    SENSITIVE = "sensitive"
    CRIME = "crime"
    ALIENS_ACT = "aliens_act"


class ActiveChoice(StrEnum):
    """How far the reader chose to look at other units of the own vardgivare (HSLF-FS 2016:40)."""

    NONE = "none"
    EXISTS = "exists"
    CONTENT = "content"


class Ability(StrEnum):
    """The person's ability to take a stand (SVOD 2:6, 3:3, 3:4)."""

    FULL = "full"
    TEMPORARILY_LACKING = "temporarily_lacking"
    LASTING_LACK = "lasting_lack"


class ProtectedIdentity(StrEnum):
    """Protection in the population register (OSL 21:3, 22:1, 22:2)."""

    NONE = "none"
    SEKRETESSMARKERING = "sekretessmarkering"
    SKYDDAD_FOLKBOKFORING = "skyddad_folkbokforing"
    FINGERAD = "fingerad"


class Recipient(StrEnum):
    """For whom a social service is given, where the scope asks (SVOD 1:1)."""

    OLDER = "older"
    DISABILITY = "disability"
    OTHER = "other"


class Availability(StrEnum):
    """On which ground the owner has made an item available (SVOD 2:4, 2:6)."""

    GROUND_2_4 = "2:4"
    GROUND_2_6 = "2:6"
    NONE = "none"


class Collected(StrEnum):
    """The purpose that the owner collected an item for (PDL 2:4, SVOD 2:1)."""

    CARE = "care"
    QUALITY = "quality"
    PLANNING = "planning"
    STATISTICS = "statistics"
    RESEARCH = "research"


class InfoType(StrEnum):
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


class Giver(StrEnum):
    """Who gave an answer or set a block; only the person's own counts (SVOD 2:3, 3:1)."""

    SELF = "self"
    GUARDIAN = "guardian"
    GOD_MAN = "god_man"


class Danger(StrEnum):
    """How grave an emergency is (SVOD 3:5, 3:6)."""

    NONE = "none"
    LIFE = "life"
    SERIOUS_HEALTH = "serious_health"


class BlockKind(StrEnum):
    """Outer: towards other organisations (SVOD 2:3). Inner: inside one vardgivare (PDL 4:4)."""

    OUTER = "outer"
    INNER = "inner"


class LiftGround(StrEnum):
    """Why an officer lifted a block for a while (PDL 4:5, SVOD 3:5)."""

    CONSENT = "consent"
    EMERGENCY = "emergency"


class RelationKind(StrEnum):
    """Patient of a vardgivare, or recipient of an omsorgsgivare's service."""

    PATIENT = "patient"
    SERVICE = "service"


class RelationState(StrEnum):
    """Where a relation stands while its period runs."""

    CURRENT = "current"
    FORMER = "former"
    ONGOING = "ongoing"
    INVESTIGATION = "investigation"
    ENDED = "ended"
