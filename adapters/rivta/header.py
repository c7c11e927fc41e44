"""The access header of a record: what is asked about it before its body is read.

Source: rivta.md §2.1 (PatientSummaryHeader), §2.2 (JoL header; a consumer may use nothing but the
access header before access is judged), §2.4 (times).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from adapters.document import AccessHeader, Note, Tree, WrittenIdentity
from adapters.rivta.contracts import Contract, HeaderForm
from adapters.rivta.header_texts import HeaderTexts, header_texts
from mappings import local_time
from mappings.paths import Value, leaf

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
    if contract.form is HeaderForm.PATIENT_SUMMARY:
        author = header.get("accountableHealthcareProfessional")
        where = f"{place}/{contract.header}"
        _tell_repeated(header, _ASKED, where, report)
        _tell_repeated(author, _ASKED_OF_AUTHOR, where, report)
    return understood(header_texts(header, contract), contract, place, report)


def understood(texts: HeaderTexts, contract: Contract, place: str, report: Report) -> AccessHeader:
    """Return the access header that these texts make; what is odd is reported."""
    where, access, time = _PLACES[contract.form](place, contract.header)
    start, end = _span(texts.time, f"{access}/{time}", report)
    return AccessHeader(
        record_id=texts.record_id,
        person=WrittenIdentity(texts.number, texts.kind),
        info_type=contract.info_type,
        owner=texts.owner,
        unit=texts.unit,
        process=texts.process,
        source_system=texts.source_system,
        date_from=start,
        date_to=end,
        not_for_patient=_not_for_patient(texts.approved, access, report),
        nullified=bool(texts.marks) and _nullified(texts.marks, where, report),
        former=None if texts.former is None else WrittenIdentity(texts.former, texts.former_kind),
    )


_PLACES: dict[HeaderForm, Callable[[str, str], tuple[str, str, str]]] = {
    HeaderForm.PATIENT_SUMMARY: lambda place, header: (
        f"{place}/{header}",
        f"{place}/{header}",
        "authorTime",
    ),
    HeaderForm.JOL: lambda place, header: (
        f"{place}/{header}",
        f"{place}/{header}/accessControlHeader",
        "blockComparisonTime",
    ),
    HeaderForm.OBSERVATION_GROUP: lambda place, _header: (place, place, "observation/time"),
}
"""Where a header says that it is nullified, and where its time and approval stand."""


_ASKED = ("documentId", "sourceSystemHSAId", "approvedForPatient")
_ASKED_OF_AUTHOR = (
    "authorTime",
    "healthcareProfessionalCareGiverHSAId",
    "healthcareProfessionalCareUnitHSAId",
)


def _tell_repeated(node: Value | None, names: Sequence[str], where: str, report: Report) -> None:
    for name in names:
        found = node.get(name) if isinstance(node, dict) else None
        if isinstance(found, list) and len({leaf(each) for each in found} - {None}) > 1:
            text = "the element is repeated with different values: it counts as missing"
            report(Note("warning", "contradictory", f"{where}/{name}", text))


def _not_for_patient(written: str | None, where: str, report: Report) -> bool:
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


def _nullified(marks: Sequence[str | None], where: str, report: Report) -> bool:
    """Tell whether any mark says so; one that is neither true nor false restricts."""
    if set(marks) - {"true", "1", "false", "0", None}:
        text = "the mark is neither true nor false: the record counts as nullified"
        report(Note("warning", "unknown-mark", f"{where}/nullified", text))
        return True
    return "true" in marks or "1" in marks


def _span(text: str | None, where: str, report: Report) -> tuple[datetime | None, datetime | None]:
    moment = local_time.read(text or "")
    if moment is None:
        report(
            Note(
                "warning",
                "no-information-time",
                where,
                "the record's time is missing or no time that exists: it counts as any time "
                "when a block has dates",
            )
        )
        return None, None
    if moment.problem is not None:
        report(Note("warning", moment.problem, where, local_time.TEXTS[moment.problem]))
    return moment.start, moment.end
