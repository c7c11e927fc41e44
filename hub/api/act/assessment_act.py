"""$register-assessment and $end-assessment: attitude, ability and maturity, with maker and date.

Source: SVOD 2:6, 3:1-3:4. Staff who take part in the care or the service assess; what an
organisation has found of the person's attitude counts for itself alone (2:6, 3:3, 3:4). An
assessment of the same kind takes the place of the organisation's earlier one. Who made it stands in
its origin, and when in the time that it was recorded.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from consent.facts import Ability, Assessment, Facts, Person
from consent.period import STOCKHOLM, instant
from consent.predicate import TRUE
from consent.reader import assesses, person_is_alive
from hub.api.act.act import Change, carried_out, maker
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.running import Hub
from hub.store.facts import Content, Fact, identified, known_of

AT = "Parameters.parameter"


class Assessed(StrEnum):
    """What is assessed."""

    ATTITUDE = "attitude"
    CAPACITY = "capacity"
    MATURITY = "maturity"


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Assessed
    reason: str
    clarified: bool
    opposed: bool
    ability: Ability
    since: date | None
    mature: bool


def register_assessment(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the assessment's id.

    Raises:
        Unprocessable: a parameter is not understood.
        NotAllowed: the caller is not staff who take part.
        Unavailable: the act cannot be logged; then nothing is registered.
    """
    asked = _read(call)

    def judge(_: Connection, access: Access) -> Change:
        _require(access)
        by = access.request.reader.organisation or ""
        fact = _fact(_content(asked, by, access.situation.facts.person))
        query = f"Patient/{person}/$register-assessment {fact.id} {asked.kind} {_said(asked)} {by}"
        told = [{"name": "assessment", "valueString": fact.id}]
        return Change(query, told, (fact,), reason=asked.reason, origin=maker(call, access))

    return carried_out(hub, call, person, Action.OPERATION, judge)


def end_assessment(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the assessment of attitude that counts no more.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: there is none, or it is another organisation's.
        NotAllowed: the caller is not staff who take part.
        Unavailable: the act cannot be logged; then nothing is ended.
    """
    top = Reading.of(resource_in(call, "Parameters"))
    name, reason = top.text("assessment"), top.text("reason")
    if name is None or reason is None:
        top.fail(AT, "assessment and reason are needed")
    top.done()

    def judge(connection: Connection, access: Access) -> Change:
        _require(access)
        for each in known_of(connection, access.persons).entries:
            own = isinstance(each.content, Assessment) and (
                each.content.by == access.request.reader.organisation
            )
            if own and each.id == name:
                query = f"Patient/{person}/$end-assessment {each.id}"
                told = [{"name": "assessment", "valueString": each.id}]
                return Change(query, told, ended=(each.id,), of=each.person, reason=reason)
        raise NotFound

    return carried_out(hub, call, person, Action.OPERATION, judge)


def _require(access: Access) -> None:
    if all(access.situation.of(each) == TRUE for each in (assesses, person_is_alive)):
        return
    raise NotAllowed(
        "staff who take part in the care or the service assess, under their assignment",
        code="not-to-assess",
    )


def _content(asked: _Asked, by: str, person: Person) -> Content:
    match asked.kind:
        case Assessed.ATTITUDE:
            return Assessment(by, asked.clarified, asked.opposed)
        case Assessed.CAPACITY:
            since = None if asked.since is None else instant(asked.since)
            return replace(person, capacity=asked.ability, lacking_since=since)
        case Assessed.MATURITY:
            return replace(person, can_consent_self=asked.mature)


def _fact(content: Content) -> Fact:
    """The fact under the id that a file's would have, so that each takes the other's place."""
    if isinstance(content, Person):
        return identified(Facts(person=content))[0]
    if isinstance(content, Assessment):
        return identified(Facts(assessments=(content,)))[1]
    raise TypeError(type(content).__name__)


def _said(asked: _Asked) -> str:
    said: dict[Assessed, Any] = {
        Assessed.ATTITUDE: f"clarified={asked.clarified} opposed={asked.opposed}",
        Assessed.CAPACITY: asked.ability.value,
        Assessed.MATURITY: f"mature={asked.mature}",
    }
    return str(said[asked.kind])


def _read(call: Call) -> _Asked:
    top = Reading.of(resource_in(call, "Parameters"))
    kind, reason = top.code("kind", Assessed, None), top.text("reason")
    ability, since = top.code("ability", Ability, None), top.day("since")
    flags = {
        name: top.flag(name, default=default)
        for name, default in (("clarified", False), ("reasonToThinkOpposed", True))
    }
    given = "mature" in top.given
    mature = top.flag("mature", default=True)
    if kind is None or reason is None:
        top.fail(AT, "kind and reason are needed")
    if (kind is Assessed.CAPACITY) is not (ability is not None):
        top.fail(AT, "ability is given of a capacity, and of nothing else")
    if (ability is Ability.LASTING_LACK) is not (since is not None):
        top.fail(AT, "since, the day when the ability was lost, is given of a lasting lack alone")
    if since is not None and since > call.at.astimezone(STOCKHOLM).date():
        top.fail(AT, "since is a day that has come")
    if (kind is Assessed.MATURITY) is not given:
        top.fail(AT, "mature is given of a maturity, and of nothing else")
    top.done()
    if kind is None or reason is None:
        raise Unprocessable("kind and reason are needed")
    ability = ability or Ability.FULL
    opposed = flags["reasonToThinkOpposed"]
    return _Asked(kind, reason, flags["clarified"], opposed, ability, since, mature)
