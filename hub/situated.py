"""A reader's situation, made of what is known of a person, of what is stated, and of the instant.

Source: DESIGN P8, §3. The same for an access of this moment, for one that is decided again and for
one that is only thought of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from consent.facts import Capacity, Facts, Purpose, Reader, Request
from consent.predicate import TRUE
from consent.relation import patient_is_current, service_is_given_or_investigated
from consent.situation import Situation, Switch
from hub.stated import Stated
from hub.store.directory import Directory


@dataclass(frozen=True, slots=True)
class KnownNow:
    """What a situation is made of before anybody asks: facts, and how the hub reads the statutes.

    Whoever makes a situation makes it of this, so that no switch of the law is forgotten.
    """

    facts: Facts
    switches: Mapping[Switch, bool]

    def asked(self, request: Request) -> Situation:
        """Return the situation of a request."""
        return Situation(self.facts, request, self.switches)


def known_now(facts: Facts, known: Directory) -> KnownNow:
    """Return a person's facts with what the directory knows."""
    return KnownNow(replace(facts, organisations=known.organisations), known.switches)


def situated(
    known: KnownNow, reader: Reader, stated: Stated, at: datetime, purpose: Purpose
) -> tuple[Situation, bool]:
    """Return a reader's situation, and whether the hub's facts bear out that they take part.

    Without such evidence a reader takes part who says so and gives a reason.
    """
    facts = known.facts
    judged = (*facts.assessments, *stated.judged(reader.organisation))
    situation = replace(known, facts=replace(facts, assessments=judged)).asked(
        stated.request(reader, at, purpose)
    )
    related = _related(situation)
    takes_part = related or (stated.takes_part and bool(stated.reason))
    request = replace(situation.request, reader=replace(reader, takes_part=takes_part))
    return situation.amid(request=request), related


def _related(situation: Situation) -> bool:
    """Whether a live relation of the reader's unit is evidence that the reader takes part."""
    reader = situation.request.reader
    if reader.as_ in (Capacity.SYSTEM, Capacity.INDIVIDUAL):
        return True
    evidence = {
        Capacity.VARDPERSONAL: patient_is_current,
        Capacity.OMSORGSPERSONAL: service_is_given_or_investigated,
    }.get(reader.as_)
    return evidence is not None and situation.of(evidence) == TRUE
