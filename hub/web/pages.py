"""Every page of the console: its address, who may visit it, and what makes it.

Source: ASVS 5.0 8.2.1, 8.3.1: rights are asked here, once, of whoever visits any page or part of a
page, before the page's own code runs. A test walks this table.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto

from hub.web import (
    accesses,
    block_radius,
    by_hand,
    charts,
    could_see,
    extract,
    lift_requests,
    person,
    proof,
    time_left,
    worklist,
)
from hub.web.visit import ROOT, Shown, Visit


class Who(Flag):
    """Who may visit a page: reviewers of the log, the person whom it is about, and officers.

    An officer answers requests to lift, and reads nothing of the log.
    """

    REVIEWER = auto()
    PERSON = auto()
    OFFICER = auto()
    LOG = REVIEWER | PERSON
    ANY = LOG | OFFICER


@dataclass(frozen=True, slots=True)
class Place:
    """A page. Groups of `pattern` are given to `make`; with a `menu` it stands in the menu."""

    method: str
    pattern: str
    who: Who
    make: Callable[..., Shown]
    menu: str = ""

    def matched(self, path: str) -> re.Match[str] | None:
        """Return the match of a path below the console's root."""
        return re.fullmatch(self.pattern, path)


ID = "([A-Za-z0-9.-]{1,64})"
PLACES = (
    Place("GET", "/atkomster", Who.LOG, accesses.listed, menu="Åtkomster"),
    Place("GET", f"/atkomster/{ID}", Who.LOG, accesses.one),
    Place("GET", f"/atkomster/{ID}/prova", Who.REVIEWER, accesses.decided_again),
    Place("GET", f"/atkomster/{ID}/granska", Who.REVIEWER, by_hand.form),
    Place("POST", f"/atkomster/{ID}/granska", Who.REVIEWER, by_hand.added),
    Place("POST", "/person", Who.REVIEWER, person.found),
    Place("GET", "/utdrag", Who.PERSON, extract.page, menu="Loggutdrag"),
    Place("GET", "/utdrag", Who.REVIEWER, extract.page),
    Place("GET", r"/utdrag\.pdf", Who.LOG, extract.pdf_file),
    Place("GET", r"/utdrag\.csv", Who.LOG, extract.csv_file),
    Place("GET", "/arbetslista", Who.REVIEWER, worklist.listed, menu="Arbetslista"),
    Place("GET", f"/arbetslista/{ID}", Who.REVIEWER, worklist.one),
    Place("POST", f"/arbetslista/{ID}", Who.REVIEWER, worklist.judged),
    Place("GET", "/manad", Who.REVIEWER, worklist.monthly, menu="Månadsrapport"),
    Place("GET", "/diagram", Who.REVIEWER, charts.page, menu="Diagram"),
    Place("GET", "/kunde-se", Who.REVIEWER, could_see.page, menu=could_see.TITLE),
    Place("POST", "/kunde-se", Who.REVIEWER, could_see.answered),
    Place("GET", "/sparr", Who.REVIEWER, block_radius.page, menu=block_radius.TITLE),
    Place("POST", "/sparr", Who.REVIEWER, block_radius.answered),
    Place("GET", "/havningar", Who.OFFICER, lift_requests.listed, menu=lift_requests.TITLE),
    Place("GET", f"/havningar/{ID}", Who.OFFICER, lift_requests.one),
    Place("POST", f"/havningar/{ID}", Who.OFFICER, lift_requests.answered),
    Place("GET", time_left.PATH, Who.ANY, time_left.left),
    Place("POST", time_left.PATH, Who.ANY, time_left.left),
    Place("GET", "/bevis", Who.LOG, proof.state, menu="Bevisets läge"),
)


def kind_of(visit: Visit) -> Who:
    """Return as whom somebody visits."""
    if visit.reviewer:
        return Who.REVIEWER
    return Who.PERSON if visit.mandate.persons else Who.OFFICER


def first_for(visit: Visit) -> str:
    """Return the address of the page that a visitor begins with."""
    return next(address for address, _ in menu_for(visit))


def menu_for(visit: Visit) -> list[tuple[str, str]]:
    """Return the addresses and names of the pages that stand in the visitor's menu."""
    kind = kind_of(visit)
    return [
        (ROOT + place.pattern, place.menu) for place in PLACES if place.menu and kind in place.who
    ]
