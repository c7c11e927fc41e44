"""transaction: a vendor's own documents, all of them or none.

Source: FHIR R4 http.html#transaction. Entries create; references by urn:uuid become the ids that
the hub gives. Everything is checked before anything is written.
"""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import msgspec

from hub.api.access import weigh
from hub.api.call import FHIR_JSON, Answer, Call
from hub.api.create import JSON_TYPES
from hub.api.log import record, write
from hub.api.own_documents import Own, own_document
from hub.audit.record import Action, Outcome, Shown
from hub.errors import NotAllowed, Place, Unprocessable, UnsupportedMediaType
from hub.fhir.json_codec import decode
from hub.running import Hub
from hub.store.counter import lock
from hub.store.directory import Directory, directory
from hub.store.facts import linked
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.writing import Incoming, Written, instant_text, put

MOST_ENTRIES = 1000


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
        owns = _resolved(_all(entries, call, directory(connection)), entries)
        persons = sorted({own.person for own in owns})
        weighed = {
            each: weigh(hub, connection, call, linked(connection, [each])) for each in persons
        }
    write(
        hub.log,
        *(
            record(
                call,
                Action.TRANSACTION,
                Outcome.PERMIT,
                access=weighed[each],
                shown=_shown([own for own in owns if own.person == each]),
            )
            for each in persons
        ),
    )
    now = int(call.at.timestamp() * 1_000_000)
    written: dict[tuple[str, str], Written] = {}
    with hub.store.write() as connection:
        lock(connection, PERSON_COUNTER, persons)
        for each in persons:
            mine = [own.incoming for own in owns if own.person == each]
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
    return None


def _all(entries: list[Mapping[str, Any]], call: Call, known: Directory) -> list[Own]:
    """Every entry through the write boundary; the faults of all of them are told at once."""
    owns: list[Own] = []
    places: list[Place] = []
    for number, entry in enumerate(entries):
        kind = str(entry["resource"].get("resourceType"))
        if not call.caller.allows(kind, "c"):
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
    given = {
        str(entry["fullUrl"]): "/".join(own.incoming.key)
        for entry, own in zip(entries, owns, strict=True)
        if "fullUrl" in entry
    }
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
        incoming = Incoming(resource, own.incoming.item, own.incoming.source)
        resolved.append(Own(own.person, incoming))
    if places:
        raise Unprocessable("a reference does not resolve; nothing was written", places=places)
    return resolved


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
