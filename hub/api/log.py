"""The log record of an answer, written and durable before the answer leaves (P2).

Source: DESIGN §6; HSLF-FS 2016:40 4 kap. 9 §. One record per request and person, listing what was
shown by owner, with grounds and obligations. If it cannot be written there is no answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from consent.facts import Capacity, Operation, ProtectedIdentity
from consent.obligations import obligations
from consent.section import Opens
from hub.api.call import Call
from hub.api.weighed import Access
from hub.audit.course import Log
from hub.audit.errors import AuditUnavailable
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown, new_id
from hub.errors import Unavailable
from hub.running import Hub
from hub.store.identity import person_key
from hub.store.reading import Found, Place


def shown_by_owner(found: Iterable[Found]) -> tuple[Shown, ...]:
    """Return the references that were shown, gathered by the owner and unit they come from."""
    by_owner: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for each in found:
        by_owner[each.owner, each.unit].append(f"{each.type}/{each.id}/_history/{each.version}")
    return tuple(
        Shown(owner, unit, tuple(references))
        for (owner, unit), references in sorted(by_owner.items(), key=lambda pair: pair[0][0])
    )


def record(
    call: Call,
    action: Action,
    outcome: Outcome,
    *,
    access: Access | None = None,
    person: str | None = None,
    found: Sequence[Found] = (),
    shown: tuple[Shown, ...] = (),
    query: str | None = None,
) -> AccessRecord:
    """Return the record of an answer; `person` where no access was weighed, `shown` for writes."""
    caller = call.caller
    grounds = tuple(dict.fromkeys(each.ground for each in found))
    rungs = frozenset({Opens.CONTENT}) if found else frozenset[Opens]()
    owed = obligations(access.situation, rungs, frozenset(grounds)) if access else frozenset()
    return AccessRecord(
        id=new_id(),
        recorded=datetime.now(UTC),
        action=action,
        outcome=outcome,
        user=caller.user,
        assignment=caller.assignment,
        organisation=caller.organisation,
        authority=caller.authority,
        unit=caller.unit,
        process=caller.process,
        capacity=caller.capacity.value,
        purpose=access.request.purpose.value if access else None,
        person=access.persons[0] if access and access.persons else person,
        shown=shown or shown_by_owner(found),
        grounds=grounds,
        obligations=tuple(sorted(each.value for each in owed)),
        session=access.session.id if access and access.session else None,
        law_version=access.scope.law if access else None,
        request_id=call.request_id,
        query=query,
        reason=access.session.stated.reason if access and access.session else None,
        flags=_flags(access),
        client=caller.client,
        network=call.network,
        issuer=caller.issuer or None,
        token=caller.jti,
    )


def own_person(hub: Hub, call: Call) -> str | None:
    """Return the key of the individual who makes the call: what is about nobody is about them."""
    person = call.caller.person
    if call.caller.capacity is not Capacity.INDIVIDUAL or person is None:
        return None
    return person_key(hub.identity_key, person.system, person.value)


def records(
    call: Call,
    action: Action,
    outcome: Outcome,
    access: Access,
    found: Sequence[Found],
    query: str,
    *,
    named: Iterable[str] = (),
) -> list[AccessRecord]:
    """Return the records of an answer about one person, or one for each whom it shows.

    `named`: persons whom it shows by the hub's own Patient, also where none of their data stands
    in it. An answer across persons that shows nobody has a record too, about nobody.
    """
    shown = persons_in(found)
    if not access.across:
        return [
            record(call, action, outcome, access=each, found=_rows(shown, each), query=query)
            for each in of_each_number(access, shown)
        ]
    by_person = {**{person: list[Found]() for person in named}, **shown}
    return [
        record(call, action, outcome, access=_of(access, person, rows), found=rows, query=query)
        for person, rows in by_person.items()
    ] or [record(call, action, outcome, access=access, query=query)]


def _rows(by_person: Mapping[str, Sequence[Found]], access: Access) -> Sequence[Found]:
    return [row for each in access.persons for row in by_person.get(each, ())]


def of_number(access: Access, number: str) -> Access:
    """Return the access as one to this of the person's numbers (keys), for its record."""
    return replace(access, persons=(number,)) if number in access.persons else access


def of_each_number(access: Access, concerned: Iterable[str]) -> list[Access]:
    """Return the access as one to each number that it concerns; the first is asked about always.

    Numbers that are one person may be parted again, and then each has its own log: a record is of
    one number, and holds what was shown of that one's and of no other's.
    """
    if len(access.persons) < 2:  # noqa: PLR2004  # one number, or none that is known
        return [access]
    first = access.persons[0]
    return [of_number(access, each) for each in dict.fromkeys((first, *concerned))]


def persons_in(found: Iterable[Found]) -> dict[str, list[Found]]:
    """Return what was found by the person whose it is."""
    by_person: dict[str, list[Found]] = defaultdict(list)
    for each in found:
        by_person[each.person].append(each)
    return by_person


def _of(access: Access, person: str, rows: Sequence[Found]) -> Access:
    """The access to one of the persons, of whom it is known by now whether they are protected.

    What is owed for showing what was found is what is owed for a reading of it.
    """
    facts, request = access.situation.facts, replace(access.request, op=Operation.READ)
    if any(each.masked for each in rows):
        shielded = replace(facts.person, protected_identity=ProtectedIdentity.SEKRETESSMARKERING)
        facts = replace(facts, person=shielded)
    return replace(access, situation=access.situation.amid(facts, request), persons=(person,))


def rung_record(
    call: Call, access: Access, rung: Opens, places: Sequence[Place], own: Sequence[Place]
) -> AccessRecord:
    """Return the record of one revealed rung; it names organisations where the rung does.

    `own` are the places that the documentation of the record's own number has.
    """
    base = record(call, Action.RUNG, Outcome.PERMIT, access=access)
    names = rung in (Opens.U1, Opens.B1, Opens.I1)
    organisations = tuple(sorted({place.owner for place in own})) if names else ()
    fields = {name: getattr(base, name) for name in base.__slots__}
    fields |= {
        "rungs": (Rung(rung.value, organisations),),
        "grounds": tuple(sorted({place.ground for place in places})),
    }
    return AccessRecord(**fields)


def write(log: Log, *records: AccessRecord) -> None:
    """Make the records durable, or refuse the answer.

    Raises:
        Unavailable: the log cannot be written; nothing may be shown.
    """
    try:
        log.append_all(records)
    except AuditUnavailable as error:
        raise Unavailable(
            "the access log cannot be written, so nothing is shown; try again, and tell the"
            " operator if it goes on"
        ) from error


def _flags(access: Access | None) -> tuple[str, ...]:
    if access is None:
        return ()
    flags = []
    if access.claimed:
        flags.append("relation-claimed")
    if not access.request.reader.takes_part and access.request.reader.as_ is not Capacity.OTHER:
        flags.append("no-relation")
    if access.scope.errors:
        flags.append("rule-error")
    return tuple(flags)
