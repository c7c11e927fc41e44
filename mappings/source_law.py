"""From a written law reference and a kind of service to the section that the service rests on.

    section_of("11 kap. 1 § SoL (2025:400)", "home_help", "older")   "SoL 8:1"
    section_of("LSS 9:10", "daily_activities", "disability")          "LSS 9"

Source: SVOD 1:1 (the list), reference/law.md §1.3 and §1.4 (the two acts and how their sections
pair). What is clearly outside the list is OUTSIDE; what the reference does not tell is None.
"""

import re
from collections.abc import Mapping
from datetime import date

OUTSIDE = "outside"
NEW_ACT_FROM = date(2025, 7, 1)
"""SoL (2025:400) replaced SoL (2001:453) on this day."""

HOME_HELP = frozenset({"home_help", "safety_alarm", "meal_delivery", "cleaning", "shopping"})
LSS_ONLY = frozenset(
    {
        "housing_disability",
        "housing_children",
        "personal_assistance",
        "counselling",
        "short_term_supervision",
        "daily_activities",
    }
)
FOR_DIFFICULTIES = frozenset({"housing_support", "occupation"})

_OUTSIDE = re.compile(
    r"\bLVU\b|\bLVM\b|1990:52|1988:870|1994:137|\bLMA\b|f[öo]r[äa]ldrabalken|\bFB\b",
    re.IGNORECASE,
)
_LSS = re.compile(r"\bLSS\b|1993:387", re.IGNORECASE)
_CHAPTER = re.compile(
    r"(?P<chapter>\d+)\s*kap(?:\.|itlet)?\s*(?P<section>\d+)\s*(?P<letter>[a-z]?)\s*§"
    r"|(?P<chapter2>\d+)\s*:\s*(?P<section2>\d+)\s*(?P<letter2>[a-z]?)(?![\d:])",
    re.IGNORECASE,
)
_OLD, _NEW = re.compile(r"2001:453|SoL2001", re.IGNORECASE), re.compile(r"2025:400", re.IGNORECASE)
_ACT_NUMBER = re.compile(r"\b(?:19|20)\d\d:\d+")

GRANTING_NEW = {"11:1"}
LISTED_NEW = {"8:1", "8:3", "8:4", "8:10", "8:11"}
GRANTING_OLD = {"4:1"}
LISTED_OLD = {"3:6", "5:5", "5:7"}

PREDECESSOR: Mapping[str, str] = {
    "SoL 8:1": "SoL2001 3:6",
    "SoL 8:3": "SoL2001 5:5",
    "SoL 8:4": "SoL2001 5:5",
    "SoL 8:10": "SoL2001 5:7",
    "SoL 8:11": "SoL2001 5:7",
    "SoL 11:5 home_help": "SoL2001 4:2 a",
}


def section_of(law: str | None, service: str | None, recipient: str | None) -> str | None:
    """Return the listed section that a service rests on, OUTSIDE, or None when it cannot be told.

    `law` is the reference as written; `service` one of the known kinds of service.
    """
    text = (law or "").strip()
    if _OUTSIDE.search(text):
        return OUTSIDE
    if _LSS.search(text):
        return "LSS 9"
    section = _section(text)
    if section is None:
        return (
            None
            if text and not re.search(r"\bSoL\b|socialtj", text, re.IGNORECASE)
            else _by_kind(service, recipient)
        )
    # The numbers alone tell the acts apart: 4:1 granted in the old one, 11:1 grants in the new.
    old = bool(_OLD.search(text)) or (
        not _NEW.search(text) and section in GRANTING_OLD | LISTED_OLD | {"4:2a"}
    )
    return _old(section, service, recipient) if old else _new(section, service, recipient)


def under_act_of(section: str | None, day: date | None) -> str | None:
    """Return the section under the act in force on the day that something was documented.

    Source: reference/law.md §1.4: what was documented before 2025-07-01 is old-law documentation.
    """
    if section is None or day is None or day >= NEW_ACT_FROM:
        return section
    return PREDECESSOR.get(section, section)


def _section(text: str) -> str | None:
    match = _CHAPTER.search(_ACT_NUMBER.sub(" ", text))
    if match is None:
        return None
    chapter, section = match["chapter"] or match["chapter2"], match["section"] or match["section2"]
    letter = match["letter"] or match["letter2"] or ""
    return f"{int(chapter)}:{int(section)}{letter.lower()}"


def _new(section: str, service: str | None, recipient: str | None) -> str | None:
    if section == "11:5":
        # Without an individual needs test: home help, and for older people only.
        helps = service is None or service in HOME_HELP
        return "SoL 11:5 home_help" if helps and recipient == "older" else OUTSIDE
    if section == "8:1" and recipient == "other":
        return OUTSIDE
    if section in LISTED_NEW:
        return f"SoL {section}"
    return _by_kind(service, recipient) if section in GRANTING_NEW else OUTSIDE


def _old(section: str, service: str | None, recipient: str | None) -> str | None:
    if section == "4:2a":
        return "SoL2001 4:2 a"
    if section in LISTED_OLD:
        return f"SoL2001 {section}"
    if section not in GRANTING_OLD:
        return OUTSIDE
    new = _by_kind(service, recipient)
    return None if new is None else PREDECESSOR.get(new, new)


def _by_kind(service: str | None, recipient: str | None) -> str | None:
    if service is None:
        return None
    if service in LSS_ONLY:
        return "LSS 9"
    if service == "special_housing":
        return "SoL 8:4" if recipient == "older" else "SoL 8:11"
    if service in FOR_DIFFICULTIES and recipient != "older":
        return "SoL 8:10"
    # Of other people than the older and those with disabilities the list holds 8:10 and 8:11 only.
    return "SoL 8:1" if recipient in ("older", "disability") else OUTSIDE
