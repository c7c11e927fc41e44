"""$register-consent and $withdraw-consent: the person's own answer to whether a reader may read.

Source: SVOD 3:1, 3:2. The person answers themself, or staff of the organisation that is to read
write down what the person says; nobody else's answer counts, and nobody answers for an
organisation that is not theirs. A yes has an end.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from consent.facts import Capacity, Giver, Operation, Samtycke, Target
from consent.period import STOCKHOLM, Period, instant
from consent.reader import STAFF
from hub.api.act.act import Change, allowed, carried_out, maker
from hub.api.call import Answer, Call, resource_in
from hub.api.concerned import concerns
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.running import Hub
from hub.store.facts import Fact, KnownFact, known_of

AT = "Parameters.parameter"
LONGEST = timedelta(days=366)
"""A yes that nobody ends by hand ends within a year: it is asked for anew."""


def register_consent(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the answer that was registered.

    Raises:
        Unprocessable: a parameter is not understood, or the answer has no end.
        NotAllowed: the caller may not answer, or the person is not able to.
        Unavailable: the act cannot be logged; then nothing is registered.
    """
    top = Reading.of(resource_in(call, "Parameters"))
    yes, how = top.flag("answer", default=True), top.text("obtained")
    organisation, unit, user = top.text("organisation"), top.text("unit"), top.text("user")
    last = top.day("end")
    _check_end(top, last, call, yes=yes)
    top.done()
    owner = organisation or call.caller.organisation or ""
    name = f"samtycke-{uuid4().hex}"
    period = Period(call.at, None if last is None else instant(last + timedelta(days=1)))

    def judge(_: Connection, access: Access) -> Change:
        _require(access, Operation.ANSWER, owner)
        given = Samtycke(Giver.SELF, owner, yes, unit, user, _as(access), period)
        query = f"Patient/{person}/$register-consent {name} {owner} {'yes' if yes else 'no'}"
        query = f"{query} ({how})" if how else query
        registered = [{"name": "consent", "valueString": name}]
        facts = (Fact(name, given),)
        return Change(query, registered, facts, origin=maker(call, access), measured=True)

    return carried_out(hub, call, person, Action.OPERATION, judge)


def withdraw_consent(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the answer that counts no more.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: there is no such answer, or it was given to somebody else.
        Unavailable: the act cannot be logged; then nothing is withdrawn.
    """
    top = Reading.of(resource_in(call, "Parameters"))
    name = top.text("consent")
    if name is None:
        top.fail(AT, "consent is needed: the id of the answer")
    top.done()

    def judge(connection: Connection, access: Access) -> Change:
        found = _consent(connection, access.persons, name or "")
        if found is None or not concerns(access, found[1].organisation):
            raise NotFound
        fact, given = found
        # Taking back a no can widen what is read, as a yes does, and asks for as much.
        operation = Operation.WITHDRAW if given.answer else Operation.ANSWER
        _require(access, operation, given.organisation)
        query = f"Patient/{person}/$withdraw-consent {name} {given.organisation}"
        withdrawn = [{"name": "consent", "valueString": fact.id}]
        return Change(query, withdrawn, ended=(fact.id,), of=fact.person, measured=True)

    return carried_out(hub, call, person, Action.OPERATION, judge)


def _check_end(top: Reading, last: date | None, call: Call, *, yes: bool) -> None:
    today = call.at.astimezone(STOCKHOLM).date()
    if last is not None and last < today:
        top.fail(AT, "end is a day that has passed")
    if yes and (last is None or last > today + LONGEST):
        top.fail(AT, "a yes needs an end, in the parameter end, at most a year ahead")


def _require(access: Access, operation: Operation, organisation: str) -> None:
    known = access.situation.organisation(organisation) is not None
    if allowed(access, operation, Target(organisation)):
        return
    if not known and access.request.reader.as_ is Capacity.INDIVIDUAL:
        raise Unprocessable(
            "organisation takes the id of an organisation that the hub knows",
            code="unknown-organisation",
            expression=f"{AT}.where(name = 'organisation')",
        )
    raise NotAllowed(
        "only a person who is able to take a stand answers, themself or to staff of the"
        " organisation that is to read who take part in the care",
        code="not-for-the-person",
    )


def _as(access: Access) -> Capacity | None:
    """In which capacity the reader is to read: that of the staff who asked; any, of the person."""
    reader = access.request.reader
    return reader.as_ if reader.as_ in STAFF else None


def _consent(
    connection: Connection, persons: Sequence[str], name: str
) -> tuple[KnownFact, Samtycke] | None:
    for each in known_of(connection, persons).entries:
        if each.id == name and isinstance(each.content, Samtycke):
            return each, each.content
    return None
