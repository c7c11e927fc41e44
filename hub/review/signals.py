"""Why an access is looked at: small rules, each with its reason and what to think of.

Source: PDL 4:3, SVOD 3:3 to 3:6, PDL 4:5; HSLF-FS 2016:40 4 kap. (checks that are systematic and
recurrent). A signal is no accusation: it says which evidence is missing, or what must be looked at
whatever the evidence.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from consent.facts import Relation, RelationState
from consent.period import STOCKHOLM
from hub.audit.record import Action
from hub.review.evidence import Evidence, words

LIVE = (RelationState.CURRENT, RelationState.ONGOING, RelationState.INVESTIGATION)
MANY_PERSONS = 60
"""Persons in a day: more than a full surgery sees."""
NIGHT_ENDS, NIGHT_BEGINS = 6, 22


@dataclass(frozen=True, slots=True)
class Signal:
    """A reason to look at an access.

    `weight` orders the worklist; one that is not `enough` only adds to others. `unexplained`: it
    says that evidence is missing, not that the law asks for a look. `guidance`: what to think of.
    """

    code: str
    title: str
    guidance: str
    weight: int
    holds: Callable[[Evidence], bool]
    enough: bool = True
    unexplained: bool = True


def _own(evidence: Evidence) -> list[Relation]:
    return [
        each
        for each in evidence.facts.relations
        if each.organisation == evidence.record.organisation
        and each.unit in (None, evidence.record.unit)
    ]


def _related(evidence: Evidence) -> bool:
    at = evidence.record.recorded
    return any(each.state in LIVE and each.period.holds(at) for each in _own(evidence))


def _no_relation(evidence: Evidence) -> bool:
    missing = {"no-relation", "relation-claimed"} & set(evidence.record.flags)
    return bool(missing) and not _related(evidence)


def _after(evidence: Evidence) -> bool:
    """The unit had to do with the person, and no longer had when the access was made."""
    at = evidence.record.recorded
    ended = any(
        each.state not in LIVE or (each.period.end is not None and each.period.end <= at)
        for each in _own(evidence)
    )
    return ended and not _related(evidence)


def _surname(evidence: Evidence) -> bool:
    name = words(evidence.member.name) if evidence.member and evidence.member.name else ""
    return bool(name) and any(
        name == each or name.endswith(f" {each}") for each in evidence.surnames
    )


def _address(evidence: Evidence) -> bool:
    given = evidence.member.address if evidence.member else None
    return given is not None and words(given) in evidence.addresses


def _night(evidence: Evidence) -> bool:
    hour = evidence.record.recorded.astimezone(STOCKHOLM).hour
    return hour < NIGHT_ENDS or hour >= NIGHT_BEGINS


def _by(*grounds: str) -> Callable[[Evidence], bool]:
    return lambda evidence: bool(set(grounds) & set(evidence.record.grounds))


def _lift(evidence: Evidence) -> bool:
    return evidence.record.action is Action.LIFT or _by("PDL 4:5")(evidence)


NOT_TRIED = Signal(
    "not-tried",
    "Kunde inte prövas",
    "Underlaget kring åtkomsten kunde inte läsas, så inget annat skäl är prövat. Gå igenom den för"
    " hand, och säg till driften.",
    3,
    lambda _: False,
)
SIGNALS = (
    NOT_TRIED,
    Signal(
        "same-address",
        "Samma adress",
        "Läsaren och personen bor på samma adress. Var personen läsarens patient eller brukare på"
        " läsarens enhet? Släktskap är inget skäl att läsa.",
        4,
        _address,
    ),
    Signal(
        "colleague",
        "Kollega",
        "Personen arbetar i samma organisation. Fanns en vårdrelation eller en insats som förklarar"
        " läsningen, eller är det nyfikenhet?",
        4,
        lambda evidence: evidence.colleague,
    ),
    Signal(
        "no-relation",
        "Ingen relation",
        "Hubben känner inte till någon relation mellan enheten och personen. Sök remiss, bokning,"
        " beställning eller jour i det egna systemet. Pröva läsarens eget skäl.",
        3,
        _no_relation,
    ),
    Signal(
        "ended-relation",
        "Efter avslutad relation",
        "Relationen var avslutad när läsningen gjordes. Fanns uppföljning, epikris, svar på prov"
        " eller klagomål att ta hand om?",
        3,
        _after,
    ),
    Signal(
        "same-surname",
        "Samma efternamn",
        "Läsaren och personen har samma efternamn. Vanliga namn ger träffar utan betydelse. Är de"
        " närstående, och fanns i så fall ett uppdrag att läsa?",
        3,
        _surname,
    ),
    Signal(
        "mass-lookups",
        "Ovanligt många personer",
        "Läsaren tog del av uppgifter om ovanligt många personer samma dag. Är det en uppgift som"
        " innebär det, till exempel vårdplatssamordning eller kvalitetsarbete?",
        2,
        lambda evidence: evidence.looked_up > MANY_PERSONS,
    ),
    Signal(
        "rule-error",
        "En regel kunde inte prövas",
        "Något fel gjorde att en regel inte kunde prövas, och då visas inget. Säg till driften.",
        2,
        lambda evidence: "rule-error" in evidence.record.flags,
    ),
    Signal(
        "night",
        "Natt",
        "Läsningen gjordes mellan 22 och 06. Hade läsaren jour eller nattpass?",
        1,
        _night,
        enough=False,
    ),
    Signal(
        "emergency",
        "Nödöppning",
        "Fanns fara för liv eller allvarlig risk för hälsan, kunde samtycke inte inhämtas, och"
        " behövdes just de här uppgifterna (SVOD 3:5, 3:6)? Finns bedömningen i journalen?",
        2,
        _by("SVOD 3:5", "SVOD 3:6"),
        unexplained=False,
    ),
    Signal(
        "incapacity",
        "Personen kunde inte ta ställning",
        "Var oförmågan mer än tillfällig, är inställningen klarlagd så långt det gick, och finns"
        " bedömningen dokumenterad (SVOD 3:3, 3:4)?",
        2,
        _by("SVOD 3:3", "SVOD 3:4"),
        unexplained=False,
    ),
    Signal(
        "lift",
        "Hävd spärr",
        "Hävdes spärren av en behörig befattningshavare, med samtycke eller för vård som"
        " oundgängligen behövdes (PDL 4:5)? Öppnades bara det som kunde antas ha betydelse?",
        2,
        _lift,
        unexplained=False,
    ),
)
BY_HAND = Signal(
    "by-hand",
    "Tillagd för hand",
    "En granskare har lagt åtkomsten på listan, med det skäl som står nedan. Finns det en relation,"
    " ett uppdrag och ett behov som förklarar den?",
    4,
    lambda _: False,
    unexplained=False,
)
BY_CODE: Mapping[str, Signal] = {each.code: each for each in (*SIGNALS, BY_HAND)}
SAMPLE = "sample"
SAMPLED = Signal(
    SAMPLE,
    "Slumpvis utvald",
    "Åtkomsten är utvald av slumpen. Finns det en relation, ett uppdrag och ett behov som förklarar"
    " den?",
    0,
    lambda _: False,
    unexplained=False,
)
TITLES: Mapping[str, str] = {code: each.title for code, each in BY_CODE.items()} | {
    SAMPLE: SAMPLED.title
}
FIRST = 100
"""More than all that has evidence or that the law asks for weighs together."""


def rank_of(signals: Iterable[Signal]) -> int:
    """Return where an access stands on the worklist: what lacks evidence first, then by weight."""
    found = tuple(signals)
    first = any(each.unexplained or each is BY_HAND for each in found)
    return sum(each.weight for each in found) + (FIRST if first else 0)


def reasons(evidence: Evidence) -> tuple[Signal, ...]:
    """Return why an access is looked at, the gravest first; nothing where evidence explains it."""
    found = tuple(each for each in SIGNALS if each.holds(evidence))
    return found if any(each.enough for each in found) else ()
