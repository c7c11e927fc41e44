"""The log's codes in Swedish for those who review it.

Source: hub/audit/record.py, consent/facts.py; docs/glossary.md. A code without a word stands as it
is: a newer record is shown, not refused.
"""

from collections.abc import Mapping
from datetime import datetime

from hub.local_clock import told

ACTIONS: Mapping[str, str] = {
    "read": "läsning",
    "vread": "läsning av en version",
    "search-type": "sökning",
    "history-instance": "läsning av historik",
    "create": "ny uppgift",
    "update": "ändring",
    "delete": "borttagning",
    "transaction": "skrivning av flera",
    "operation": "sammanställning",
    "open": "lässession öppnad",
    "rung": "besked om att uppgifter finns",
    "block": "spärr",
    "lift": "hävning av spärr",
    "export": "utlämnande",
    "log-read": "läsning av loggen",
    "erase": "gallring",
    "administer": "administration",
    "authenticate": "inloggning",
    "token-issue": "åtkomstbiljett utlämnad",
    "token-introspect": "fråga om en åtkomstbiljett",
    "token-revoke": "åtkomstbiljett avslutad",
}
OUTCOMES: Mapping[str, str] = {
    "permit": "visat",
    "partial": "visat i delar",
    "deny": "nekat",
    "error": "misslyckat",
}
CAPACITIES: Mapping[str, str] = {
    "vardpersonal": "vårdpersonal",
    "omsorgspersonal": "omsorgspersonal",
    "individual": "personen själv",
    "guardian": "vårdnadshavare",
    "representative": "ombud",
    "officer": "behörig befattningshavare",
    "auditor": "logggranskare",
    "system": "datasystem",
    "other": "annan",
}
PURPOSES: Mapping[str, str] = {
    "vard": "vård och behandling",
    "koordinering": "koordinering",
    "intyg_3_16": "intyg som patienten begärt",
    "insats": "insats",
    "utredning_insats": "utredning av insats",
    "kvalitet": "kvalitetssäkring",
    "forskning": "forskning",
    "statistik": "statistik",
    "tillsyn": "tillsyn och egenkontroll",
    "utbildning": "utbildning",
    "forsakring": "försäkring",
    "fmu": "försäkringsmedicinsk utredning",
    "egen": "egna uppgifter",
}
FLAGS: Mapping[str, str] = {
    "relation-claimed": "relationen bara påstådd",
    "no-relation": "ingen relation",
    "rule-error": "en regel kunde inte prövas",
    "token-refused": "åtkomstbiljetten godtogs inte",
    "client-refused": "systemet godtogs inte",
}
RUNGS: Mapping[str, str] = {
    "U0": "att ospärrade uppgifter finns hos andra",
    "U1": "vilka som har ospärrade uppgifter",
    "B0": "att spärrade uppgifter finns hos en annan vårdgivare",
    "B1": "vilken vårdgivare som har spärrat",
    "I0": "att uppgifter finns hos andra enheter",
    "I1": "vilka enheter som har uppgifter",
}


OBLIGATIONS: Mapping[str, str] = {
    "LOG": "loggas",
    "ASK_CONSENT": "samtycke ska frågas efter",
    "PROMPT_ACTIVE_CHOICE": "läsaren ska göra ett aktivt val",
    "SHOW_B0": "läsaren får veta att det finns en spärr",
    "REQUEST_LIFT": "läsaren kan begära att spärren hävs",
    "RECORD_ASSESSMENT": "bedömningen ska dokumenteras",
    "NOTIFY_LOG_REVIEW": "ska granskas",
    "MASK_IDENTITY": "skyddade personuppgifter döljs",
    "REQUEST_MANUAL_DISCLOSURE": "utlämnande får begäras av den som har uppgifterna",
    "REEVALUATE_EACH_FETCH": "prövas på nytt vid varje hämtning",
    "NO_CACHE_BEYOND_SESSION": "sparas inte efter sessionen",
}


def obligation(code: object) -> str:
    """Return the words for what an access obliges to."""
    return OBLIGATIONS.get(str(code), str(code))


def when(at: datetime) -> str:
    """Return an instant in Swedish time as it is read: 2026-03-10 12:00:05."""
    return told(at, "%Y-%m-%d %H:%M:%S")


def number(value: float) -> str:
    """Return a number as it is written: 3, 3,2, 425 000 with a space that does not break."""
    if value % 1:
        return f"{value:g}".replace(".", ",")
    return f"{value:,.0f}".replace(",", "\u00a0")


def waited(since: datetime, now: datetime) -> str:
    """Return how long it has been, as in 12 min 05 s; the page's script counts on from there."""
    seconds = max(0, int((now - since).total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours} tim {minutes} min" if hours else f"{minutes} min {seconds % 60:02} s"


def action(code: object) -> str:
    """Return the noun for an act."""
    return ACTIONS.get(str(code), str(code))


def outcome(code: object) -> str:
    """Return the word for how it ended."""
    return OUTCOMES.get(str(code), str(code))


def capacity(code: object) -> str:
    """Return the word for the capacity that somebody acted in."""
    return CAPACITIES.get(str(code), str(code))


def purpose(code: object) -> str:
    """Return the words for a purpose."""
    return PURPOSES.get(str(code), str(code))


def flag(code: object) -> str:
    """Return the words for why a record was marked when it was written."""
    return FLAGS.get(str(code), str(code))


def rung(code: object) -> str:
    """Return the words for what a rung tells."""
    return RUNGS.get(str(code), str(code))


INFO_TYPES: Mapping[str, str] = {
    "note": "anteckning",
    "diagnosis": "diagnos",
    "medication": "läkemedel",
    "alert": "uppmärksamhetsinformation",
    "lab": "provsvar",
    "imaging": "bilddiagnostik",
    "referral": "remiss",
    "careplan": "vårdplan",
    "contact": "vårdkontakt",
    "vaccination": "vaccination",
    "functional_status": "funktionsnedsättning",
    "observation": "observation",
    "decision": "beslut",
    "implementation_plan": "genomförandeplan",
    "social_journal": "social journal",
    "assessment": "utredning",
    "demographics": "personuppgifter",
}
