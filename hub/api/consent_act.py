"""$register-consent and $withdraw-consent: the person's own answer to whether a reader may read.

Source: SVOD 3:1, 3:2. The person answers themself, or staff of the organisation that is to read
write down what the person says; nobody else's answer counts, and nobody answers for an
organisation that is not theirs. A yes has an end.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from consent.facts import Capacity, Giver, Samtycke
from consent.operation import person_can_take_a_stand
from consent.period import STOCKHOLM, Period, instant
from consent.predicate import TRUE
from consent.reader import person_is_alive
from hub.api.access import Access, about_person
from hub.api.block import API, STAFF, answer
from hub.api.call import Answer, Call, resource_in
from hub.api.log import record, write
from hub.api.open_parameters import Reading
from hub.audit.record import Action, Outcome
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.running import Hub
from hub.store.facts import Fact, KnownFact, end_facts, known_of, record_facts

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
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
    owner = organisation or call.caller.organisation or ""
    _may(hub, call, access, owner)
    if access.situation.organisation(owner) is None:
        raise Unprocessable(
            "organisation takes the id of an organisation that the hub knows",
            code="unknown-organisation",
            expression=f"{AT}.where(name = 'organisation')",
        )
    period = Period(call.at, None if last is None else instant(last + timedelta(days=1)))
    given = Samtycke(Giver.SELF, owner, yes, unit, user, _as(access), period)
    name = f"samtycke-{uuid4().hex}"
    query = f"Patient/{person}/$register-consent {name} {owner} {'yes' if yes else 'no'}"
    if how:
        query = f"{query} ({how})"
    # The record comes first: should the write then fail, the log says that it was tried (P2).
    permitted = record(call, Action.OPERATION, Outcome.PERMIT, access=access, query=query)
    write(hub.log, permitted)
    with hub.store.write() as connection:
        record_facts(connection, person, [Fact(name, given)], call.at, API)
    return answer({"name": "consent", "valueString": name})


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
    with hub.store.read() as connection:
        access = about_person(hub, connection, call, person)
        found = _consent(connection, access.persons, name or "")
    if found is None or not _is_for(access, found[1].organisation):
        write(hub.log, record(call, Action.OPERATION, Outcome.DENY, access=access))
        raise NotFound
    fact, given = found
    query = f"Patient/{person}/$withdraw-consent {name} {given.organisation}"
    permitted = record(call, Action.OPERATION, Outcome.PERMIT, access=access, query=query)
    write(hub.log, permitted)
    with hub.store.write() as connection:
        end_facts(connection, fact.person, [fact.id], call.at, API)
    return answer({"name": "consent", "valueString": fact.id})


def _check_end(top: Reading, last: date | None, call: Call, *, yes: bool) -> None:
    today = call.at.astimezone(STOCKHOLM).date()
    if last is not None and last < today:
        top.fail(AT, "end is a day that has passed")
    if yes and (last is None or last > today + LONGEST):
        top.fail(AT, "a yes needs an end, in the parameter end, at most a year ahead")


def _is_for(access: Access, organisation: str) -> bool:
    """The person may answer anybody; staff write down what is said to their own organisation."""
    reader = access.request.reader
    if reader.as_ is Capacity.INDIVIDUAL:
        return reader.strong_auth
    staff = reader.as_ in STAFF and reader.assignment_valid and reader.strong_auth
    return staff and reader.organisation == organisation


def _may(hub: Hub, call: Call, access: Access, organisation: str) -> None:
    met = [access.situation.of(each) == TRUE for each in (person_can_take_a_stand, person_is_alive)]
    if all(met) and _is_for(access, organisation):
        return
    write(hub.log, record(call, Action.OPERATION, Outcome.DENY, access=access))
    raise NotAllowed(
        "only a person who is able to take a stand answers, themself or to staff of the"
        " organisation that is to read",
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
