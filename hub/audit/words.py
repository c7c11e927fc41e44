"""What a record says, in Swedish that the person it is about understands.

Source: PDL 8:5, SVOD 4:5; HSLF-FS 2016:40: the person is to be able to judge whether the access was
justified, so unit and time are always there and the name of whoever read is not needed.
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
    Action.RUNG: "fick veta att det finns uppgifter",
    Action.BLOCK: "registrerade eller ändrade en spärr",
    Action.LIFT: "hävde en spärr",
    Action.EXPORT: "lämnade ut uppgifter",
    Action.LOG_READ: "läste loggen",
    Action.ERASE: "gallrade",
    Action.ADMINISTER: "ändrade inställningar",
    Action.AUTHENTICATE: "försökte logga in",
    Action.ISSUE: "fick en åtkomstbiljett",
    Action.INTROSPECT: "frågade om en åtkomstbiljett gäller",
    Action.REVOKE: "avslutade en åtkomstbiljett",
}
ADMINISTERED = {
    "facts/load": "lade in uppgifter om dina relationer, samtycken och spärrar",
    "lift/ended": "lät din spärr gälla igen efter att den hade varit hävd en tid",
    "lift/escalated": "förde en obesvarad begäran om att häva din spärr vidare",
    "lift/lapsed": "avslutade en begäran om att häva din spärr, som ingen hade besvarat",
    "person/link": "förde samman två personnummer som är dina",
    "person/unlink": "skilde två personnummer åt",
    "purge": "gallrade uppgifter om dig",
    "pull": "hämtade uppgifter om dig från ett källsystem",
}
"""Acts of the hub's operator that are about one person, by the first word of the record's query."""
OPERATOR = "Den som driver navet"
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
    at = names.of(record.organisation, record.unit)
    where = f" vid {at}" if at and record.capacity != "individual" else ""
    time = f"den {when.day} {_MONTHS[when.month - 1]} {when.year} kl. {when:%H.%M}"
    did = DONE[record.action]
    if record.action is Action.ADMINISTER:
        who = OPERATOR
        did = ADMINISTERED.get((record.query or "").partition(" ")[0], did)
    refused = {Outcome.DENY: " Åtkomsten nekades.", Outcome.ERROR: " Försöket misslyckades."}
    text = f"{who}{where} {did} {time}"
    if sources := sorted({names.of(shown.owner) for shown in record.shown}):
        number = sum(len(shown.references) for shown in record.shown)
        what = "en uppgift" if number == 1 else f"{number} uppgifter" if number else "uppgifter"
        text += f": {what} från {' och '.join(sources)}"
    permitted = record.outcome not in refused
    if why := [WHY[each] for each in record.grounds if permitted and each in WHY]:
        text += f", {why[0]} ({record.grounds[0]})"
    return f"{text}.{refused.get(record.outcome, '')}"


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
