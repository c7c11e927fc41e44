"""transaction: changes to a vendor's own documents, all of them or none, and then what is read.

Source: FHIR R4 http.html#transaction. Everything is planned before anything is written; deletions,
creations and changes are carried out in one step, in whatever order they stand; reads see what they
came to. References by fullUrl, and conditional ones, become the hub's ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection

from hub.api.access import (
    weigh,
)
from hub.api.call import Answer, Call
from hub.api.conditions import etag
from hub.api.interaction.batch import Dispatch, one_by_itself
from hub.api.interaction.bundle_entry import Entry, entries, response_bundle
from hub.api.interaction.conditional import match
from hub.api.interaction.create import criteria_of, person_of, refuse_criteria
from hub.api.interaction.delete import deletion
from hub.api.interaction.links import linked
from hub.api.interaction.own_change import Change, carry_out, creation
from hub.api.interaction.patch import content_to_patch, patched
from hub.api.interaction.transaction_references import References, seen_from
from hub.api.interaction.update import replacement
from hub.api.log import record, write
from hub.api.own_documents import own_document, writer
from hub.api.rewritten import rewritten
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome, Shown
from hub.auth.scopes import Interaction
from hub.errors import (
    HubError,
    KeptAway,
    MethodNotAllowed,
    NotAllowed,
    NotFound,
    Place,
    Unprocessable,
)
from hub.fhir.check import check
from hub.running import Hub
from hub.store.directory import Directory, directory
from hub.store.incoming import Written, instant_text
from hub.store.person_now import person_now
from hub.store.reading import Key

INTERACTIONS = {
    "POST": Interaction.CREATE,
    "PUT": Interaction.UPDATE,
    "PATCH": Interaction.PATCH,
    "DELETE": Interaction.DELETE,
}


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to become of an entry: a change, or what is there already (created before, gone)."""

    entry: Entry
    change: Change | None
    there: Key | None = None


def transaction(hub: Hub, call: Call, bundle: Mapping[str, Any], dispatch: Dispatch) -> Answer:
    """Return a transaction-response Bundle, entries in the order of the request.

    Raises:
        Unprocessable: an entry is not valid; every fault is named, and nothing was written.
        HubError: an entry cannot be carried out, for what its own request would be refused for.
        Unavailable: the write cannot be logged; nothing was written.
    """
    found = entries(bundle)
    writes = [each for each in found if each.method in INTERACTIONS]
    _no_acts(writes)
    with hub.store.read() as connection:
        known = directory(connection)
        if writes or not found:
            writer(call, known)
        _scopes(call, writes)
        planned = _plan(hub, connection, call, known, writes)
        _no_two(planned)
        changes = _changes(planned)
        weighed = _weighed(hub, connection, call, changes)
    records = [
        record(
            call,
            Action.TRANSACTION,
            Outcome.PERMIT,
            access=access,
            shown=_shown([each for each in changes if each.person == person]),
        )
        for person, access in weighed.items()
    ]
    if writes or not found:
        # also where everything is as it was asked for: the answer tells that it is
        write(hub.log, *(records or [record(call, Action.TRANSACTION, Outcome.PERMIT)]))
    written = _carried_out(hub, call, known, planned)
    done = {each.entry.number: _done(each, written) for each in planned}
    responses = [
        done[each.number] if each.number in done else one_by_itself(hub, call, each, dispatch)
        for each in found
    ]
    return Answer(200, response_bundle("transaction-response", responses))


def _changes(planned: Sequence[_Planned]) -> list[Change]:
    return [each.change for each in planned if each.change is not None]


def _carried_out(
    hub: Hub, call: Call, known: Directory, planned: Sequence[_Planned]
) -> dict[tuple[str, str], Written]:
    """Write all that is planned, and return what became of it.

    Raises:
        HubError: as `carry_out` does; it says which entries it is about.
    """
    changes = _changes(planned)
    try:
        with hub.store.write() as connection:
            written = carry_out(hub, connection, known, changes, call.at)
    except KeptAway as error:
        numbers = [
            each.entry.number for each in planned if each.change and each.change.key in error.keys
        ]
        raise KeptAway(
            error.keys, expressions=[f"Bundle.entry[{each}]" for each in numbers]
        ) from None
    return {each.key: one for each, one in zip(changes, written, strict=True)}


def _no_acts(writes: Sequence[Entry]) -> None:
    """An answer or a block is logged, judged behind the person's counter and written by itself."""
    places = [
        Place(
            "not-supported",
            "consent-in-transaction",
            "send a Consent by itself or in a batch: it takes effect alone, whatever else fails",
            f"Bundle.entry[{each.number}]",
        )
        for each in writes
        if each.path[:1] == ("Consent",)
    ]
    if places:
        raise Unprocessable("a transaction holds no Consent; nothing was written", places=places)


def _scopes(call: Call, writes: Sequence[Entry]) -> None:
    for each in writes:
        kind = each.path[0] if each.path else ""
        if not call.caller.allows(kind, INTERACTIONS[each.method]):
            raise NotAllowed(
                "the token's scopes do not cover what an entry does with its type",
                code="insufficient-scope",
                expression=f"Bundle.entry[{each.number}].request",
            )


def _plan(
    hub: Hub, connection: Connection, call: Call, known: Directory, writes: Sequence[Entry]
) -> list[_Planned]:
    """Plan every entry; the faults of all of them are told at once."""
    references = References.of(hub, connection, call, writes)
    planned: list[_Planned] = []
    places: list[Place] = []
    for each in writes:
        entry = replace(each, resource=references.conditional(each))
        try:
            planned.append(_planned(hub, connection, call, known, entry))
        except Unprocessable as error:
            places += [_placed(place, each) for place in error.places]
        except HubError as error:
            error.places = tuple(_placed(place, each) for place in error.places)
            raise
    places += references.places
    if places:
        raise Unprocessable("an entry is not valid; nothing was written", places=places)
    given = references.given(planned_keys(planned))
    return _resolved(planned, given)


def _placed(place: Place, entry: Entry) -> Place:
    """A fault with where it is in the Bundle, unless it says so itself."""
    if place.expression and place.expression.startswith("Bundle."):
        return place
    return replace(place, expression=f"Bundle.entry[{entry.number}]")


def planned_keys(planned: Sequence[_Planned]) -> list[tuple[Entry, str]]:
    """Return what each entry's resource is called by from now on: type and id."""
    keys = []
    for each in planned:
        key = (
            each.change.key
            if each.change
            else (each.there.type, each.there.id)
            if each.there
            else None
        )
        if key is not None:
            keys.append((each.entry, "/".join(key)))
    return keys


def _planned(
    hub: Hub, connection: Connection, call: Call, known: Directory, entry: Entry
) -> _Planned:
    own_call = entry.call(call)
    match entry.method, entry.path, entry.resource:
        case "POST", (kind,), Mapping() as resource if resource.get("resourceType") == kind:
            return _created(hub, connection, own_call, known, entry)
        case "PUT", (kind, *rest), Mapping() as resource if (
            resource.get("resourceType") == kind and len(rest) <= 1
        ):
            number = rest[0] if rest else None
            return _updated(hub, connection, own_call, known, entry, number)
        case "PATCH", (kind, *rest), Mapping() if len(rest) <= 1:
            number = rest[0] if rest else _matched(hub, connection, own_call, kind).id
            before, version = content_to_patch(hub, connection, own_call, kind, number)
            after = patched(own_call, before)
            _, change = replacement(hub, connection, own_call, known, after, entry.at)
            return _Planned(entry, replace(change, version=version))
        case "DELETE", (kind, *rest), None if len(rest) <= 1:
            number = rest[0] if rest else _matched(hub, connection, own_call, kind).id
            _, deleted = deletion(hub, connection, own_call, kind, number)
            return _Planned(entry, deleted)
    if entry.method in ("POST", "PUT") and entry.path:
        raise Unprocessable(
            "an entry's url is its resource's type, with the id where it has one",
            expression=f"Bundle.entry[{entry.number}].request.url",
        )
    raise MethodNotAllowed


def _created(
    hub: Hub, connection: Connection, call: Call, known: Directory, entry: Entry
) -> _Planned:
    refuse_criteria(call)
    resource = entry.resource or {}
    if call.conditions.none_exist is not None:
        criteria = criteria_of(call.conditions.none_exist)
        person = person_of(resource)
        there = match(hub, connection, call, entry.path[0], criteria, person)
        if there is not None:
            return _Planned(entry, None, there)
    return _Planned(entry, creation(own_document(resource, call, known, entry.at)))


def _updated(  # what it is about, and all that it needs to be judged
    hub: Hub,
    connection: Connection,
    call: Call,
    known: Directory,
    entry: Entry,
    number: str | None,
) -> _Planned:
    resource = entry.resource or {}
    if number is None:
        person = person_of(resource)
        found = match(hub, connection, call, entry.path[0], call.parameters, person)
        if found is None and "id" not in resource:
            return _Planned(entry, creation(own_document(resource, call, known, entry.at)))
        number = found.id if found else ""
    if resource.get("id", number) != number:
        raise Unprocessable(
            "the id in the resource is not the one that the url names", expression=f"{entry.at}.id"
        )
    named = {**resource, "id": number}
    _, change = replacement(hub, connection, call, known, named, entry.at)
    return _Planned(entry, change)


def _matched(hub: Hub, connection: Connection, call: Call, kind: str) -> Key:
    found = match(hub, connection, call, kind, call.parameters, None)
    if found is None:
        raise NotFound
    return found


def _resolved(planned: Sequence[_Planned], given: Mapping[str, str]) -> list[_Planned]:
    """The same with references by fullUrl turned into the ids that the hub gave."""
    resolved: list[_Planned] = []
    places: list[Place] = []
    for each in planned:
        own = each.change.own if each.change else None
        if each.change is None or own is None:
            resolved.append(each)
            continue
        missing: list[str] = []
        known = seen_from(each.entry.full_url, given)
        resource = rewritten(own.incoming.resource, known, missing)
        resource = linked(resource, known) if known else resource
        text = "a reference by urn:uuid names no entry of the transaction"
        places += [
            Place("invalid", "unresolved-reference", text, f"{each.entry.at}.{at}")
            for at in missing
        ]
        if resource != own.incoming.resource:  # an id has a type, which a urn:uuid does not tell
            places += _wrong(resource, each.entry.at)
        own = replace(own, incoming=replace(own.incoming, resource=resource))
        resolved.append(replace(each, change=replace(each.change, own=own)))
    if places:
        raise Unprocessable("a reference does not resolve; nothing was written", places=places)
    return resolved


def _wrong(resource: Mapping[str, Any], at: str) -> list[Place]:
    return [
        Place(issue.code, "invalid-resource", issue.text, f"{at}.{issue.expression}")
        for issue in check(resource)
        if issue.severity == "error"
    ]


def _no_two(planned: Sequence[_Planned]) -> None:
    seen: set[tuple[str, str]] = set()
    for each in planned:
        if each.change is None:
            continue
        if each.change.key in seen:
            raise Unprocessable(
                "two entries are about one resource; nothing was written",
                expression=f"Bundle.entry[{each.entry.number}]",
            )
        seen.add(each.change.key)


def _weighed(
    hub: Hub, connection: Connection, call: Call, changes: Sequence[Change]
) -> dict[str, Access]:
    persons = sorted({each.person for each in changes})
    return {each: weigh(hub, connection, call, person_now(connection, [each])) for each in persons}


def _shown(changes: Sequence[Change]) -> tuple[Shown, ...]:
    every = sorted((each.shown for each in changes), key=_place)
    return tuple(
        Shown(owner, unit or None, tuple(ref for each in group for ref in each.references))
        for (owner, unit), group in groupby(every, key=_place)
    )


def _place(shown: Shown) -> tuple[str, str]:
    return shown.owner, shown.unit or ""


def _done(planned: _Planned, written: Mapping[tuple[str, str], Written]) -> bytes:
    if planned.change is None:
        there = planned.there
        response = (
            {"status": "204 No Content"}
            if there is None
            else {
                "status": "200 OK",
                "location": f"{there.type}/{there.id}/_history/{there.version}",
                "etag": etag(there.version),
            }
        )
        return msgspec.json.encode({"response": response})
    made = written[planned.change.key]
    if planned.change.own is None:
        return msgspec.json.encode(
            {"response": {"status": "204 No Content", "etag": etag(made.version)}}
        )
    return msgspec.json.encode(
        {
            "response": {
                "status": "201 Created" if made.created else "200 OK",
                "location": f"{made.type}/{made.id}/_history/{made.version}",
                "etag": etag(made.version),
                "lastModified": instant_text(made.last_updated),
            }
        }
    )
