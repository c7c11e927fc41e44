"""Whom an answer or a block concerns: who may know of it at all.

Source: SVOD 2:3, 2:5, 3:1, 4:2, 4:3; PDL 4:1. The person knows of all of their own. Staff who take
part in the care or the service, and officers, know what was said to their own organisation and what
is blocked at it, and nothing of other organisations' (P3): that somebody else has blocked is a rung
of $open, or nothing.
"""

from consent.facts import Capacity
from consent.predicate import TRUE
from consent.reader import STAFF, person_is_alive
from hub.api.weighed import Access


def is_the_person(access: Access) -> bool:
    """Tell whether it is the person who asks, living and with a strong log-in (SVOD 4:2)."""
    reader = access.request.reader
    alive = access.situation.of(person_is_alive) == TRUE
    return reader.as_ is Capacity.INDIVIDUAL and reader.strong_auth and alive


def concerns(access: Access, organisation: str) -> bool:
    """Tell whether the caller may know of what was said to, or is blocked at, an organisation."""
    reader = access.request.reader
    if not reader.strong_auth:
        return False
    if reader.as_ is Capacity.INDIVIDUAL:
        return is_the_person(access)
    there = reader.assignment_valid and reader.organisation == organisation
    officer = reader.as_ is Capacity.OFFICER
    return there and (officer or (reader.as_ in STAFF and reader.takes_part))
