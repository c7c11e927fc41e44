"""Identifiers, and logical references to persons and organisations by identifier and name.

Source: rivta.md §2.3, §2.4 (II), §3 (HSA-id: RIV-TA and HL7 Sweden differ; HL7 Sweden's is stated).
"""

import re
from typing import TYPE_CHECKING

from mappings.code_systems import oids
from mappings.paths import Value, child, leaf
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean

if TYPE_CHECKING:
    from mappings.engine import Frame

HSA = "urn:oid:1.2.752.29.4.19"
URI = "urn:ietf:rfc:3986"
NOTHING = frozenset({"0", "N/A", "-"})

_HSA_ID = re.compile(r"SE\d{10}-[0-9A-Z]{1,20}", re.IGNORECASE)
_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.(?:0|[1-9]\d*)){2,})")
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)


def hsa_identifier(written: str | None, frame: "Frame") -> dict[str, object] | None:
    """Return the Identifier of what stands in an HSA-id field; a local id is the source's own."""
    if written is None or written in NOTHING:
        return None
    if _HSA_ID.fullmatch(written):
        return {"system": HSA, "value": written.upper()}
    return {"system": frame.context.identifier_system, "value": clean(written)}


def ii_identifier(value: Value, frame: "Frame") -> dict[str, object] | None:
    """Return the Identifier of an II: root and extension, or a root that is the whole id."""
    if isinstance(value, str):
        root, extension = leaf(value), None
    else:
        root, extension = leaf(value, "root"), leaf(value, "extension")
    return identified(root, extension, frame)


def identified(root: str | None, extension: str | None, frame: "Frame") -> dict[str, object] | None:
    """Return the Identifier of an II's root and extension."""
    if root in NOTHING:
        root = None
    if extension in NOTHING:
        extension = None
    if root is None and extension is None:
        return None
    known = oids().get(root or "")
    if known is not None and extension is not None:
        return _of_system(known.uri or f"urn:oid:{root}", extension, frame)
    local = frame.context.identifier_system
    oid = _OID.fullmatch(root or "")
    if extension is None and root is not None:
        uuid = _UUID.fullmatch(root)
        if uuid is not None:
            return {"system": URI, "value": f"urn:uuid:{uuid[1].lower()}"}
        if oid is not None:
            return {"system": URI, "value": f"urn:oid:{oid[1]}"}
        return {"system": local, "value": clean(root)}
    if root is None or extension is None:
        return {"system": local, "value": clean(extension or "")}
    if oid is None:
        return {"system": local, "value": clean(f"{root}/{extension}")}
    known = oids().get(oid[1])
    system = f"urn:oid:{oid[1]}" if known is None or not known.uri else known.uri
    return _of_system(system, extension, frame)


def _of_system(system: str, extension: str, frame: "Frame") -> dict[str, object] | None:
    if system == HSA:
        return hsa_identifier(extension, frame)
    return {"system": system, "value": clean(extension)}


@transform("identifier", takes=("", "root", "extension"))
def identifier() -> Transform:
    """An Identifier from an II, by the OID table."""
    return ii_identifier


@transform("record_identifier", takes=("", "root", "extension"))
def record_identifier() -> Transform:
    """An Identifier that is unique within the source system: a document's or a contact's id."""

    def convert(value: Value, frame: "Frame") -> object | None:
        text = leaf(value) if isinstance(value, str) else record_key(value)
        if text is None:
            return None
        return {"system": frame.context.identifier_system, "value": clean(text)}

    return convert


def record_key(value: Value | None) -> str | None:
    """Return a record's own id: the same for documentId (2.x) and record.id (3.x)."""
    if isinstance(value, str):
        return leaf(value)
    root, extension = leaf(value, "root"), leaf(value, "extension")
    return "/".join(part for part in (root, extension) if part) or None


@transform("record_reference", takes=("", "root", "extension"))
def record_reference(*, type: str) -> Transform:  # noqa: A002 - FHIR's own name
    """A logical reference to a record of the source system, by its id there."""
    own = record_identifier()

    def convert(value: Value, frame: "Frame") -> object | None:
        found = own(value, frame)
        return None if found is None else {"type": type, "identifier": found}

    return convert


@transform("record_link", takes=("",))
def record_link(
    *,
    to: str,
    type: str,  # noqa: A002 - FHIR's own name
    only: list[str] | None = None,
    many: bool = False,
) -> Transform:
    """A reference to what another record of the delivery became; logical where it is not there.

    `to` is the kind of record (decision) or the name of a resource with a key (goal); `only` picks
    resources by name, and `many` gives all of them.
    """
    logical = record_reference(type=type)

    def convert(value: Value, frame: "Frame") -> object | None:
        key = leaf(value) if isinstance(value, str) else None
        written = logical(value, frame)
        if key is None or not isinstance(written, dict):
            return written
        found = [
            {"reference": reference, **written}
            for name, reference in frame.context.links(to, key)
            if reference.startswith(f"{type}/") and (only is None or name in only)
        ]
        if many:
            return found or [written]
        return found[0] if found else written

    return convert


@transform("identifier_reference", takes=("", "root", "extension"))
def identifier_reference(*, type: str | None = None) -> Transform:  # noqa: A002 - FHIR's own name
    """A logical reference by an II."""

    def convert(value: Value, frame: "Frame") -> object | None:
        found = ii_identifier(value, frame)
        if found is None:
            return None
        return {"identifier": found} if type is None else {"type": type, "identifier": found}

    return convert


@transform("hsa_reference", takes=("", "root", "extension"))
def hsa_reference(*, type: str = "Organization") -> Transform:  # noqa: A002 - FHIR's own name
    """A logical reference to an organisation (or another type) by its HSA-id."""

    def convert(value: Value, frame: "Frame") -> object | None:
        if isinstance(value, str):
            found = hsa_identifier(leaf(value), frame)
        else:
            found = ii_identifier(value, frame)
        return None if found is None else {"type": type, "identifier": found}

    return convert


def named(found: dict[str, object] | None, name: str | None, kind: str) -> dict[str, object] | None:
    """Return a logical reference by identifier and name; None where there is neither."""
    if found is None and name is None:
        return None
    made: dict[str, object] = {"type": kind}
    if found is not None:
        made["identifier"] = found
    if name is not None:
        made["display"] = clean(name)
    return made


@transform(
    "professional",
    takes=(
        "healthcareProfessionalHSAId",
        "healthcareProfessionalName",
        "legalAuthenticatorHSAId",
        "legalAuthenticatorName",
        "id/root",
        "id/extension",
        "name",
    ),
)
def professional() -> Transform:
    """A logical reference to a Practitioner by HSA-id and name, in any of the header's forms."""

    def convert(value: Value, frame: "Frame") -> object | None:
        written = leaf(value, "healthcareProfessionalHSAId") or leaf(
            value, "legalAuthenticatorHSAId"
        )
        name = leaf(value, "healthcareProfessionalName") or leaf(value, "legalAuthenticatorName")
        found = hsa_identifier(written, frame)
        if isinstance(value, dict):
            own = value.get("id")
            if found is None and own is not None:
                found = ii_identifier(own, frame)
            name = name or leaf(value, "name")
        return named(found, name, "Practitioner")

    return convert


@transform("org_unit", takes=("orgUnitHSAId", "orgUnitName"))
def org_unit() -> Transform:
    """A logical reference to an Organization by HSA-id and name."""

    def convert(value: Value, frame: "Frame") -> object | None:
        found = hsa_identifier(leaf(value, "orgUnitHSAId"), frame)
        return named(found, leaf(value, "orgUnitName"), "Organization")

    return convert


@transform(
    "opinion_author",
    takes=("personName", "personId/id", "personId/type", "personId/root", "personId/extension"),
)
def opinion_author() -> Transform:
    """A logical reference to the person who differs in opinion: number by its OID, and name."""

    def convert(value: Value, frame: "Frame") -> object | None:
        person = child(value, "personId")
        number = leaf(person, "id") or leaf(person, "extension")
        kind = leaf(person, "type") or leaf(person, "root")
        found = None
        if number is not None:
            found = ii_identifier({"root": kind or "", "extension": number}, frame)
        name = leaf(value, "personName")
        made = named(found, name, "Patient")
        if made is not None:
            # The opinion may be the patient's or a relative's: the source does not say which.
            del made["type"]
        return made

    return convert
