"""What a vendor writes: its own organisation's documents, through the write boundary.

Source: DESIGN §5, §7; stack measurements on fhir.resources. Owner, unit and regime come from the
token, never from the body. In order: size and form (hub.fhir.json_codec), the strict table
(hub.fhir.check), fhir.resources behind it (its dump is never stored), then the hub's own rules.
"""

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from consent.facts import (
    Availability,
    Capacity,
    Facts,
    InfoType,
    Item,
    Kind,
    ProtectedIdentity,
    Regime,
)
from consent.period import Period
from hub.api.call import Call
from hub.api.rewritten import relative
from hub.errors import NotAllowed, Place, Unprocessable
from hub.fhir.check import check
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.shape import elements
from hub.fhir.time_span import span
from hub.ingest.judge import EVERY_MASK, made_available
from hub.ingest.masking import masked
from hub.store.directory import Directory
from hub.store.incoming import Incoming
from hub.store.kept_away import API

PERSON_AT = ("subject", "patient", "for", "beneficiary", "individual", "securityContext")
CREATED = frozenset(
    name for name in TYPES_IN_USE if name != "Consent" and elements(name).keys() & set(PERSON_AT)
)
"""The types that vendors write: those that name their person. A Consent is none of them: stored as
a document it would look like a block or a consent, and be neither."""

PERSON = re.compile(r"Patient/([a-z2-7]{32})")
"""A reference to the hub's Patient: its id has the form of every person key."""
DATE_AT = (
    "effectiveDateTime",
    "performedDateTime",
    "occurrenceDateTime",
    "recordedDate",
    "authoredOn",
    "date",
    "created",
    "issued",
    "dateAsserted",
)
INFO_TYPE: Mapping[str, InfoType] = {
    "Condition": InfoType.DIAGNOSIS,
    "MedicationRequest": InfoType.MEDICATION,
    "MedicationStatement": InfoType.MEDICATION,
    "MedicationAdministration": InfoType.MEDICATION,
    "MedicationDispense": InfoType.MEDICATION,
    "Observation": InfoType.OBSERVATION,
    "DiagnosticReport": InfoType.LAB,
    "Specimen": InfoType.LAB,
    "ImagingStudy": InfoType.IMAGING,
    "Immunization": InfoType.VACCINATION,
    "Encounter": InfoType.CONTACT,
    "EpisodeOfCare": InfoType.CONTACT,
    "CarePlan": InfoType.CAREPLAN,
    "Goal": InfoType.CAREPLAN,
    "Flag": InfoType.ALERT,
    "AllergyIntolerance": InfoType.ALERT,
    "ServiceRequest": InfoType.REFERRAL,
    "ClinicalImpression": InfoType.ASSESSMENT,
}


@dataclass(frozen=True, slots=True)
class Own:
    """A resource that passed the boundary, whose person it is about, and the item it is."""

    person: str
    incoming: Incoming

    def of(self, person: str) -> "Own":
        """Return the same under another key of the same person."""
        return replace(self, person=person)


def own_document(
    resource: Mapping[str, Any],
    call: Call,
    directory: Directory,
    at: str = "",
    *,
    number: str | None = None,
) -> Own:
    """Return a vendor's resource as its organisation's own document, with a new id or `number`.

    `at` is where it stands in the request, for errors.

    Raises:
        NotAllowed: the token is not of an organisation's own system.
        Unprocessable: the resource is against a rule; every place is named.
    """
    owner, regime = writer(call, directory)
    resource = relative(resource, call.roots)
    kind = str(resource.get("resourceType"))
    if kind not in CREATED:
        raise Unprocessable(
            "this type is not written over the API; /fhir/metadata lists those that are",
            code="type-not-written",
            expression=at or None,
        )
    places = [
        Place(issue.code, "invalid-resource", issue.text, _within(at, issue.expression))
        for issue in check(resource)
        if issue.severity == "error"
    ]
    if places:
        raise Unprocessable("the resource is not valid FHIR R4", places=places)
    _check_model(resource, kind, at)
    person = person_in(resource, at)
    identified = {**resource, "id": number or new_id()}
    item = Item(
        id=identified["id"],
        owner=owner,
        unit=call.caller.unit,
        process=call.caller.process,
        authority=call.caller.authority,
        regime=regime,
        info_type=INFO_TYPE.get(kind, InfoType.NOTE),
        date=_date(resource),
        informed=False,
        availability=Availability.NONE,
        secret_from_person=_is_secret_from_person(resource),
        withdrawn=_is_nullified(resource),
    )
    return Own(person, Incoming(identified, item, source=API))


def settled(own: Own, directory: Directory, facts: Facts, at: datetime) -> Incoming:
    """Return the document as it is written, by what is known of its person while it is written.

    Made available as its owner declares, unless no unit is named: then for the owner's own staff
    only. With a second body where the person's identity is protected.
    """
    resource, item = own.incoming.resource, own.incoming.item
    if item.unit is not None:
        item = made_available(item, directory, facts, at)
    if facts.person.protected_identity is ProtectedIdentity.NONE:
        return replace(own.incoming, item=item)
    item = replace(item, masks=EVERY_MASK)
    return replace(own.incoming, item=item, masked=masked(resource, EVERY_MASK))


def writer(call: Call, directory: Directory) -> tuple[str, Regime]:
    """Return whose documents the caller writes, and under which act.

    Raises:
        NotAllowed: the token is not of an organisation's own system.
    """
    caller = call.caller
    entry = directory.organisations.get(caller.organisation or "")
    if caller.capacity is not Capacity.SYSTEM or entry is None:
        raise NotAllowed(
            "documents are written by an organisation's own system; use a token of that kind",
            code="not-a-system",
        )
    usual = Regime.HSL if Kind.VARDGIVARE in entry.kind else Regime.SOL
    return entry.id, caller.regime or usual


def new_id() -> str:
    """Return a random id in letters and the digits 2 to 7, which never reads as a person number."""
    return base64.b32encode(secrets.token_bytes(20)).decode().lower()


def _is_secret_from_person(resource: Mapping[str, Any]) -> bool:
    labels = resource.get("meta", {}).get("security", [])
    return any(label.get("code") == "NOPATIENT" for label in labels)


def _is_nullified(resource: Mapping[str, Any]) -> bool:
    verified = resource.get("verificationStatus", {}).get("coding", [])
    codes = [resource.get("status"), *(coding.get("code") for coding in verified)]
    return "entered-in-error" in codes


def _check_model(resource: Mapping[str, Any], kind: str, at: str) -> None:
    """What the table does not see; whatever fhir.resources raises is a fault of the resource."""
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except ValidationError as error:
        places = [
            Place(
                "invalid",
                "invalid-resource",
                "the value does not fit the element",
                _within(at, ".".join([kind, *(str(part) for part in each["loc"])])),
            )
            for each in error.errors()[:20]
        ]
        raise Unprocessable("the resource is not valid FHIR R4", places=places) from None
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Unprocessable(
            "the resource is not valid FHIR R4", expression=_within(at, kind)
        ) from None


def person_in(resource: Mapping[str, Any], at: str) -> str:
    """Return the hub id of the person whom a resource says that it is about.

    Raises:
        Unprocessable: it names none, or not by a literal reference.
    """
    kind = str(resource["resourceType"])
    for name in PERSON_AT:
        reference = resource.get(name)
        if isinstance(reference, Mapping):
            literal = PERSON.fullmatch(str(reference.get("reference", "")))
            if literal:
                return literal[1]
            raise Unprocessable(
                "the subject is a literal reference to the hub's Patient/{id}, which"
                " POST Patient/_search gives",
                code="subject",
                expression=_within(at, f"{kind}.{name}"),
            )
    raise Unprocessable(
        "the resource names no person; give it a subject",
        code="subject",
        expression=_within(at, kind),
    )


def _date(resource: Mapping[str, Any]) -> Period:
    """The information's own date; without one, open at both ends, so that any block covers it."""
    for name in DATE_AT:
        value = resource.get(name)
        if isinstance(value, str):
            return Period(*(_instant(each) for each in span(value)))
    return Period()


def _instant(microseconds: int) -> datetime | None:
    """An end of the date; open where it lies outside the years that have a date."""
    try:
        return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    except (OverflowError, ValueError):
        return None


def _within(at: str, expression: str | None) -> str | None:
    return f"{at}.{expression}" if at and expression else expression or at or None
