"""Which interaction a request is: FHIR's table of paths and methods, read from top to bottom.

Source: FHIR R4 http.html#summary; INTERFACES. SMART scopes are a ceiling over everything here.
"""

import re
from dataclasses import replace

from hub.api.act.lift_task import PREFIX, read_lift_task, search_lift_tasks
from hub.api.audit_event.read_audit_event import read_audit_event
from hub.api.audit_event.search_audit_event import search_audit_event
from hub.api.call import Answer, Call, need, resource_in
from hub.api.capabilities import SEARCHED, SERVED
from hub.api.consent.interactions import interact
from hub.api.ingest import ingest
from hub.api.interaction.batch import batch
from hub.api.interaction.create import create
from hub.api.interaction.delete import delete, delete_matching
from hub.api.interaction.history import history_instance, history_person
from hub.api.interaction.patch import patch, patch_matching
from hub.api.interaction.read import read
from hub.api.interaction.transaction import transaction
from hub.api.interaction.update import update, update_matching
from hub.api.interaction.vread import vread
from hub.api.operation.export import export, export_file, export_status
from hub.api.operation.operate import operate
from hub.api.operation.operation_definition import read_definition, search_definitions
from hub.api.own_documents import CREATED
from hub.api.refused import answered
from hub.api.search.directory_entry import DIRECTORY
from hub.api.search.directory_entry import PREFIX as ENTRY
from hub.api.search.page import page
from hub.api.search.search_directory import read_directory, search_directory
from hub.api.search.search_patient import search_patient
from hub.api.search.search_type import search_type
from hub.api.structure_definition import read_profile, search_profiles
from hub.auth.scopes import Interaction
from hub.errors import BadRequest, MethodNotAllowed, NotFound, Unprocessable
from hub.running import Hub

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
PLACES = 3
"""The segments of a path to an instance: fhir, type, id."""
MADE_HERE = frozenset({"Task", "Consent", *DIRECTORY})
"""Types that have answers of another kind beside those of stored resources."""
_FILE = re.compile(r"([a-z2-7]{32})\.([0-9]{1,6})")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")


def dispatch(hub: Hub, call: Call) -> Answer:
    """Return the answer of the interaction that the call asks for; an error is logged too.

    Raises:
        HubError: whatever the interaction raises, or that there is none.
    """
    return answered(hub, call, _dispatched)


def reads_only(method: str, path: str) -> bool:
    """Tell whether a request reads an instance or searches a type, and does nothing else."""
    if method not in ("GET", "HEAD"):
        return False
    first, *rest = [segment for segment in path.split("/") if segment] or [""]
    kind = rest[0] if rest else ""
    return first == "fhir" and len(rest) < PLACES and kind in SEARCHED and kind not in MADE_HERE


def _dispatched(hub: Hub, call: Call) -> Answer:
    segments = [segment for segment in call.path.split("/") if segment]
    if (answer := _exporting(hub, call, segments[1:])) is not None:
        return answer
    for elsewhere in (_apart, _made_here, _directory):
        if (answer := elsewhere(hub, call, segments)) is not None:
            return answer
    if call.method == "GET":
        return _reading(hub, call, segments[1:])
    return _posting(hub, call, segments[1:]) or _writing(hub, call, segments[1:])


def _reading(hub: Hub, call: Call, segments: list[str]) -> Answer:
    match segments:
        case []:
            return _pages(hub, call)
        case ["Patient"] | ["Patient", "_search"]:
            raise BadRequest(
                "people are looked up with POST Patient/_search, so that numbers stay out of URLs",
                code="patient-by-post",
            )
        case [kind] if kind in SEARCHED:
            need(call, kind, Interaction.SEARCH)
            return search_type(hub, call, kind)
        case ["_history"]:
            return history_person(hub, call, None)
        case [kind, "_history"] if kind in SEARCHED:
            need(call, kind, Interaction.HISTORY_TYPE)
            return history_person(hub, call, kind)
        case [kind, number, *rest] if kind in SERVED and not number.startswith("_"):
            return _read(hub, call, kind, number, rest)
        case [kind, *_] if kind in SERVED:
            raise MethodNotAllowed
    raise NotFound


def _posting(hub: Hub, call: Call, segments: list[str]) -> Answer | None:
    """Return the answer to what is posted but to a type: Bundles and searches."""
    match (call.method, segments):
        case ("POST", []):
            return _bundle(hub, call)
        case ("POST", ["Patient", "_search"]):
            need(call, "Patient", Interaction.SEARCH)
            return search_patient(hub, call)
        case ("POST", [kind, "_search"]) if kind in SEARCHED:
            need(call, kind, Interaction.SEARCH)
            return search_type(hub, call, kind)
    return None


def _writing(hub: Hub, call: Call, segments: list[str]) -> Answer:
    match segments:
        case [kind] if kind in CREATED and call.method in MATCHING:
            interaction, carry_out = MATCHING[call.method]
            need(call, kind, interaction)
            return carry_out(hub, call, kind)
        case [kind, number] if kind in CREATED and call.method in CHANGING:
            if not _ID.fullmatch(number):
                raise NotFound
            interaction, change = CHANGING[call.method]
            need(call, kind, interaction)
            return change(hub, call, kind, number)
        case [kind, *_] if kind in SERVED:
            raise MethodNotAllowed
    raise NotFound


MATCHING = {
    "POST": (Interaction.CREATE, create),
    "PUT": (Interaction.UPDATE, update_matching),
    "PATCH": (Interaction.PATCH, patch_matching),
    "DELETE": (Interaction.DELETE, delete_matching),
}
"""What is done to a type: create, and what criteria find."""
CHANGING = {
    "PUT": (Interaction.UPDATE, update),
    "PATCH": (Interaction.PATCH, patch),
    "DELETE": (Interaction.DELETE, delete),
}
"""What is done to an instance."""


def _bundle(hub: Hub, call: Call) -> Answer:
    """Carry out a batch or a transaction."""
    bundle = resource_in(call, "Bundle")
    match bundle.get("type"):
        case "transaction":
            return transaction(hub, call, bundle, dispatch)
        case "batch":
            return batch(hub, call, bundle, dispatch)
    raise Unprocessable(
        "a Bundle that is sent to /fhir itself is of type transaction or batch",
        expression="Bundle.type",
    )


def _exporting(hub: Hub, call: Call, segments: list[str]) -> Answer | None:
    match segments:
        case ["$export"]:
            return export(hub, call)
        case ["$export-status", job] if _ID.fullmatch(job):
            return export_status(hub, call, job)
        case ["$export-file", file] if found := _FILE.fullmatch(file):
            return export_file(hub, call, found[1], int(found[2]))
    return None


def _apart(hub: Hub, call: Call, segments: list[str]) -> Answer | None:
    """Return the answer of what has a path of its own: documents in, a compartment, the log."""
    match (call.method, segments):
        case (_, ["ingest", *rest]):
            return ingest(hub, call, rest)
        case ("GET", [_, "Patient", person, kind]) if kind in SEARCHED and _ID.fullmatch(person):
            # the person's compartment (compartmentdefinition-patient.html): all that is about them
            need(call, kind, Interaction.SEARCH)
            asked = (("patient", f"Patient/{person}"), *call.parameters)
            return search_type(hub, replace(call, parameters=asked), kind)
        case ("GET", [_, "AuditEvent"]) | ("POST", [_, "AuditEvent", "_search"]):
            need(call, "AuditEvent", Interaction.SEARCH)
            return search_audit_event(hub, call)
        case ("GET", [_, "AuditEvent", number]) if _ID.fullmatch(number):
            need(call, "AuditEvent", Interaction.READ)
            return read_audit_event(hub, call, number)
        case ("GET", [_, "OperationDefinition"]):
            return search_definitions(call)
        case ("GET", [_, "OperationDefinition", number]):
            return read_definition(number)
        case (_, [_, *path]) if path and path[-1].startswith("$"):
            return operate(hub, call, path)
    return None


def _made_here(hub: Hub, call: Call, segments: list[str]) -> Answer | None:
    """Return the answer of what the hub makes itself: consents, requests to lift, its profiles."""
    match (call.method, segments):
        case ("GET", [_, "StructureDefinition"]):
            return search_profiles(call)
        case ("GET", [_, "StructureDefinition", number]):
            return read_profile(number)
        case (_, [_, "Consent", *path]):
            return interact(hub, call, path)
        case ("GET", [_, "Patient", person, "Consent"]) if _ID.fullmatch(person):
            asked = (("patient", f"Patient/{person}"), *call.parameters)
            return interact(hub, replace(call, parameters=asked), [])
        case ("GET", [_, "Task"]) if call.values("code") == ["lift-request"]:
            need(call, "Task", Interaction.SEARCH)
            return search_lift_tasks(hub, call)
        case ("GET", [_, "Task", number]) if number.startswith(PREFIX) and _ID.fullmatch(number):
            need(call, "Task", Interaction.READ)
            return read_lift_task(hub, call, number)
    return None


def _directory(hub: Hub, call: Call, segments: list[str]) -> Answer | None:
    """Return the answer of the directory, which is about nobody's care."""
    match (call.method, segments):
        case ("GET", [_, kind]) | ("POST", [_, kind, "_search"]) if kind in DIRECTORY:
            need(call, kind, Interaction.SEARCH)
            return search_directory(hub, call, kind)
        case ("GET", [_, kind, number]) if (
            kind in DIRECTORY and number.startswith(ENTRY) and _ID.fullmatch(number)
        ):
            need(call, kind, Interaction.READ)
            return read_directory(hub, call, kind, number)
    return None


def _read(hub: Hub, call: Call, kind: str, number: str, rest: list[str]) -> Answer:
    """Read an instance, or the version of it that the Location of a create names."""
    need(call, kind, Interaction.READ)
    if not _ID.fullmatch(number):
        raise NotFound
    match rest:
        case []:
            return read(hub, call, kind, number)
        case ["_history", version] if _VERSION.fullmatch(version):
            need(call, kind, Interaction.VREAD)
            return vread(hub, call, kind, number, int(version))
        case ["_history"]:
            need(call, kind, Interaction.HISTORY_INSTANCE)
            return history_instance(hub, call, kind, number)
    raise MethodNotAllowed


def _pages(hub: Hub, call: Call) -> Answer:
    reference = call.values("_page")
    if len(reference) != 1:
        raise BadRequest("a request to /fhir itself is a page link or a transaction")
    return page(hub, call, reference[0])
