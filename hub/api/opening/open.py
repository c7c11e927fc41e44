"""$open: a reading session begins, and the reader climbs the ladder as far as the law allows.

Source: INTERFACES, `$open`; DESIGN §3 (the ladder, steps are steps), §5. Rungs, obligations and
what the reader can do next are said here and nowhere else. Each revealed rung has a log record of
its own.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from consent.decision import Obligation
from consent.explain import next_steps
from consent.obligations import obligations
from consent.predicate import TRUE
from consent.section import RUNGS, Opens
from hub.api.access import (
    weigh,
)
from hub.api.call import FHIR_JSON, JSON_TYPES, Answer, Call
from hub.api.log import of_each_number, record, rung_record, write
from hub.api.opening.open_parameters import read_stated
from hub.api.session import Session, named_before, save
from hub.api.weighed import Access
from hub.audit.record import AccessRecord, Action, Outcome
from hub.errors import Unprocessable, UnsupportedMediaType
from hub.fhir.json_codec import decode
from hub.running import Hub
from hub.stated import Stated
from hub.store.directory import directory
from hub.store.person_now import person_now
from hub.store.reading import Place, grounds, rungs

NAME = "https://samvy.se/fhir/StructureDefinition/organisation-name"
SESSION_LASTS = timedelta(hours=1)
NAMING = {Opens.U1: "owner", Opens.B1: "owner", Opens.I1: "unit"}


def open_session(hub: Hub, call: Call, _kind: str, person: str) -> Answer:
    """Return Parameters: the session, its end, rungs, obligations, grounds and next steps.

    Raises:
        UnsupportedMediaType: the body is not FHIR JSON.
        Unprocessable: a parameter is not understood, or an organisation was not named before.
        Unavailable: the access cannot be logged.
    """
    if call.content_type not in JSON_TYPES:
        raise UnsupportedMediaType(f"send {FHIR_JSON}")
    stated = read_stated(decode(call.body))
    draft = Session(secrets.token_urlsafe(24), person, stated, frozenset(), call.at + SESSION_LASTS)
    with hub.store.read() as connection:
        now = person_now(connection, [person])
        persons = now.persons
        _check_organisations(connection, call, persons, stated)
        access = weigh(hub, connection, call, now, session=draft)
        places = rungs(connection, access.scope, persons)
        cited = grounds(connection, access.scope, persons)
        own = _own_places(connection, access, places)
        names = _names(connection)
    named = frozenset(place.owner for place in places if place.rung is Opens.U1)
    session = Session(draft.id, person, stated, named, draft.expires)
    records = [
        logged
        for each in of_each_number(access, persons)
        for logged in _records(call, each, person, (places, own[each.persons]), cited)
    ]
    # The log comes first: organisations count as named once it is recorded that they were (P2).
    write(hub.log, *records)
    with hub.store.write() as connection:
        save(connection, session, call.caller.opener, call.at)
    return Answer(200, _parameters(access, session, places, cited, names, records[0].id))


def _own_places(
    connection: Connection, access: Access, places: Sequence[Place]
) -> dict[tuple[str, ...], Sequence[Place]]:
    """Return the places that the documentation of each of the person's numbers has."""
    numbers = [each.persons for each in of_each_number(access, access.persons)]
    if len(numbers) == 1:
        return {numbers[0]: places}
    return {each: rungs(connection, access.scope, each) for each in numbers}


def _records(
    call: Call,
    access: Access,
    person: str,
    places: tuple[Sequence[Place], Sequence[Place]],
    cited: Sequence[str],
) -> Iterator[AccessRecord]:
    """The opening and each rung, of one number: `places` are all, and those of that number.

    As many for each number, whichever of them has what a rung tells of (P3).
    """
    everywhere, own = places
    shown = [rung for rung in RUNGS if any(place.rung is rung for place in everywhere)]
    opened = record(
        call, Action.OPEN, _outcome(shown, cited), access=access, query=f"Patient/{person}"
    )
    yield replace(opened, grounds=tuple(_basis(access, everywhere, cited)))
    for rung in shown:
        of_all, of_own = ([e for e in each if e.rung is rung] for each in (everywhere, own))
        yield rung_record(call, access, rung, of_all, of_own)


def _check_organisations(
    connection: Connection, call: Call, persons: Sequence[str], stated: Stated
) -> None:
    if not stated.organisations:
        return
    named = named_before(connection, persons, call.caller.opener, call.at)
    if not stated.organisations <= named:
        raise Unprocessable(
            "organisation takes one that an earlier answer of $open to this token named (U1)",
            code="organisation-not-named",
            expression="Parameters.parameter.where(name = 'organisation')",
        )


def _outcome(shown: Iterable[Opens], cited: Sequence[str]) -> Outcome:
    return Outcome.PERMIT if cited else Outcome.PARTIAL if list(shown) else Outcome.DENY


def _names(connection: Connection) -> Mapping[str, str]:
    known = directory(connection)
    return {**known.organisation_names, **known.unit_names}


def _parameters(
    access: Access,
    session: Session,
    places: Sequence[Place],
    cited: Sequence[str],
    names: Mapping[str, str],
    receipt: str,
) -> bytes:
    shown = frozenset(place.rung for place in places)
    rungs_and_content = shown | ({Opens.CONTENT} if cited else set())
    opened = frozenset(cited) | {place.ground for place in places}
    owed = obligations(access.situation, rungs_and_content, opened)
    basis = _basis(access, places, cited)
    parameters: list[dict[str, Any]] = [
        {"name": "session", "valueString": session.id},
        {"name": "expires", "valueInstant": session.expires.isoformat(timespec="seconds")},
        *(_shows(rung, places, names) for rung in RUNGS if rung in shown),
        *({"name": "obligation", "valueCode": each.value} for each in Obligation if each in owed),
        *({"name": "basis", "valueString": each} for each in basis),
        *(
            {
                "name": "ask",
                "part": [
                    {"name": "code", "valueCode": step.obligation.value},
                    {"name": "sv", "valueString": step.sv},
                    {"name": "en", "valueString": step.en},
                ],
            }
            for step in next_steps(owed)
        ),
        {"name": "receipt", "valueString": receipt},
    ]
    return msgspec.json.encode({"resourceType": "Parameters", "parameter": parameters})


def _basis(access: Access, places: Sequence[Place], cited: Sequence[str]) -> list[str]:
    """The sections that opened something; where none did, those that close everything."""
    # In the ladder's order, not in that of the rows: hidden ones must not show in it (P3).
    opened = [*cited, *(each.ground for rung in RUNGS for each in places if each.rung is rung)]
    closing = [
        clause.ground
        for clause in access.scope.clauses
        if not clause.permits and clause.when == TRUE
    ]
    return list(dict.fromkeys(opened or closing or ["SVOD 3:7"]))


def _shows(rung: Opens, places: Sequence[Place], names: Mapping[str, str]) -> dict[str, Any]:
    column = NAMING.get(rung)
    if column is None:
        return {"name": "shows", "valueCode": rung.value}
    ids = sorted({getattr(place, column) or place.owner for place in places if place.rung is rung})
    return {
        "name": "shows",
        "part": [
            {"name": "rung", "valueCode": rung.value},
            *(_named("unit" if column == "unit" else "organisation", each, names) for each in ids),
        ],
    }


def _named(kind: str, hsa_id: str, names: Mapping[str, str]) -> dict[str, Any]:
    part: dict[str, Any] = {"name": kind, "valueString": hsa_id}
    if hsa_id in names:
        part["extension"] = [{"url": NAME, "valueString": names[hsa_id]}]
    return part
