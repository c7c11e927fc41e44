"""The contract versions that are read, in one table: a new contract is a new row and a new table.

Source: rivta.md §1 (namespaces, held schemas, headers) and its spelling traps. The wrapper and its
direct children are in the responder namespace; a message is matched on namespace and local name.
"""

from dataclasses import dataclass
from enum import Enum


class HeaderForm(Enum):
    """The two forms of header: PatientSummaryHeader, and the one of JoL's contracts."""

    PATIENT_SUMMARY = "PatientSummaryHeader"
    JOL = "JoL"


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract version: how its answer is known, its records and header, and its table."""

    name: str
    namespace: str
    operation: str
    record: str
    header: str
    form: HeaderForm
    info_type: str
    table: str

    @property
    def answer(self) -> str:
        """Return the local name of the answer's root."""
        return f"{self.operation}Response"


_DESCRIPTION = "urn:riv:clinicalprocess:healthcond:description:"
_ACTIVITY = "urn:riv:clinicalprocess:activityprescription:actoutcome:"
_LOGISTICS = "urn:riv:clinicalprocess:logistics:logistics:"

CONTRACTS = (
    Contract(
        name="GetCareDocumentation 2.1",
        namespace=f"{_DESCRIPTION}GetCareDocumentationResponder:2",
        operation="GetCareDocumentation",
        record="careDocumentation",
        header="careDocumentationHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="note",
        table="rivta/get_care_documentation_2",
    ),
    Contract(
        name="GetCareDocumentation 3.0",
        namespace=f"{_DESCRIPTION}GetCareDocumentationResponder:3",
        operation="GetCareDocumentation",
        record="careDocumentation",
        header="header",
        form=HeaderForm.JOL,
        info_type="note",
        table="rivta/get_care_documentation_3",
    ),
    Contract(
        name="GetDiagnosis 2.0",
        namespace=f"{_DESCRIPTION}GetDiagnosisResponder:2",
        operation="GetDiagnosis",
        record="diagnosis",
        header="diagnosisHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="diagnosis",
        table="rivta/get_diagnosis_2",
    ),
    Contract(
        name="GetMedicationHistory 2.2",
        namespace=f"{_ACTIVITY}GetMedicationHistoryResponder:2",
        operation="GetMedicationHistory",
        record="medicationMedicalRecord",
        header="medicationMedicalRecordHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="medication",
        table="rivta/get_medication_history_2",
    ),
    Contract(
        name="GetCarePlans 2.0",
        namespace=f"{_LOGISTICS}GetCarePlansResponder:2",
        operation="GetCarePlans",
        record="carePlan",
        header="carePlanHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="careplan",
        table="rivta/get_care_plans_2",
    ),
)

BY_ANSWER = {(each.namespace, each.answer): each for each in CONTRACTS}
BY_REQUEST = {(each.namespace, each.operation): each for each in CONTRACTS}

# Names that schemas, contract descriptions and systems spell in more than one way -> one of them.
SPELLINGS = {
    "sourceSystemHSAid": "sourceSystemHSAId",
    "careUnitHSAid": "careUnitHSAId",
    "careGiverHSAid": "careGiverHSAId",
    "healthcareProfessionalcareUnitHSAId": "healthcareProfessionalCareUnitHSAId",
    "healthcareProfessionalcareGiverHSAId": "healthcareProfessionalCareGiverHSAId",
    "healthcareProfessionalCareUnitHSAid": "healthcareProfessionalCareUnitHSAId",
    "healthcareProfessionalCareGiverHSAid": "healthcareProfessionalCareGiverHSAId",
    "accountableHealthCareProfessional": "accountableHealthcareProfessional",
    "dissentintOpinion": "dissentingOpinion",
    "burnedInaAnnotations": "burnedInAnnotations",
}
