"""create and update of a Consent: the same acts as the operations, with the same checks.

Source: FHIR R4 http.html#create, #update; SVOD 2:3, 3:1, 3:2; PDL 4:4. A Consent is created by
$register-consent or $register-block. Nothing of it is ever rewritten but its status: `inactive`
withdraws an answer or lifts a block for good, `entered-in-error` takes away a mistaken block.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from consent.facts import Samtycke
from hub.api.access import about_person
from hub.api.act.block import register_block
from hub.api.act.consent_act import register_consent, withdraw_consent
from hub.api.act.lift import lift_block
from hub.api.act.void_block import void_block
from hub.api.call import FHIR_JSON, Answer, Call, resource_in
from hub.api.consent.as_parameters import asked_in
from hub.api.consent.read_consent import served
from hub.api.consent.resource import REASON, SAMTYCKE, resource_of
from hub.api.consent.standing import Stands, Status, person_in, standing
from hub.errors import BadRequest, HubError, NoSuchResource, NotFound, Place, Unprocessable
from hub.fhir.outcome import outcome
from hub.running import Hub

Act = Callable[[Hub, Call, str, str], Answer]
STATED = ("patient", "organization", "provision", "policyRule", "scope", "category", "identifier")
"""What an update must leave as it is."""
PLACES = {
    "owner": "Consent.organization",
    "organisation": "Consent.organization",
    "unit": "Consent.organization",
    "kind": "Consent.policyRule",
    "end": "Consent.provision.period.end",
    "process": "Consent.provision.extension",
    "informationTo": "Consent.provision.dataPeriod",
}
"""Where a Consent has what an operation's parameter says."""


def create_consent(hub: Hub, call: Call) -> Answer:
    """Return 201 with the Consent as it stands.

    Raises:
        Unprocessable: it is no Consent of the hub's profiles.
        NotAllowed: the law does not let the caller say it.
        Unavailable: the act cannot be logged; then nothing is registered.
    """
    resource = resource_in(call, "Consent")
    if call.conditions.none_exist is not None:
        raise BadRequest("a Consent is not created on a condition; search first", code="condition")
    asked = asked_in(resource, call.at)
    register = register_consent if asked.kind == SAMTYCKE else register_block
    reply = _done(hub, call, register, asked.person, asked.parameters)
    found = _of(hub, call, asked.person, name=_first(reply))
    answer = _answered(call, found)
    location = f"{call.fhir_root}/Consent/{found.id}/_history/{found.now.number}"
    return replace(answer, status=201, headers={**answer.headers, "Location": location})


def update_consent(hub: Hub, call: Call, number: str) -> Answer:
    """Return 200 with the Consent as it stands after its status has changed.

    Raises:
        NoSuchResource: there is none, or none that concerns the caller.
        PreconditionFailed: it is at another version than If-Match names.
        Unprocessable: something else than its status is changed, or not to what the law knows.
        NotAllowed: the law does not let the caller end it.
        Unavailable: the act cannot be logged; then nothing is changed.
    """
    resource = resource_in(call, "Consent")
    if resource.get("id") != number:
        raise BadRequest(
            "the id in the body is not that of the URL; send the resource with its own id",
            code="id",
            expression="Consent.id",
        )
    with hub.store.read() as connection:
        found = _found(hub, connection, call, person_in(number), number=number)
    if found is None:
        raise NoSuchResource
    call.conditions.require(found.now.number)
    _require_unchanged(resource, resource_of(found))
    if resource.get("status") != found.now.status.value:
        act, parameters = _ending(found, resource)
        try:
            _done(hub, call, act, found.person, parameters)
        except NotFound:  # it ended meanwhile
            raise NoSuchResource from None
    return _answered(call, _of(hub, call, found.person, name=found.name))


def _ending(found: Stands, resource: Mapping[str, Any]) -> tuple[Act, Sequence[Mapping[str, Any]]]:
    """The act that brings it to the status that is sent, and its parameters."""
    if found.now.status is not Status.ACTIVE:
        raise Unprocessable(
            "what counts no more stays so; register it anew",
            code="consent-ended",
            expression="Consent.status",
        )
    answer = isinstance(found.now.content, Samtycke)
    name = {"name": "consent" if answer else "block", "valueString": found.name}
    match resource.get("status"):
        case Status.INACTIVE:
            return (withdraw_consent if answer else lift_block), [name]
        case Status.MISTAKE if not answer:
            reason = next(
                (e.get("valueString") for e in resource.get("extension", ()) if e["url"] == REASON),
                None,
            )
            if reason is None:
                raise Unprocessable(
                    f"say what the mistake was, in the extension {REASON}",
                    code="reason",
                    expression="Consent.extension",
                )
            return void_block, [name, {"name": "reason", "valueString": reason}]
    raise Unprocessable(
        "an answer or a block is ended with inactive; entered-in-error is for a block that staff"
        " registered by mistake",
        code="consent-status",
        expression="Consent.status",
    )


def _require_unchanged(sent: Mapping[str, Any], stands: Mapping[str, Any]) -> None:
    places = [
        Place("invalid", "consent-changed", "only the status changes; register another", at)
        for name in STATED
        if sent.get(name) != stands[name]
        for at in [f"Consent.{name}"]
    ]
    if places:
        raise Unprocessable("only the status of a Consent changes", places=places)


def _done(
    hub: Hub, call: Call, act: Act, person: str, parameters: Sequence[Mapping[str, Any]]
) -> Answer:
    """Carry out an operation; what it finds wrong is told of by its place in the Consent."""
    body = msgspec.json.encode({"resourceType": "Parameters", "parameter": parameters})
    try:
        return act(hub, replace(call, body=body, content_type=FHIR_JSON), "Patient", person)
    except Unprocessable as error:
        places = [replace(each, expression=_place(each.expression)) for each in error.places]
        raise Unprocessable(str(error), places=places) from None


def _place(expression: str | None) -> str:
    said = (expression or "").partition("name = '")[2].partition("'")[0]
    return PLACES.get(said, "Consent")


def _first(reply: Answer) -> str:
    return str(msgspec.json.decode(reply.body)["parameter"][0]["valueString"])


def _of(hub: Hub, call: Call, person: str, *, name: str) -> Stands:
    with hub.store.read() as connection:
        found = _found(hub, connection, call, person, name=name)
    if found is None:
        raise HubError("what was registered cannot be read again; read it by its identifier")
    return found


def _found(
    hub: Hub,
    connection: Connection,
    call: Call,
    person: str,
    *,
    number: str | None = None,
    name: str | None = None,
) -> Stands | None:
    access = about_person(hub, connection, call, person)
    there = standing(hub, connection, access, call.at)
    return next((each for each in there if number == each.id or name == each.name), None)


def _answered(call: Call, found: Stands) -> Answer:
    answer = served(replace(call, conditions=type(call.conditions)()), found, found.now)
    match call.returns:
        case "minimal":
            return replace(answer, body=b"")
        case "OperationOutcome":
            return replace(answer, body=outcome(()))
    return answer
