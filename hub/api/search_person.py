"""The person that a clinical search names: exactly one, or the search is too broad.

Source: DESIGN §3, "One person at a time"; PDL 2:8. A personnummer never stands in a URL.
"""

import re

from hub.api.call import Call
from hub.errors import PersonNumberInUrl, TooBroad

PERSON_PARAMETERS = frozenset({"patient", "subject"})
NAMES_A_PERSON = ("patient", "subject", "patient:Patient", "subject:Patient")
RESULT_PARAMETERS = frozenset(
    {"_count", "_sort", "_format", "_pretty", "_total", "_summary", "_elements", "_page"}
)
_PERSON_NUMBER = re.compile(
    r"(?<!\d)(?:\d{2})?\d{2}(?:0\d|1[0-2])(?:[0-8]\d|9[01])[-+]?\d{4}(?!\d)"
)
_REFERENCE = re.compile(r"(?:.*/)?Patient/([A-Za-z0-9.-]{1,64})|([A-Za-z0-9.-]{1,64})")


def refuse_person_numbers(url: str) -> None:
    """Refuse a URL that holds something that reads as a personnummer or samordningsnummer.

    Raises:
        PersonNumberInUrl: it does.
    """
    if _PERSON_NUMBER.search(url):
        raise PersonNumberInUrl


def person_named(call: Call) -> str:
    """Return the hub id of the one person whom the search names.

    Raises:
        TooBroad: none is named, or more than one.
    """
    named = [value for name in NAMES_A_PERSON for value in call.values(name)]
    ids = set()
    for value in named:
        match = _REFERENCE.fullmatch(value)
        if match is None:
            raise TooBroad
        ids.add(match[1] or match[2])
    if len(ids) != 1:
        raise TooBroad
    return ids.pop()
