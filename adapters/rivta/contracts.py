"""The contract versions that are read, in one table: a new contract is a new row and a new table.

Source: rivta.md §1 (namespaces, held schemas, headers) and its spelling traps. The wrapper and its
direct children are in the responder namespace; a message is matched on namespace and local name.
"""

from dataclasses import dataclass
from enum import Enum


class HeaderForm(Enum):
    """The forms of header: PatientSummaryHeader, JoL's, and the group of observations."""

    PATIENT_SUMMARY = "PatientSummaryHeader"
    JOL = "JoL"
    OBSERVATION_GROUP = "observationGroup"


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
    regime_from: str = ""  # where the body says under which act it is, when it is not HSL

    @property
    def answer(self) -> str:
        """Return the local name of the answer's root."""
        return f"{self.operation}Response"


_DESCRIPTION = "urn:riv:clinicalprocess:healthcond:description:"
_ACTIVITY = "urn:riv:clinicalprocess:activityprescription:actoutcome:"
_LOGISTICS = "urn:riv:clinicalprocess:logistics:logistics:"
_OUTCOME = "urn:riv:clinicalprocess:healthcond:actoutcome:"
_BASIC = "urn:riv:clinicalprocess:healthcond:basic:"

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
    Contract(
        name="GetAlertInformation 2.0",
        namespace=f"{_DESCRIPTION}GetAlertInformationResponder:2",
        operation="GetAlertInformation",
        record="alertInformation",
        header="alertInformationHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="alert",
        table="rivta/get_alert_information_2",
    ),
    Contract(
        name="GetFunctionalStatus 2.0",
        namespace=f"{_DESCRIPTION}GetFunctionalStatusResponder:2",
        operation="GetFunctionalStatus",
        record="functionalStatusAssessment",
        header="functionalStatusAssessmentHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="functional_status",
        table="rivta/get_functional_status_2",
    ),
    Contract(
        name="GetVaccinationHistory 2.0",
        namespace=f"{_ACTIVITY}GetVaccinationHistoryResponder:2",
        operation="GetVaccinationHistory",
        record="vaccinationMedicalRecord",
        header="vaccinationMedicalRecordHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="vaccination",
        table="rivta/get_vaccination_history_2",
    ),
    Contract(
        name="GetCareContacts 2.0",
        namespace=f"{_LOGISTICS}GetCareContactsResponder:2",
        operation="GetCareContacts",
        record="careContact",
        header="careContactHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="contact",
        table="rivta/get_care_contacts_2",
    ),
    Contract(
        name="GetCareContacts 3.0",
        namespace=f"{_LOGISTICS}GetCareContactsResponder:3",
        operation="GetCareContacts",
        record="careContact",
        header="careContactHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="contact",
        table="rivta/get_care_contacts_3",
    ),
    Contract(
        name="GetCareServices 2.0",
        namespace=f"{_LOGISTICS}GetCareServicesResponder:2",
        operation="GetCareServices",
        record="careService",
        header="careServiceHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="decision",
        table="rivta/get_care_services_2",
        regime_from="careServiceBody/typeOfCareService",
    ),
    Contract(
        name="GetReferralOutcome 3.2",
        namespace=f"{_OUTCOME}GetReferralOutcomeResponder:3",
        operation="GetReferralOutcome",
        record="referralOutcome",
        header="referralOutcomeHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="referral",
        table="rivta/get_referral_outcome_3",
    ),
    Contract(
        name="GetLaboratoryOrderOutcome 3.1",
        namespace=f"{_OUTCOME}GetLaboratoryOrderOutcomeResponder:3",
        operation="GetLaboratoryOrderOutcome",
        record="laboratoryOrderOutcome",
        header="laboratoryOrderOutcomeHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="lab",
        table="rivta/get_laboratory_order_outcome_3",
    ),
    Contract(
        name="GetLaboratoryOrderOutcome 4.2",
        namespace=f"{_OUTCOME}GetLaboratoryOrderOutcomeResponder:4",
        operation="GetLaboratoryOrderOutcome",
        record="laboratoryOrderOutcome",
        header="header",
        form=HeaderForm.JOL,
        info_type="lab",
        table="rivta/get_laboratory_order_outcome_4",
    ),
    Contract(
        name="GetImagingOutcome 1.0",
        namespace=f"{_OUTCOME}GetImagingOutcomeResponder:1",
        operation="GetImagingOutcome",
        record="imagingOutcome",
        header="imagingOutcomeHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="imaging",
        table="rivta/get_imaging_outcome_1",
    ),
    Contract(
        name="GetMaternityMedicalHistory 2.0",
        namespace=f"{_OUTCOME}GetMaternityMedicalHistoryResponder:2",
        operation="GetMaternityMedicalHistory",
        record="maternityMedicalRecord",
        header="maternityMedicalRecordHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="observation",
        table="rivta/get_maternity_medical_history_2",
    ),
    Contract(
        name="GetMaternityMedicalHistory 3.0",
        namespace=f"{_OUTCOME}GetMaternityMedicalHistoryResponder:3",
        operation="GetMaternityMedicalHistory",
        record="maternityMedicalRecord",
        header="maternityMedicalRecordHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="observation",
        table="rivta/get_maternity_medical_history_3",
    ),
    Contract(
        name="GetECGOutcome 1.0",
        namespace=f"{_OUTCOME}GetECGOutcomeResponder:1",
        operation="GetECGOutcome",
        record="ecgOutcome",
        header="ecgOutcomeHeader",
        form=HeaderForm.PATIENT_SUMMARY,
        info_type="observation",
        table="rivta/get_ecg_outcome_1",
    ),
    Contract(
        name="GetObservations 1.0",
        namespace=f"{_BASIC}GetObservationsResponder:1",
        operation="GetObservations",
        record="observationGroup",
        header="",
        form=HeaderForm.OBSERVATION_GROUP,
        info_type="observation",
        table="rivta/get_observations_1",
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
