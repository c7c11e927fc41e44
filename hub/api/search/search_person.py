"""The person that a clinical search names: exactly one, or the search is too broad.

Source: DESIGN §3, "One person at a time"; PDL 2:8. A personnummer never stands in a URL.
"""

import re

from sqlalchemy import Connection

from consent.period import STOCKHOLM
from hub.api.call import Call
from hub.errors import PersonNumberInUrl, TooBroad
from hub.fhir.reference import within
from hub.running import Hub
from hub.store.identity import hub_id
from mappings.personal_identity import NotAnIdentity, normalise

NAMES_A_PERSON = ("patient", "subject", "patient:Patient", "subject:Patient")
IDENTIFIES_A_PERSON = (
    *(f"{name}.identifier" for name in NAMES_A_PERSON),
    *(f"{name}:identifier" for name in ("patient", "subject")),
)
"""The person's own number in their place; it stands in the body of a POST only."""
RESULT_PARAMETERS = frozenset(
    {"_count", "_sort", "_format", "_pretty", "_total", "_summary", "_elements", "_page"}
)
_PERSON_NUMBER = re.compile(
    r"(?<!\d)(?:\d{2})?\d{2}(?:0\d|1[0-2])(?:[0-8]\d|9[01])[-+]?\d{4}(?!\d)"
)
_REFERENCE = re.compile(r"Patient/([A-Za-z0-9.-]{1,64})|([A-Za-z0-9.-]{1,64})")


def refuse_person_numbers(url: str) -> None:
    """Refuse a URL that holds something that reads as a personnummer or samordningsnummer.

    Raises:
        PersonNumberInUrl: it does.
    """
    if _PERSON_NUMBER.search(url):
        raise PersonNumberInUrl


def without_person_numbers(path: str) -> str:
    """Return a path with what reads as somebody's number left out."""
    return _PERSON_NUMBER.sub("*", path)


def names_person(name: str) -> bool:
    """Tell whether a parameter says whom the search is about."""
    return name in NAMES_A_PERSON or name in IDENTIFIES_A_PERSON


def person_asked(hub: Hub, connection: Connection, call: Call) -> str:
    """Return the hub id of the one person whom the search names, by reference or by number.

    Raises:
        TooBroad: none is named, or more than one, or by something that is no person number.
    """
    numbers = [value for name in IDENTIFIES_A_PERSON for value in call.values(name)]
    if not numbers:
        return person_named(call)
    ids = set()
    for number in numbers:
        system, bar, value = number.rpartition("|")
        today = call.at.astimezone(STOCKHOLM).date()
        try:
            identity = normalise(value, system if bar else None, today)
        except NotAnIdentity:
            raise TooBroad from None
        ids.add(hub_id(connection, hub.identity_key, identity))
    if any(call.values(name) for name in NAMES_A_PERSON):
        ids.add(person_named(call))
    if len(ids) != 1:
        raise TooBroad
    return ids.pop()


def person_named(call: Call) -> str:
    """Return the hub id of the one person whom the search names.

    Raises:
        TooBroad: none is named, or more than one.
    """
    named = [value for name in NAMES_A_PERSON for value in call.values(name)]
    ids = set()
    for value in named:
        match = _REFERENCE.fullmatch(within(value, call.roots) or value)
        if match is None:
            raise TooBroad
        ids.add(match[1] or match[2])
    if len(ids) != 1:
        raise TooBroad
    return ids.pop()
