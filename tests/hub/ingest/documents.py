"""Source documents as the tests need them: RIV-TA answers and a SoL export, of invented persons."""

from collections.abc import Sequence
from dataclasses import dataclass

SIGNE, AINA, BO = "194203172384", "193808252385", "196605122396"
NAMES = ("Signe", "Norrby", "Kvarnstigen", "Ylva Testgren")
REGION, OTHER_REGION, CLINIC = "SE2329999990-0001", "SE2329999980-0001", "SE5599999988-0001"
KOMMUN, NAMND = "SE2329999999-0001", "SE2329999999-NAMND"
WARD, EMERGENCY, OFFICE = "SE2329999990-1001", "SE2329999980-1001", "SE2329999999-1001"
SYSTEM = "SE2329999990-E001"
PERSONNUMMER = "1.2.752.129.2.1.3.1"
_DESCRIPTION = "urn:riv:clinicalprocess:healthcond:description:"


@dataclass(frozen=True, slots=True)
class Doc:
    """One record of an answer; an id that is None is left out."""

    id: str = "D-1"
    text: str = "Hypertoni"
    person: str = SIGNE
    owner: str | None = REGION
    unit: str | None = WARD
    time: str = "20260119113000"
    approved: str = "true"
    nullified: bool = False
    extra: str = ""


def _header(doc: Doc, name: str) -> str:
    unit, owner = (
        ""
        if value is None
        else f"<d:healthcareProfessional{what}HSAId>{value}</d:healthcareProfessional{what}HSAId>"
        for what, value in (("CareUnit", doc.unit), ("CareGiver", doc.owner))
    )
    null = "<d:nullified>true</d:nullified>" if doc.nullified else ""
    return f"""<d:{name}><d:documentId>{doc.id}</d:documentId>
      <d:sourceSystemHSAId>{SYSTEM}</d:sourceSystemHSAId>
      <d:patientId><d:id>{doc.person}</d:id><d:type>{PERSONNUMMER}</d:type></d:patientId>
      <d:accountableHealthcareProfessional><d:authorTime>{doc.time}</d:authorTime>
        <d:healthcareProfessionalName>Ylva Testgren</d:healthcareProfessionalName>
        <d:healthcareProfessionalOrgUnit><d:orgUnitHSAId>{WARD}</d:orgUnitHSAId>
          <d:orgUnitName>Avdelning Kvarn</d:orgUnitName>
          <d:orgUnitTelecom>010-9876543</d:orgUnitTelecom>
          <d:orgUnitAddress>Kvarnstigen 8</d:orgUnitAddress></d:healthcareProfessionalOrgUnit>
        {unit}{owner}</d:accountableHealthcareProfessional>
      <d:approvedForPatient>{doc.approved}</d:approvedForPatient>{null}</d:{name}>"""


def diagnoses(*docs: Doc, has_more: bool = False, head: str = "") -> bytes:
    """An answer to GetDiagnosis 2.0; `head` goes into the SOAP header."""
    records = "".join(
        f"""<r:diagnosis>{_header(doc, "diagnosisHeader")}
        <d:diagnosisBody><d:typeOfDiagnosis>Huvuddiagnos</d:typeOfDiagnosis>
          <d:diagnosisTime>{doc.time}</d:diagnosisTime>
          <d:diagnosisCode><d:code>I10.9</d:code>
            <d:codeSystem>1.2.752.116.1.1.1.1.3</d:codeSystem>
            <d:displayName>{doc.text}</d:displayName></d:diagnosisCode>{doc.extra}
        </d:diagnosisBody></r:diagnosis>"""
        for doc in docs
    )
    more = "<r:hasMore><d:logicalAddress>A</d:logicalAddress></r:hasMore>" if has_more else ""
    return _answer("GetDiagnosis", 2, records + more, head)


def notes_2(*docs: Doc) -> bytes:
    """An answer to GetCareDocumentation 2.1."""
    records = "".join(
        f"""<r:careDocumentation>{_header(doc, "careDocumentationHeader")}
        <d:careDocumentationBody><d:clinicalDocumentNote>
          <d:clinicalDocumentNoteCode>bes</d:clinicalDocumentNoteCode>
          <d:clinicalDocumentNoteText>{doc.text}</d:clinicalDocumentNoteText>{doc.extra}
        </d:clinicalDocumentNote></d:careDocumentationBody></r:careDocumentation>"""
        for doc in docs
    )
    return _answer("GetCareDocumentation", 2, records)


def _ii(name: str, root: str, extension: str | None) -> str:
    if extension is None:
        return ""
    return f"<d:{name}><d:root>{root}</d:root><d:extension>{extension}</d:extension></d:{name}>"


def notes_3(*docs: Doc) -> bytes:
    """An answer to GetCareDocumentation 3.0: the same record has the same id as in 2.1."""
    hsa = "1.2.752.129.2.1.4.1"
    records = "".join(
        f"""<r:careDocumentation><d:header><d:accessControlHeader>
          {_ii("accountableHealthcareProvider", hsa, doc.owner)}
          {_ii("accountableCareUnit", hsa, doc.unit)}
          {_ii("patientId", PERSONNUMMER, doc.person)}
          <d:blockComparisonTime>{doc.time}</d:blockComparisonTime>
          <d:approvedForPatient>{doc.approved}</d:approvedForPatient></d:accessControlHeader>
          {_ii("sourceSystemId", hsa, SYSTEM)}
          <d:record><d:id><d:root>{doc.id}</d:root></d:id>
            <d:timestamp>{doc.time}</d:timestamp></d:record></d:header>
        <d:body><d:clinicalDocumentNoteCode><d:code>bes</d:code>
            <d:codeSystem>1.2.752.129.2.2.2.11</d:codeSystem></d:clinicalDocumentNoteCode>
          <d:clinicalDocumentNoteText>{doc.text}</d:clinicalDocumentNoteText></d:body>
        </r:careDocumentation>"""
        for doc in docs
    )
    return _answer("GetCareDocumentation", 3, records)


def _answer(operation: str, version: int, records: str, head: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>{head}</s:Header><s:Body>
<r:{operation}Response xmlns:r="{_DESCRIPTION}{operation}Responder:{version}"
    xmlns:d="{_DESCRIPTION}{version}">{records}
  <r:result><d:resultCode>OK</d:resultCode></r:result>
</r:{operation}Response></s:Body></s:Envelope>""".encode()


NOT_REACHED = """<h:ProcessingStatus xmlns:h="urn:riv:interoperability:headers:1">
  <h:ProcessingStatusList><h:logicalAddress>SE2329999990-E002</h:logicalAddress>
    <h:statusCode>NoDataSynchFailed</h:statusCode></h:ProcessingStatusList></h:ProcessingStatus>"""


@dataclass(frozen=True, slots=True)
class Served:
    """A person in an export; the first decision and note are about help at home."""

    number: str | None = SIGNE
    notes: Sequence[str] = ("Promenad i dag.",)
    protected: bool = False
    area: str = "ALDRE"


def export(*persons: Served) -> bytes:
    """A SoL export in the form of the shipped profile lifecare_like."""
    bodies = "".join(_served(person) for person in persons)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OmsorgsExport version="1.4" system="EKBACKA-OMSORG" kommunkod="9901" kommun="Ekbacka kommun">
  <Organisation hsaid="{OFFICE}" namn="Nämnden" typ="MYNDIGHET"/>{bodies}
</OmsorgsExport>""".encode()


def _served(person: Served) -> str:
    place = {SIGNE: 1, AINA: 2, BO: 3}.get(person.number or "", 4)
    number = "" if person.number is None else f' personnummer="{person.number}"'
    financial = person.area != "ALDRE"
    section = "12 kap. 1 § SoL (2025:400)" if financial else "11 kap. 1 § SoL (2025:400)"
    given = "EKONOMISKT_BISTAND" if financial else "HEMTJANST"
    notes = "".join(
        f'<Anteckning id="JA-{place}{index}" tid="2026-01-19T10:30:00+01:00" enhet="{OFFICE}"'
        f' forfattare="Ylva Testgren" signerad="J">{text}</Anteckning>'
        for index, text in enumerate(person.notes)
    )
    return f"""
  <Brukare id="BR-{place}"{number} skyddadUppgift="{"J" if person.protected else "N"}">
    <Namn fornamn="Signe" efternamn="Norrby"/>
    <Adress gata="Kvarnstigen 8" postnr="99999" ort="Ljungvik"/>
    <Arende id="AR-{place}" lagrum="SoL" omrade="{person.area}" status="PAGAENDE">
      <Beslut id="BE-{place}" datum="2026-01-16" lagrum="{section}" utfall="BIFALL"
        galler_fom="2026-01-20"><Insats id="IN-{place}" typ="{given}"/></Beslut>
      <Journal>{notes}</Journal></Arende></Brukare>"""
