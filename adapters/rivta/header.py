"""The access header of a record: what is asked about it before its body is read.

Source: rivta.md §2.1 (PatientSummaryHeader), §2.2 (JoL header; a consumer may use nothing but the
access header before access is judged), §2.4 (times).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from adapters.document import AccessHeader, Note, Tree, WrittenIdentity
from adapters.rivta.contracts import Contract, HeaderForm
from mappings import local_time
from mappings.paths import Value, child, leaf

MISSING = frozenset({"0", "N/A"})
Report = Callable[[Note], None]


def read_header(
    header: Tree | None, contract: Contract, place: str, report: Report
) -> AccessHeader:
    """Return the access header from the tree of a record's header; what is odd is reported."""
    if header is None:
        report(
            Note(
                "warning",
                "no-header",
                place,
                "the record has no header: nothing is known of its person, owner or unit",
            )
        )
        return AccessHeader("", WrittenIdentity(""), contract.info_type, None, not_for_patient=True)
    if contract.form is HeaderForm.OBSERVATION_GROUP:
        return _observation(header, contract, place, report)
    if contract.form is HeaderForm.JOL:
        return _jol(header, contract, place, report)
    return _patient_summary(header, contract, place, report)


def _patient_summary(header: Tree, contract: Contract, place: str, report: Report) -> AccessHeader:
    author = header.get("accountableHealthcareProfessional")
    patient = header.get("patientId")
    where = f"{place}/{contract.header}"
    start, end = _span(_agreed(author, "authorTime"), where, "authorTime", report)
    _tell_repeated(header, _ASKED, where, report)
    _tell_repeated(author, _ASKED_OF_AUTHOR, where, report)
    return AccessHeader(
        record_id=_agreed(header, "documentId") or "",
        person=WrittenIdentity(_agreed(patient, "id") or "", _known(leaf(patient, "type"))),
        info_type=contract.info_type,
        owner=_known(_agreed(author, "healthcareProfessionalCareGiverHSAId")),
        unit=_known(_agreed(author, "healthcareProfessionalCareUnitHSAId")),
        source_system=_known(_agreed(header, "sourceSystemHSAId")),
        date_from=start,
        date_to=end,
        not_for_patient=_not_for_patient(header, where, report),
        nullified=_nullified(header, where, report),
    )


_ASKED = ("documentId", "sourceSystemHSAId", "approvedForPatient")
_ASKED_OF_AUTHOR = (
    "authorTime",
    "healthcareProfessionalCareGiverHSAId",
    "healthcareProfessionalCareUnitHSAId",
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


def _tell_repeated(node: Value | None, names: Sequence[str], where: str, report: Report) -> None:
    for name in names:
        found = node.get(name) if isinstance(node, dict) else None
        if isinstance(found, list) and len({leaf(each) for each in found} - {None}) > 1:
            text = "the element is repeated with different values: it counts as missing"
            report(Note("warning", "contradictory", f"{where}/{name}", text))


def _jol(header: Tree, contract: Contract, place: str, report: Report) -> AccessHeader:
    access = header.get("accessControlHeader")
    if not isinstance(access, dict):
        access = Tree()
    # A laboratory may state only the identity that the sample was first taken under.
    original = access.get("originalPatientId")
    patient = access.get("patientId") or original
    where = f"{place}/{contract.header}/accessControlHeader"
    start, end = _span(_agreed(access, "blockComparisonTime"), where, "blockComparisonTime", report)
    record = header.get("record")
    return AccessHeader(
        record_id=_whole_id(record.get("id") if isinstance(record, dict) else None),
        person=WrittenIdentity(_agreed(patient, "extension") or "", _known(leaf(patient, "root"))),
        info_type=contract.info_type,
        owner=_id(access.get("accountableHealthcareProvider"))
        or _id(access.get("accountableCareGiver")),
        unit=_id(access.get("accountableCareUnit")),
        process=_id(access.get("careProcessId")),
        source_system=_id(header.get("sourceSystemId")),
        date_from=start,
        date_to=end,
        not_for_patient=_not_for_patient(access, where, report),
        nullified=_nullified(header, f"{place}/{contract.header}", report),
        former=_former(original) if access.get("patientId") else None,
    )


def _former(original: Value | None) -> WrittenIdentity | None:
    """Return the identity that the record was first stored under, where the source states it."""
    number = _known(leaf(original, "extension"))
    return None if number is None else WrittenIdentity(number, _known(leaf(original, "root")))


def _observation(group: Tree, contract: Contract, place: str, report: Report) -> AccessHeader:
    """Return the header of one observation in its group (rivta.md §4.12): approval is its own."""
    one = group.get("observation")
    own = one if isinstance(one, dict) else Tree()
    role = group.get("performerRole")
    unit = role.get("careUnit") if isinstance(role, dict) else None
    giver = unit.get("careGiver") if isinstance(unit, dict) else None
    patient = child(group.get("patient"), "id")
    time = child(own, "time")
    written = _partial(child(time, "start")) or _partial(child(time, "end"))
    start, end = _span(written, place, "observation/time", report)
    return AccessHeader(
        record_id=_whole_id(own.get("id")),
        person=WrittenIdentity(leaf(patient, "extension") or "", _known(leaf(patient, "root"))),
        info_type=contract.info_type,
        owner=_id(child(giver, "id")),
        unit=_id(child(unit, "id")),
        process=_known(leaf(group, "careProcessId")),
        source_system=_id(child(group.get("sourceSystem"), "id")),
        date_from=start,
        date_to=end,
        not_for_patient=_not_for_patient(own, place, report),
    )


def _partial(node: Value | None) -> str | None:
    """Return the text of a partial time, which has it in `value` or directly."""
    return leaf(node, "value") or leaf(node)


def _not_for_patient(header: Tree, where: str, report: Report) -> bool:
    written = _agreed(header, "approvedForPatient")
    if written in {"true", "1"}:
        return False
    if written not in {"false", "0"}:
        report(
            Note(
                "warning",
                "no-approval",
                f"{where}/approvedForPatient",
                "the record does not say whether the patient may see it: it is kept from the "
                "patient's own view",
            )
        )
    return True


def _nullified(header: Tree, where: str, report: Report) -> bool:
    """Tell whether any mark says so; one that is neither true nor false restricts."""
    found = header.get("nullified")
    marks = {leaf(each) for each in found} if isinstance(found, list) else {leaf(found)}
    if marks - {"true", "1", "false", "0", None}:
        text = "the mark is neither true nor false: the record counts as nullified"
        report(Note("warning", "unknown-mark", f"{where}/nullified", text))
        return True
    return not marks.isdisjoint({"true", "1"})


def _span(
    text: str | None, where: str, name: str, report: Report
) -> tuple[datetime | None, datetime | None]:
    moment = local_time.read(text or "")
    if moment is None:
        report(
            Note(
                "warning",
                "no-information-time",
                f"{where}/{name}",
                "the record's time is missing or no time that exists: it counts as any time "
                "when a block has dates",
            )
        )
        return None, None
    if moment.problem is not None:
        report(Note("warning", moment.problem, f"{where}/{name}", local_time.TEXTS[moment.problem]))
    return moment.start, moment.end


def _known(text: str | None) -> str | None:
    return None if text in MISSING else text


def _id(node: Value | None) -> str | None:
    """Return an II as one id: its extension, or the root when that is the whole id."""
    return _known(_agreed(node, "extension")) or _known(_agreed(node, "root"))


def _whole_id(node: Value | None) -> str:
    """Return a record's own id: root alone equals the documentId of the contract's version 2."""
    root, extension = leaf(node, "root"), leaf(node, "extension")
    return "/".join(part for part in (root, extension) if part)
