"""$export: an organisation's own documentation, given back to its own system.

Source: Bulk Data Access IG 2.0; PDL 2:4, SoLPuL 6; docs/decisions/0010. Asynchronous: 202 with the
address of a status, then a manifest of NDJSON files. A job outlives the process that began it.
A file is read through the scope of the moment in which it is fetched, so that what has left the
store since then is not in it; each person whom it shows has a log record.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from sqlalchemy import Connection

from consent.facts import Target
from hub.api.call import Answer, Call
from hub.api.log import record, records, write
from hub.api.operation.export_work import start
from hub.api.operation.operation_input import once, read_input, time_asked
from hub.api.operation.operation_table import EXPORT, STORED
from hub.api.own_documents import new_id
from hub.api.patient import encode_patient, patient
from hub.api.preferences import preferences
from hub.api.search.reach import own_data
from hub.api.weighed import Access
from hub.audit.record import Action, Outcome
from hub.auth.scopes import Interaction
from hub.errors import BadRequest, MethodNotAllowed, NotAllowed, NotFound
from hub.fhir.json_codec import decode
from hub.running import Hub
from hub.store import export_jobs as jobs
from hub.store.incoming import instant_text
from hub.store.instant import at_micros, micros
from hub.store.reading import EVERY_PERSON, Found, Key, at_versions, find
from hub.store.schema.resource import RESOURCE

NDJSON = "application/fhir+ndjson"
OUTPUT_FORMATS = frozenset({NDJSON, "application/ndjson", "ndjson"})
LASTS = timedelta(hours=24)
ASK_AGAIN_AFTER = "5"
"""Seconds."""


def export(hub: Hub, call: Call, _kind: str = "", _number: None = None) -> Answer:
    """Take an export on and return where its status stands.

    Raises:
        NotAllowed: the caller is no organisation's own system, or may not read a type.
        BadRequest: `Prefer: respond-async` is missing, or a parameter cannot be understood.
        Unavailable: it cannot be logged.
    """
    owner = _own_system(call)
    if call.method not in ("GET", "POST"):
        raise MethodNotAllowed
    if "respond-async" not in preferences(call.prefer):
        raise BadRequest(
            "an export is made asynchronously; send Prefer: respond-async", code="respond-async"
        )
    given = read_input(call, EXPORT.inputs)
    if (once(given, "_outputFormat") or NDJSON) not in OUTPUT_FORMATS:
        raise BadRequest(f"_outputFormat is {NDJSON}", code="output-format")
    since = time_asked(given, "_since")
    url = f"{call.fhir_root}{call.path.removeprefix('/fhir')}"
    query = urlencode(call.parameters, safe=":,")
    asked = jobs.Asked(
        f"{url}?{query}" if query else url,
        _types(call, given.get("_type", ())),
        since[0] if since else None,
    )
    started = micros(call.at)
    job = jobs.Job(
        new_id(),
        owner,
        call.caller.user,
        asked,
        jobs.RUNNING,
        started,
        micros(call.at + LASTS),
    )
    write(hub.log, record(call, Action.OPERATION, Outcome.PERMIT, query=f"$export/{job.id}"))
    with hub.store.write() as connection:
        jobs.create_job(connection, job)
    start(hub, call, job)
    return Answer(202, b"", {"Content-Location": f"{call.fhir_root}/$export-status/{job.id}"})


def export_status(hub: Hub, call: Call, number: str) -> Answer:
    """Return how far an export has come, its manifest once it is whole, or erase it (DELETE).

    Raises:
        NotFound: there is no such export of this system, or its time is out.
    """
    with hub.store.read() as connection:
        job = _job(connection, call, number)
        made = jobs.files(connection, job.id)
    match call.method:
        case "DELETE":
            query = f"$export-status/{job.id}"
            write(hub.log, record(call, Action.OPERATION, Outcome.PERMIT, query=query))
            with hub.store.write() as connection:
                jobs.erase(connection, job.id)
            return Answer(202)
        case "GET":
            if job.state == jobs.COMPLETE:
                return _manifest(call, job, made)
            start(hub, call, job)  # where the process that had it is gone
            told = {"X-Progress": f"{len(made)} files", "Retry-After": ASK_AGAIN_AFTER}
            return Answer(202, b"", told)
    raise MethodNotAllowed


def export_file(hub: Hub, call: Call, number: str, file: int) -> Answer:
    """Return one file of an export that is whole, as NDJSON.

    Raises:
        NotFound: there is no such file of this system's, or its time is out.
        Unavailable: it cannot be logged; nothing is shown.
    """
    if call.method != "GET":
        raise MethodNotAllowed
    with hub.store.read() as connection:
        job = _job(connection, call, number)
        held = jobs.keys_of(connection, job.id, file) if job.state == jobs.COMPLETE else None
        if held is None:
            raise NotFound
        kind, keys = held
        if not call.caller.allows(kind, Interaction.READ):
            raise NotFound
        access = own_data(hub, connection, call, target=Target(across_persons=True))
        found, lines = _lines(connection, access, kind, keys)
    query = f"$export-file/{job.id}.{file}"
    named = keys if kind == "Patient" else ()
    made = records(call, Action.EXPORT, Outcome.PERMIT, access, found, query, named=named)
    write(hub.log, *made)
    return Answer(200, b"".join(line + b"\n" for line in lines), {}, NDJSON)


def _lines(
    connection: Connection, access: Access, kind: str, keys: Sequence[Any]
) -> tuple[list[Found], list[bytes]]:
    """What a file shows, and its lines: of people, the hub's Patient with the owner's own rows."""
    if kind != "Patient":
        wanted = [Key(*each) for each in keys]
        found = at_versions(connection, access.scope, EVERY_PERSON, wanted)
        return found, [each.body for each in found]
    rows = find(
        connection,
        access.scope,
        keys,
        RESOURCE.c.type == "Patient",
        order=[RESOURCE.c.person, RESOURCE.c.last_updated.desc()],
    )
    latest: dict[str, Found] = {}
    for each in rows:
        latest.setdefault(each.person, each)
    shown = list(latest.values())
    lines = [_patient(person, latest.get(person)) for person in keys]
    return shown, lines


def _patient(person: str, row: Found | None) -> bytes:
    """The hub's Patient, with the identifiers that the organisation itself has documented."""
    identifiers: Any = decode(row.body).get("identifier", []) if row else []
    return encode_patient(patient(person, identifiers, [row] if row else []))


def _manifest(call: Call, job: jobs.Job, made: Sequence[jobs.File]) -> Answer:
    body = {
        "transactionTime": instant_text(job.started),
        "request": job.asked.request,
        "requiresAccessToken": True,
        "output": [
            {
                "type": each.type,
                "url": f"{call.fhir_root}/$export-file/{job.id}.{each.number}",
                "count": each.count,
            }
            for each in made
        ],
        "error": [],
    }
    expires = at_micros(job.expires).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Answer(200, msgspec.json.encode(body), {"Expires": expires}, "application/json")


def _job(connection: Connection, call: Call, number: str) -> jobs.Job:
    job = jobs.job_of(connection, number, _own_system(call), call.caller.user)
    if job is None or job.expires <= micros(call.at):
        raise NotFound
    return job


def _own_system(call: Call) -> str:
    """The organisation whose own system calls."""
    caller = call.caller
    if caller.person or not caller.own_system:
        raise NotAllowed(
            "an export is for an organisation's own system, of its own documentation; use a token"
            " of that kind",
            code="not-a-system",
        )
    return caller.own_system


def _types(call: Call, given: Sequence[str]) -> tuple[str, ...]:
    named = dict.fromkeys(each for value in given for each in value.split(",") if each)
    if "Consent" in named:
        raise BadRequest(
            "answers and blocks are not exported: a list of who has said what is nobody's to make;"
            " read them for one person (Consent?patient=), where they concern you",
            code="consent-in-export",
        )
    if set(named) - set(STORED):
        raise BadRequest(
            "_type names a type that the hub does not hold; /fhir/metadata lists those it does",
            code="unknown-type",
        )
    readable = tuple(name for name in named or STORED if call.caller.allows(name, Interaction.READ))
    if not readable or len(readable) < len(named):
        raise NotAllowed(
            "the token's scopes do not cover this interaction with this type",
            code="insufficient-scope",
        )
    return readable
