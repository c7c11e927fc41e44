"""Words that Swedish municipal systems use for what a profile fits, for guessing at names.

Assembled from the shapes of reference/sol.md §5; a guess is never more than a draft.
"""

import unicodedata
from typing import Any


def plain(text: str) -> str:
    """Return a name in small letters without signs and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if sign.isalnum())


CONCEPT_WORDS: dict[str, tuple[str, ...]] = {
    "person": ("brukare", "person", "klient", "individ", "kund", "omsorgstagare"),
    "case": ("arende", "akt", "mapp", "arenden", "akter", "mappar", "arendelista"),
    "application": ("ansok", "begaran"),
    "investigation": ("utredning",),
    "follow_up": ("uppfolj",),
    "assignment": ("uppdrag", "bestallning"),
    "plan": ("genomforandeplan", "plan"),
    "decision": ("beslut", "bslut"),
    "note": ("anteckn", "dagbok", "notat", "handelse", "journalrad"),
    "visit": ("besok",),
}

FIELD_WORDS: dict[str, Any] = {
    "of": {
        "person": (
            "number",
            "century",
            "given",
            "family",
            "name",
            "protected",
            "street",
            "city",
            "phone",
        ),
        "application": ("id", "date", "text"),
        "investigation": ("id", "started", "finished", "assessment"),
        "decision": ("id", "date", "law", "outcome", "from", "to", "reason"),
        "assignment": ("id", "sent", "text"),
        "plan": ("id", "title", "date", "to"),
        "note": ("id", "time", "author", "text"),
        "follow_up": ("id", "date", "text"),
        "visit": ("id", "start", "end", "reason"),
    },
    "id": ("id", "nr", "nummer", "lopnr", "lopnummer", "beslutsid", "beslutnr", "radid", "lnr"),
    "number": ("personnummer", "pnr", "personnr"),
    "century": ("sekel", "arhundrade", "arh"),
    "given": ("fornamn", "fnamn", "tilltalsnamn"),
    "family": ("efternamn", "enamn"),
    "name": ("namn", "visningsnamn"),
    "protected": ("skyddaduppgift", "sekretess", "skydd", "skyddad"),
    "street": ("gata", "gatuadress", "adress"),
    "city": ("ort", "postort"),
    "phone": ("telefon", "tel"),
    "date": ("datum", "beslutsdatum", "den", "inkom"),
    "law": ("lagrum", "paragraf", "lag"),
    "outcome": ("utfall", "resultat", "svar", "beslutstyp"),
    "from": ("gallerfom", "from", "fom", "start", "fran", "startdatum"),
    "to": ("gallertom", "tom", "slut", "till", "slutdatum", "giltigtom"),
    "reason": ("motivering", "skal", "orsak"),
    "started": ("paborjad", "start", "datum"),
    "finished": ("avslutad", "slut"),
    "assessment": ("bedomning",),
    "sent": ("skickat", "datum"),
    "title": ("rubrik", "titel"),
    "time": ("tid", "tidpunkt", "datum", "nar"),
    "author": ("forfattare", "av", "signatur", "vem"),
    "text": ("text", "anteckning", "innehall", "beskrivning", "ord"),
    "start": ("start", "fran"),
    "end": ("slut", "till"),
    "type": ("insats", "insatstyp", "typ", "slag"),
}

AREAS: dict[str, Any] = {
    "words": ("omrade", "malgrupp", "verksamhet", "grupp", "aktslag"),
    "codes": {
        "aldre": "older",
        "ao": "older",
        "lss": "disability",
        "funktion": "disability",
        "fo": "disability",
        "psykiatri": "disability",
    },
}

CODES: dict[str, dict[str, str]] = {
    "outcome": {
        "delvis": "partly",
        "avslag": "refused",
        "nej": "refused",
        "bifall": "granted",
        "beviljad": "granted",
        "ja": "granted",
    },
    "protected": {
        "n": "none",
        "nej": "none",
        "0": "none",
        "j": "sekretessmarkering",
        "ja": "sekretessmarkering",
    },
    "type": {
        "hemtj": "home_help",
        "larm": "safety_alarm",
        "mat": "meal_delivery",
        "ledsag": "escort",
        "avlos": "relief",
        "korttid": "short_term_stay",
        "dagverksamhet": "day_activity",
        "dagligverksamhet": "daily_activities",
        "sarskiltboende": "special_housing",
        "boendestod": "housing_support",
        "kontaktperson": "contact_person",
        "bistand": "out",
        "forsorjning": "out",
        "missbruk": "out",
    },
}
