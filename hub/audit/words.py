"""What a record says, in Swedish that the person it is about understands.

Source: PDL 8:5, SVOD 4:5; HSLF-FS 2016:40: the person is to be able to judge whether the access was
justified, so unit, time and purpose are always there and the name of whoever read is not needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from consent.period import STOCKHOLM
from hub.audit.record import AccessRecord, Action, Outcome

DONE = {
    Action.READ: "läste",
    Action.VREAD: "läste",
    Action.SEARCH: "sökte",
    Action.HISTORY: "läste tidigare versioner",
    Action.CREATE: "skrev",
    Action.UPDATE: "ändrade",
    Action.DELETE: "tog bort",
    Action.TRANSACTION: "skrev",
    Action.OPERATION: "hämtade en sammanställning",
    Action.OPEN: "öppnade en lässession",
    Action.RUNG: "fick veta att det finns uppgifter om dig",
    Action.BLOCK: "registrerade eller ändrade en spärr",
    Action.LIFT: "hävde en spärr",
    Action.EXPORT: "lämnade ut uppgifter",
    Action.LOG_READ: "läste loggen",
    Action.ERASE: "gallrade",
    Action.ADMINISTER: "ändrade inställningar",
    Action.AUTHENTICATE: "loggade in eller försökte",
    Action.ISSUE: "fick en åtkomstbiljett",
    Action.INTROSPECT: "frågade om en åtkomstbiljett gäller",
    Action.REVOKE: "avslutade en åtkomstbiljett",
}
ADMINISTERED = {
    "facts/load": "lade in uppgifter om dina relationer, samtycken och spärrar",
    "lift/alerted": "larmade om en begäran att häva din spärr",
    "lift/alert-failed": "nådde inte fram med ett larm om en begäran att häva din spärr",
    "lift/ended": "lät din spärr gälla igen efter att den hade varit hävd en tid",
    "lift/escalated": "förde en obesvarad begäran om att häva din spärr vidare",
    "lift/lapsed": "avslutade en begäran om att häva din spärr, som ingen hade besvarat",
    "person/link": "förde samman två personnummer som är dina",
    "person/unlink": "skilde två personnummer åt",
    "purge": "gallrade uppgifter om dig",
    "pull": "hämtade uppgifter om dig från ett källsystem",
}
"""Acts of the hub's operator that are about one person, by the first word of the record's query."""
TOLD = {
    "U0": "fick veta att det finns uppgifter om dig hos andra",
    "U1": "fick veta vilka som har uppgifter om dig",
    "B0": "fick veta att det finns spärrade uppgifter om dig hos andra",
    "B1": "fick veta vilka vårdgivare som har spärrade uppgifter om dig",
    "I0": "fick veta att det finns uppgifter om dig hos andra enheter inom samma vårdgivare",
    "I1": "fick veta vilka enheter inom samma vårdgivare som har uppgifter om dig",
}
"""What a rung of the ladder tells, by its code."""
REVIEWED = "granskade en åtkomst till dina uppgifter och skrev ned sin bedömning"
RUNS_THE_HUB = "Den som driver navet"
OF_THE_HUB = (Action.ADMINISTER, Action.EXPORT, Action.ERASE)
"""What is done by command, by somebody who acts for no organisation."""
WHO = {
    "vardpersonal": "Vårdpersonal",
    "omsorgspersonal": "Omsorgspersonal",
    "individual": "Du själv",
    "guardian": "En vårdnadshavare",
    "representative": "Ett ombud",
    "officer": "En behörig befattningshavare",
    "auditor": "En logggranskare",
    "system": "Ett datasystem",
}
WHY = {
    "SVOD 3:1": "med ditt samtycke, eller för att du är barn och vården behövde uppgifterna",
    "SVOD 3:2": "med ditt samtycke, för insatser som du har eller har sökt",
    "SVOD 3:3": "för att du inte själv kunde ta ställning och vården var nödvändig",
    "SVOD 3:4": "för att du inte själv kunde ta ställning och insatsen var nödvändig",
    "SVOD 3:5": "i en nödsituation",
    "SVOD 3:6": "i en nödsituation",
    "SVOD 4:2": "för att uppgifterna är dina egna",
    "PDL 4:1": "för att delta i din vård inom samma vårdgivare",
    "PDL 4:5": "för att en spärr hade hävts",
    "PDL 2:4": "för vårdgivarens egna lagliga ändamål",
    "SoLPuL 6": "för att handlägga eller utföra dina insatser",
}


PURPOSES = {
    "vard": "vård och behandling",
    "koordinering": "koordinering vid sjukskrivning",
    "intyg_3_16": "ett intyg som du har bett om",
    "insats": "insatser för dig",
    "utredning_insats": "utredning av insatser för dig",
    "kvalitet": "kvalitetsuppföljning",
    "statistik": "statistik",
    "forskning": "forskning",
    "tillsyn": "tillsyn",
    "utbildning": "utbildning",
    "forsakring": "försäkring",
    "fmu": "en försäkringsmedicinsk utredning",
}
"""What the reader said that it was for; not told where the person reads their own."""
REFUSED = {Outcome.DENY: " Åtkomsten nekades.", Outcome.ERROR: " Försöket misslyckades."}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of organisations and units, by their ids."""

    organisations: Mapping[str, str]
    units: Mapping[str, str]

    def of(self, organisation: str | None, unit: str | None = None) -> str:
        """Return a name for people; an id where no name is known, as it stands."""
        parts = [
            self.units.get(unit, unit) if unit else None,
            self.organisations.get(organisation, organisation) if organisation else None,
        ]
        return ", ".join(part for part in parts if part)


def in_words(record: AccessRecord, names: Names) -> str:
    """Return one or two sentences: who, where, when, what, from whom and why."""
    when = record.recorded.astimezone(STOCKHOLM)
    who = WHO.get(record.capacity or "", "Någon")
    if record.capacity is None and record.action in OF_THE_HUB:
        who = RUNS_THE_HUB
    at = names.of(record.organisation, record.unit)
    where = f" vid {at}" if at and record.capacity != "individual" else ""
    time = f"den {when.day} {_MONTHS[when.month - 1]} {when.year} kl. {when:%H.%M}"
    text = f"{who}{where} {_did(record)} {time}"
    if sources := sorted({names.of(shown.owner) for shown in record.shown}):
        number = sum(len(shown.references) for shown in record.shown)
        what = "en uppgift" if number == 1 else f"{number} uppgifter" if number else "uppgifter"
        text += f": {what} från {' och '.join(sources)}"
    return f"{text}{_why(record)}.{REFUSED.get(record.outcome, '')}"


def _did(record: AccessRecord) -> str:
    first = (record.query or "").partition(" ")[0]
    if record.action is Action.ADMINISTER:
        return REVIEWED if first == "review" else ADMINISTERED.get(first, DONE[record.action])
    if record.action is Action.RUNG and record.rungs:
        return " och ".join(TOLD.get(rung.code, DONE[record.action]) for rung in record.rungs)
    return DONE[record.action]


def _why(record: AccessRecord) -> str:
    """Each reason with its section; of what was refused what it was said to be for."""
    why = [f"{WHY[each]} ({each})" for each in record.grounds if each in WHY]
    if why and record.outcome not in REFUSED:
        return f", {', och '.join(why)}"
    return f", med syftet {PURPOSES[record.purpose]}" if record.purpose in PURPOSES else ""


_MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
