"""What a record's header says, as texts: the same for each of the forms of header.

Source: rivta.md §2.1 (PatientSummaryHeader), §2.2 (JoL header), §4.12 (observations).
"""

from typing import NamedTuple

from adapters.document import Tree
from adapters.rivta.contracts import Contract, HeaderForm
from mappings.paths import Value, child, leaf

MISSING = frozenset({"0", "N/A"})


class HeaderTexts(NamedTuple):
    """What a header says, as it is written: texts, of which no time or mark is understood yet.

    `marks` are the texts of its elements `nullified`.
    """

    record_id: str
    number: str
    kind: str | None
    owner: str | None
    unit: str | None
    process: str | None
    source_system: str | None
    time: str | None
    approved: str | None
    marks: tuple[str | None, ...] = ()
    former: str | None = None
    former_kind: str | None = None


def header_texts(header: Tree, contract: Contract) -> HeaderTexts:
    """Return what the tree of a record's header says."""
    if contract.form is HeaderForm.OBSERVATION_GROUP:
        return _observation(header)
    if contract.form is HeaderForm.JOL:
        return _jol(header)
    return _patient_summary(header)


def _patient_summary(header: Tree) -> HeaderTexts:
    author = header.get("accountableHealthcareProfessional")
    patient = header.get("patientId")
    return HeaderTexts(
        record_id=_agreed(header, "documentId") or "",
        number=_agreed(patient, "id") or "",
        kind=_known(leaf(patient, "type")),
        owner=_known(_agreed(author, "healthcareProfessionalCareGiverHSAId")),
        unit=_known(_agreed(author, "healthcareProfessionalCareUnitHSAId")),
        process=None,
        source_system=_known(_agreed(header, "sourceSystemHSAId")),
        time=_agreed(author, "authorTime"),
        approved=_agreed(header, "approvedForPatient"),
        marks=_marks(header),
    )


def _agreed(node: Value | None, name: str) -> str | None:
    """Return the text of a child; None where it is repeated and says different things.

    Another system's extension may have the name of one of the contract's own: which of them is
    true nobody here can tell, and access is not judged by the one that happens to stand first.
    """
    found = node.get(name) if isinstance(node, dict) else None
    if not isinstance(found, list):
        return leaf(found)
    texts = {leaf(each) for each in found} - {None}
    return texts.pop() if len(texts) == 1 else None


def _jol(header: Tree) -> HeaderTexts:
    access = header.get("accessControlHeader")
    if not isinstance(access, dict):
        access = Tree()
    # A laboratory may state only the identity that the sample was first taken under.
    original = access.get("originalPatientId")
    patient = access.get("patientId") or original
    record = header.get("record")
    former = _known(leaf(original, "extension")) if access.get("patientId") else None
    return HeaderTexts(
        record_id=_whole_id(record.get("id") if isinstance(record, dict) else None),
        number=_agreed(patient, "extension") or "",
        kind=_known(leaf(patient, "root")),
        owner=_id(access.get("accountableHealthcareProvider"))
        or _id(access.get("accountableCareGiver")),
        unit=_id(access.get("accountableCareUnit")),
        process=_id(access.get("careProcessId")),
        source_system=_id(header.get("sourceSystemId")),
        time=_agreed(access, "blockComparisonTime"),
        approved=_agreed(access, "approvedForPatient"),
        marks=_marks(header),
        former=former,
        former_kind=None if former is None else _known(leaf(original, "root")),
    )


def _observation(group: Tree) -> HeaderTexts:
    """Return the header of one observation in its group (rivta.md §4.12): approval is its own."""
    one = group.get("observation")
    own = one if isinstance(one, dict) else Tree()
    role = group.get("performerRole")
    unit = role.get("careUnit") if isinstance(role, dict) else None
    giver = unit.get("careGiver") if isinstance(unit, dict) else None
    patient = child(group.get("patient"), "id")
    time = child(own, "time")
    return HeaderTexts(
        record_id=_whole_id(own.get("id")),
        number=leaf(patient, "extension") or "",
        kind=_known(leaf(patient, "root")),
        owner=_id(child(giver, "id")),
        unit=_id(child(unit, "id")),
        process=_known(leaf(group, "careProcessId")),
        source_system=_id(child(group.get("sourceSystem"), "id")),
        time=_partial(child(time, "start")) or _partial(child(time, "end")),
        approved=_agreed(own, "approvedForPatient"),
    )


def _partial(node: Value | None) -> str | None:
    """Return the text of a partial time, which has it in `value` or directly."""
    return leaf(node, "value") or leaf(node)


def _marks(header: Tree) -> tuple[str | None, ...]:
    found = header.get("nullified")
    if found is None:
        return ()
    return tuple(leaf(each) for each in found) if isinstance(found, list) else (leaf(found),)


def _known(text: str | None) -> str | None:
    return None if text in MISSING else text


def _id(node: Value | None) -> str | None:
    """Return an II as one id: its extension, or the root when that is the whole id."""
    return _known(_agreed(node, "extension")) or _known(_agreed(node, "root"))


def _whole_id(node: Value | None) -> str:
    """Return a record's own id: root alone equals the documentId of the contract's version 2."""
    root, extension = leaf(node, "root"), leaf(node, "extension")
    return "/".join(part for part in (root, extension) if part)
