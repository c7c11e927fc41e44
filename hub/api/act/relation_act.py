"""$register-relation and $end-relation: an organisation's system says whom it cares for.

Source: SVOD 3:1, 3:2. A relation is current while care is given or planned: what the system knows
of a dated contact, a referral, a decision or a plan, with what it rests on and until when. Staff
who have no such evidence claim to take part in `$open`, with a reason, and are flagged. An ended
relation has ended: a patient is a former one from then on.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from consent.facts import Capacity, Kind, Relation, RelationKind, RelationState
from consent.period import STOCKHOLM, Period, instant
from consent.reader import STAFF
from hub.api.act.act import Change, carried_out
from hub.api.call import Answer, Call, resource_in
from hub.api.opening.open_parameters import Reading
from hub.api.weighed import Access
from hub.audit.record import Action
from hub.errors import NotAllowed, NotFound, Unprocessable
from hub.running import Hub
from hub.store.evidence import FRESH, Evidence
from hub.store.facts import Fact, KnownFact, known_of

AT = "Parameters.parameter"


STATES = {
    Kind.VARDGIVARE: (RelationKind.PATIENT, (RelationState.CURRENT,)),
    Kind.OMSORGSGIVARE: (
        RelationKind.SERVICE,
        (RelationState.ONGOING, RelationState.INVESTIGATION),
    ),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: Kind
    state: RelationState
    evidence: Evidence
    source: str
    unit: str | None
    service: str | None
    last: date


def register_relation(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the relation's id.

    Raises:
        Unprocessable: a parameter is not understood.
        NotAllowed: the caller is no organisation's system.
        Unavailable: the act cannot be logged; then nothing is registered.
    """
    asked = _read(call)
    name = f"relation-{uuid4().hex}"

    def judge(_: Connection, access: Access) -> Change:
        reader = access.request.reader
        organisation = access.situation.organisation(reader.organisation)
        if reader.as_ is not Capacity.SYSTEM or organisation is None:
            raise NotAllowed(
                "an organisation's own system registers relations; staff who take part without one"
                " say so in $open, with a reason",
                code="relation-by-system",
            )
        if asked.kind not in organisation.kind:
            raise Unprocessable(
                "your organisation gives no such care or service", code="relation-kind"
            )
        relation = Relation(
            organisation.id,
            STATES[asked.kind][0],
            asked.state,
            asked.unit,
            **({"service": asked.service} if asked.service else {}),
            period=Period(call.at, instant(asked.last + timedelta(days=1))),
        )
        query = (
            f"Patient/{person}/$register-relation {name} {asked.state} by {asked.evidence}:"
            f" {asked.source}"
        )
        told = [{"name": "relation", "valueString": name}]
        return Change(query, told, (Fact(name, relation),))

    return carried_out(hub, call, person, Action.OPERATION, judge)


def end_relation(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters with the id of the relation that has ended.

    Raises:
        Unprocessable: a parameter is not understood.
        NotFound: there is no such relation in force, or it is another organisation's.
        Unavailable: the act cannot be logged; then nothing is ended.
    """
    top = Reading.of(resource_in(call, "Parameters"))
    name = top.text("relation")
    if name is None:
        top.fail(AT, "relation is needed: the id of the relation")
    top.done()

    def judge(connection: Connection, access: Access) -> Change:
        found = _relation(connection, access, name or "")
        if found is None:
            raise NotFound
        fact, relation = found
        ended = replace(relation, period=replace(relation.period, end=call.at))
        query = f"Patient/{person}/$end-relation {fact.id} {relation.organisation}"
        told = [{"name": "relation", "valueString": fact.id}]
        return Change(query, told, (Fact(fact.id, ended),), of=fact.person)

    return carried_out(hub, call, person, Action.OPERATION, judge)


def _relation(
    connection: Connection, access: Access, name: str
) -> tuple[KnownFact, Relation] | None:
    reader, at = access.request.reader, access.request.at
    may = reader.as_ is Capacity.SYSTEM or (
        reader.as_ in STAFF and reader.assignment_valid and reader.strong_auth
    )
    for each in known_of(connection, access.persons).entries:
        content = each.content
        if (
            may
            and each.id == name
            and isinstance(content, Relation)
            and content.organisation == reader.organisation
            and content.period.holds(at)
        ):
            return each, content
    return None


def _read(call: Call) -> _Asked:
    top = Reading.of(resource_in(call, "Parameters"))
    state = top.code("state", RelationState, None)
    evidence = top.code("evidence", Evidence, None)
    source, unit, service = top.text("source"), top.text("unit"), top.text("service")
    last, today = top.day("end"), call.at.astimezone(STOCKHOLM).date()
    kind = next((kind for kind, (_, states) in STATES.items() if state in states), None)
    if kind is None or evidence is None or source is None:
        top.fail(AT, "state (current, ongoing or investigation), evidence and source are needed")
    elif last is not None and not today <= last <= today + FRESH[evidence]:
        top.fail(AT, f"end lies ahead, and at most {FRESH[evidence].days} days: give it anew then")
    top.done()
    if kind is None or state is None or evidence is None or source is None:
        raise Unprocessable("state, evidence and source are needed")
    return _Asked(kind, state, evidence, source, unit, service, last or today + FRESH[evidence])
