"""transaction: a vendor's own documents, all of them or none.

Source: FHIR R4 http.html#transaction. Entries create; references by urn:uuid become the ids that
the hub gives. Everything is checked before anything is written.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

import msgspec

from hub.api.access import weigh
from hub.api.call import FHIR_JSON, JSON_TYPES, Answer, Call
from hub.api.log import record, write
from hub.api.own_documents import Own, own_document, settled, writer
from hub.audit.record import Action, Outcome, Shown
from hub.auth.scopes import Interaction
from hub.errors import NotAllowed, Place, Unprocessable, UnsupportedMediaType
from hub.fhir.check import check
from hub.fhir.json_codec import decode
from hub.running import Hub
from hub.store.counter import lock
from hub.store.directory import Directory, directory
from hub.store.facts import facts_of, linked
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.writing import Written, instant_text, put

MOST_ENTRIES = 1000
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def transaction(hub: Hub, call: Call) -> Answer:
    """Return a transaction-response Bundle, entries in the order of the request.

    Raises:
        UnsupportedMediaType: the body is not FHIR JSON.
        Unprocessable: an entry is not valid; every fault is named, and nothing was written.
        Unavailable: the write cannot be logged; nothing was written.
    """
    if call.content_type not in JSON_TYPES:
        raise UnsupportedMediaType(f"send {FHIR_JSON}")
    entries = _entries(decode(call.body))
    with hub.store.read() as connection:
        known = directory(connection)
        writer(call, known)
        owns = _resolved(_all(entries, call, known), entries)
        persons = sorted({own.person for own in owns})
        weighed = {
            each: weigh(hub, connection, call, linked(connection, [each])) for each in persons
        }
    records = [
        record(
            call,
            Action.TRANSACTION,
            Outcome.PERMIT,
            access=weighed[each],
            shown=_shown([own for own in owns if own.person == each]),
        )
        for each in persons
    ]
    write(hub.log, *(records or [record(call, Action.TRANSACTION, Outcome.PERMIT)]))
    now = int(call.at.timestamp() * 1_000_000)
    written: dict[tuple[str, str], Written] = {}
    with hub.store.write() as connection:
        lock(connection, PERSON_COUNTER, persons)
        for each in persons:
            facts = facts_of(connection, linked(connection, [each]))
            mine = [settled(own, known, facts, call.at) for own in owns if own.person == each]
            for one in put(connection, each, mine, now):
                written[one.type, one.id] = one
    return Answer(200, _response([written[own.incoming.key] for own in owns]))


def _entries(bundle: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise Unprocessable(
            "a request to /fhir itself is a Bundle of type transaction", expression="Bundle.type"
        )
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise Unprocessable(
            f"entry is a list of at most {MOST_ENTRIES}; send more in several transactions",
            expression="Bundle.entry",
        )
    places = [
        Place("not-supported", "entry", fault, f"Bundle.entry[{number}]")
        for number, entry in enumerate(entries)
        if (fault := _fault(entry))
    ]
    if places:
        raise Unprocessable("an entry cannot be carried out", places=places)
    return entries


def _fault(entry: object) -> str | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("resource"), Mapping):
        return "an entry holds a resource"
    request = entry.get("request")
    kind = entry["resource"].get("resourceType")
    if not isinstance(request, Mapping) or request.get("method") != "POST":
        return "an entry's request has method POST; other methods are not there"
    if request.get("url") != kind:
        return "an entry's request.url is the resource's type"
    if request.keys() - {"method", "url"}:
        return "an entry's request is not conditional; leave everything but method and url out"
    return None


def _all(entries: list[Mapping[str, Any]], call: Call, known: Directory) -> list[Own]:
    """Every entry through the write boundary; the faults of all of them are told at once."""
    owns: list[Own] = []
    places: list[Place] = []
    for number, entry in enumerate(entries):
        kind = str(entry["resource"].get("resourceType"))
        if not call.caller.allows(kind, Interaction.CREATE):
            raise NotAllowed(
                "the token's scopes do not cover creating this type", code="insufficient-scope"
            )
        at = f"Bundle.entry[{number}].resource"
        try:
            owns.append(own_document(entry["resource"], call, known, at))
        except Unprocessable as error:
            places += error.places
    if places:
        raise Unprocessable("an entry is not valid; nothing was written", places=places)
    return owns


def _resolved(owns: list[Own], entries: list[Mapping[str, Any]]) -> list[Own]:
    """The same with references by fullUrl turned into the ids that the hub gave."""
    given = _given(owns, entries)
    resolved: list[Own] = []
    places: list[Place] = []
    for number, own in enumerate(owns):
        missing: list[str] = []
        resource = _rewritten(own.incoming.resource, given, missing)
        places += [
            Place(
                "invalid",
                "unresolved-reference",
                "a reference by urn:uuid names no entry of the transaction",
                f"Bundle.entry[{number}].resource.{at}",
            )
            for at in missing
        ]
        if resource != own.incoming.resource:  # an id has a type, which a urn:uuid does not tell
            places += _wrong(resource, f"Bundle.entry[{number}].resource")
        resolved.append(replace(own, incoming=replace(own.incoming, resource=resource)))
    if places:
        raise Unprocessable("a reference does not resolve; nothing was written", places=places)
    return resolved


def _given(owns: list[Own], entries: list[Mapping[str, Any]]) -> dict[str, str]:
    """The hub's references by the fullUrl that they take the place of."""
    given: dict[str, str] = {}
    places: list[Place] = []
    for number, (entry, own) in enumerate(zip(entries, owns, strict=True)):
        url = entry.get("fullUrl")
        if url is None:
            continue
        if not isinstance(url, str) or not ABSOLUTE.match(url) or url in given:
            text = "fullUrl is an absolute URI that no other entry has, such as urn:uuid:…"
            places.append(Place("invalid", "full-url", text, f"Bundle.entry[{number}].fullUrl"))
            continue
        given[url] = "/".join(own.incoming.key)
    if places:
        raise Unprocessable("an entry cannot be referred to; nothing was written", places=places)
    return given


def _wrong(resource: Mapping[str, Any], at: str) -> list[Place]:
    return [
        Place(issue.code, "invalid-resource", issue.text, f"{at}.{issue.expression}")
        for issue in check(resource)
        if issue.severity == "error"
    ]


def _rewritten(
    value: Any,  # noqa: ANN401  # JSON
    given: Mapping[str, str],
    missing: list[str],
    at: str = "",  # JSON
) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, Mapping):
        return {
            key: _reference(inner, given, missing, f"{at}.{key}".lstrip("."))
            if key == "reference" and isinstance(inner, str)
            else _rewritten(inner, given, missing, f"{at}.{key}".lstrip("."))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            _rewritten(inner, given, missing, f"{at}[{number}]")
            for number, inner in enumerate(value)
        ]
    return value


def _reference(reference: str, given: Mapping[str, str], missing: list[str], at: str) -> str:
    if reference in given:
        return given[reference]
    if reference.startswith("urn:uuid:"):
        missing.append(at)
    return reference


def _shown(owns: list[Own]) -> tuple[Shown, ...]:
    every = sorted((shown for own in owns for shown in own.shown()), key=_place)
    return tuple(
        Shown(owner, unit or None, tuple(ref for each in group for ref in each.references))
        for (owner, unit), group in groupby(every, key=_place)
    )


def _place(shown: Shown) -> tuple[str, str]:
    return shown.owner, shown.unit or ""


def _response(written: list[Written]) -> bytes:
    entries = [
        {
            "response": {
                "status": "201 Created",
                "location": f"{each.type}/{each.id}/_history/{each.version}",
                "etag": f'W/"{each.version}"',
                "lastModified": instant_text(each.last_updated),
            }
        }
        for each in written
    ]
    return msgspec.json.encode(
        {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
    )
