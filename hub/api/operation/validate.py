"""$validate: what is wrong with a resource, by the check that guards every write.

Source: FHIR R4 resource-operation-validate.html. What is sent is neither stored nor compared with
anything stored, so that an answer tells nothing of what the hub holds (P3). Without a resource,
what stands under the id is checked, as far as the reader may see it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.api.call import FHIR_JSON, JSON_TYPES, Answer, Call
from hub.api.conditions import NO_CONDITIONS
from hub.api.interaction.read import read
from hub.errors import BadRequest, Place, UnsupportedMediaType, operation_outcome
from hub.fhir.check import check
from hub.fhir.json_codec import decode
from hub.fhir.outcome import ALL_WELL, places
from hub.running import Hub

MODES = frozenset({"create", "update", "delete", "profile"})
PROFILE = "http://hl7.org/fhir/StructureDefinition/"

Asked = tuple[Mapping[str, Any] | None, str | None, tuple[str, ...]]
"""The resource, the mode, and the profiles."""


def validate(hub: Hub, call: Call, kind: str, number: str | None) -> Answer:
    """Return an OperationOutcome with every fault; 200 also when there are some.

    Raises:
        UnsupportedMediaType, Malformed, BadRequest: what was sent cannot be read.
        NotFound: nothing was sent, and nothing stands there that the reader may see.
    """
    resource, mode, profiles = _asked(call)
    if mode is not None and mode not in MODES:
        raise BadRequest(f"mode is one of: {', '.join(sorted(MODES))}", code="parameters")
    if resource is None and number is not None:
        resource = decode(read(hub, replace(call, conditions=NO_CONDITIONS), kind, number).body)
    found: list[Place] = []
    if resource is not None:
        found += _faults(resource, kind, number, mode)
    elif mode != "delete":
        raise BadRequest("send the resource that is to be checked", code="no-resource")
    found += [_unknown_profile() for each in profiles if each != f"{PROFILE}{kind}"]
    return Answer(200, operation_outcome(found or (ALL_WELL,)))


def _faults(
    resource: Mapping[str, Any], kind: str, number: str | None, mode: str | None
) -> list[Place]:
    if resource.get("resourceType") != kind:
        text = "the resource is of another type than the address; send it to its own"
        return [Place("invalid", "type", text, "resourceType")]
    found = list(places(check(resource)))
    if mode == "update" and resource.get("id") is None:
        text = "an update names the id of what it replaces"
        found.append(Place("required", "id", text, f"{kind}.id"))
    if number is not None and resource.get("id") not in (None, number):
        text = "the id is not the one of the address"
        found.append(Place("invalid", "id", text, f"{kind}.id"))
    return found


def _unknown_profile() -> Place:
    text = "the hub holds no such profile, and checked against FHIR R4 alone"
    return Place("not-supported", "unknown-profile", text)


def _asked(call: Call) -> Asked:
    """What was sent: a resource by itself, or Parameters with it, the mode and the profiles."""
    mode, profiles = call.values("mode"), call.values("profile")
    resource: Mapping[str, Any] | None = None
    if call.method == "POST" and call.body:
        if call.content_type not in JSON_TYPES:
            raise UnsupportedMediaType(f"send {FHIR_JSON}")
        resource = sent = decode(call.body)
        if sent.get("resourceType") == "Parameters":
            resource = _of_parameters(sent, mode, profiles)
    return resource, mode[-1] if mode else None, tuple(profiles)


def _of_parameters(
    sent: Mapping[str, Any], mode: list[str], profiles: list[str]
) -> Mapping[str, Any] | None:
    resource = None
    listed = sent.get("parameter", [])
    for at, each in enumerate(listed if isinstance(listed, list) else [None]):
        match each:
            case {"name": "resource", "resource": dict() as held}:
                resource = held
            case {"name": "mode", "valueCode": str() as said}:
                mode.append(said)
            case {"name": "profile", "valueUri": str() as url}:
                profiles.append(url)
            case {"name": "profile", "valueCanonical": str() as url}:
                profiles.append(url)
            case _:
                raise BadRequest(
                    "$validate takes resource, mode (valueCode) and profile (valueUri)",
                    code="parameters",
                    expression=f"Parameters.parameter[{at}]",
                )
    return resource
