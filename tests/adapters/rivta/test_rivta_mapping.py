"""What each contract's records become, by our own messages."""

from base64 import b64decode
from typing import Any

import pytest
from rivta_support import MESSAGES, assert_valid, map_part, message, references, resources

from adapters.document import Standing
from adapters.rivta import ADAPTER

SAMVY = "https://samvy.se/fhir/StructureDefinition/"
HSA = "urn:oid:1.2.752.29.4.19"


def _extension(resource: dict[str, Any], name: str) -> dict[str, Any]:
    found = [each for each in resource["extension"] if each["url"].endswith(f"/{name}")]
    assert len(found) == 1
    return {key: value for key, value in found[0].items() if key != "url"}


def _text(content: dict[str, Any]) -> str:
    return b64decode(content["attachment"]["data"]).decode()


@pytest.mark.parametrize("name", sorted(path.stem for path in MESSAGES.glob("*.xml")))
def test_every_resource_is_valid_and_its_references_resolve(name: str) -> None:
    delivery = ADAPTER.read(message(name), name, None)
    made = [r for part in delivery.parts() for each in map_part(part) for r in each.resources]
    assert bool(made) == (delivery.standing is Standing.ANSWER and name != "empty_answer")
    ids = {f"{each['resourceType']}/{each['id']}" for each in made}
    for resource in made:
        assert_valid(resource)
        inside = {f"#{each['id']}" for each in resource.get("contained", [])}  # type: ignore[attr-defined]
        assert references(resource) <= ids | inside | {"Patient/p1"}


def test_diagnosis_is_a_condition_without_a_clinical_status() -> None:
    (condition,) = resources("diagnosis")
    assert "clinicalStatus" not in condition
    assert "verificationStatus" not in condition
    assert [each["coding"][0]["code"] for each in condition["category"]] == [
        "encounter-diagnosis",
        "HD",
    ]
    assert condition["code"] == {
        "coding": [
            {
                "system": "https://www.icd10.se/",
                "code": "I50.9",
                "display": "Hjärtsvikt, ospecificerad",
            }
        ],
        "text": "Hjärtsvikt, ospecificerad",
    }
    assert "onsetDateTime" not in condition
    asserted = _extension(condition, "condition-assertedDate")
    assert asserted == {"valueDateTime": "2024-01-15T09:30:00+01:00"}
    assert condition["recordedDate"] == "2024-01-15T09:30:00+01:00"
    assert _extension(condition, "condition-chronic") == {"valueBoolean": True}
    related = _extension(condition, "condition-related")["valueReference"]
    assert related["identifier"]["value"] == "DIA-0"
    assert condition["encounter"]["identifier"]["value"] == "VK-77"
    assert condition["asserter"]["display"] == "Ylva Testgren"


def test_the_author_is_named_with_role_and_unit() -> None:
    (condition,) = resources("diagnosis")
    (role,) = condition["contained"]
    assert condition["recorder"] == {"reference": f"#{role['id']}", "display": "Ylva Testgren"}
    assert role["practitioner"]["identifier"] == {"system": HSA, "value": "SE2329999990-P001"}
    assert role["code"][0]["coding"][0]["system"] == "urn:oid:1.2.752.129.2.2.1.4"
    assert role["organization"]["identifier"] == {"system": HSA, "value": "SE2329999990-1001"}
    assert role["telecom"] == [{"system": "phone", "value": "010-1234567"}]


def test_nullified_is_entered_in_error_and_says_why() -> None:
    (condition,) = resources("diagnosis_nullified")
    assert condition["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert _extension(condition, "nullified-reason") == {"valueString": "Fel patient"}


@pytest.mark.parametrize("name", ["note_2", "note_3", "medication", "care_plan_sip"])
def test_nullified_in_any_contract(name: str) -> None:
    old, new = b"</d:careContactId>", b"</d:careContactId><d:nullified>true</d:nullified>"
    if name == "note_3":
        old, new = b"<d:signature>", b"<d:nullified>true</d:nullified><d:signature>"
    content = message(name).replace(old, new)
    for part in ADAPTER.read(content, name, None).parts():
        for mapped in map_part(part):
            assert {each["status"] for each in mapped.resources} == {"entered-in-error"}
            for resource in mapped.resources:
                assert "docStatus" not in resource
                assert_valid(resource)


def test_note_of_version_2_with_docbook_and_a_dissenting_opinion() -> None:
    note, opinion = resources("note_2")
    assert note["docStatus"] == "preliminary"
    assert [each["code"] for each in note["type"]["coding"]] == ["slu", "epi"]
    assert note["description"] == "Epikris"
    plain, original = note["content"]
    assert _text(plain) == "Epikris\nFörlopp\nInkom med andnöd."
    assert original["attachment"]["contentType"] == "application/docbook+xml"
    assert _text(original).startswith("<?xml")
    assert note["custodian"]["identifier"] == {"system": HSA, "value": "SE2329999990-0001"}
    assert note["context"]["encounter"][0]["identifier"]["value"] == "VK-77"
    assert opinion["relatesTo"] == [
        {"code": "appends", "target": {"reference": f"DocumentReference/{note['id']}"}}
    ]
    assert _text(opinion["content"][0]) == "Jag hade ingen andnöd."
    assert opinion["author"][0]["display"] == "Astrid Lindqvist"
    assert _extension(opinion, "authored-at") == {"valueDateTime": "2024-01-16"}


def test_note_of_version_3_with_a_file() -> None:
    (note,) = resources("note_3")
    assert note["docStatus"] == "final"
    assert note["meta"]["security"][0]["code"] == "NOPATIENT"
    assert note["content"] == [
        {"attachment": {"contentType": "application/pdf", "data": "JVBERi0xLjQ=", "title": "Besök"}}
    ]
    assert note["context"]["related"][0]["identifier"] == {
        "system": "urn:ietf:rfc:3986",
        "value": "urn:uuid:5e1c0a52-3c2a-4a38-9f7a-93f6a9a4c001",
    }
    # A role whose code system is "OID" is told in words, with the code among them.
    assert note["contained"][0]["code"] == [{"text": "Överläkare (201010)"}]


def test_the_same_note_has_the_same_master_identifier_in_both_versions() -> None:
    assert resources("note_2")[0]["masterIdentifier"] == resources("note_3")[0]["masterIdentifier"]


def test_note_without_text_says_that_it_is_unknown() -> None:
    content = message("note_3").replace(b"multimediaEntry", b"multimediaExit")
    (part,) = ADAPTER.read(content, "x", None).parts()
    (mapped,) = map_part(part)
    assert_valid(mapped.resources[0])
    assert mapped.unmapped == ["body/multimediaExit"]


def test_prescription() -> None:
    request, statement, administration = resources("medication")
    assert (request["status"], request["intent"]) == ("active", "order")
    assert statement["basedOn"] == [{"reference": f"MedicationRequest/{request['id']}"}]
    assert statement["status"] == "active"
    assert statement["effectivePeriod"] == {"start": "2024-01-15T00:00:00+01:00"}
    medication = request["contained"][0]
    assert request["medicationReference"] == {"reference": f"#{medication['id']}"}
    assert [each["system"] for each in medication["code"]["coding"]] == [
        "urn:oid:1.2.752.129.2.1.5.1",
        "http://www.whocc.no/atc",
    ]
    assert medication["form"] == {"text": "tablett"}
    assert str(_extension(medication, "medication-strength")["valueQuantity"]["value"]) == "25.0"
    assert request["requester"]["display"] == "Bo Recept"
    assert request["recorder"]["display"] == "Ylva Testgren"
    assert request["reasonCode"][0]["coding"][0]["code"] == "I50.9"
    assert request["priorPrescription"]["identifier"]["value"] == "RX-0"
    assert request["supportingInformation"][0]["identifier"]["value"] == "DIA-1"
    assert administration["request"] == {"reference": f"MedicationRequest/{request['id']}"}
    assert administration["effectivePeriod"] == {"start": "2024-01-15T10:00:00+01:00"}


def test_dosage_is_structured_and_always_told() -> None:
    regular, most, needed = resources("medication")[0]["dosageInstruction"]
    assert regular["timing"]["repeat"]["frequency"] == 2
    assert all(
        each["text"].startswith("1 tablett 2 gånger dagligen") for each in (regular, most, needed)
    )
    assert set(most) == {"text"}
    assert needed["asNeededCodeableConcept"] == {"text": "vid svullnad"}
    assert needed["timing"]["repeat"]["periodUnit"] == "d"


def test_dispensation() -> None:
    request = resources("medication")[0]
    dispense = request["dispenseRequest"]
    assert dispense["validityPeriod"] == {"end": "2025-01-15"}
    assert dispense["quantity"]["unit"] == "st"
    assert dispense["dispenseInterval"]["code"] == "mo"
    assert request["substitution"]["allowedBoolean"] is False


@pytest.mark.parametrize(
    ("kind", "state", "reason", "status"),
    [
        ("I", "Active", False, "active"),
        ("I", "Inactive", False, "completed"),
        ("I", "Inactive", True, "stopped"),
        ("U", "Active", False, "stopped"),
        ("U", "Inactive", False, "stopped"),
        ("?", "?", False, "unknown"),
    ],
)
def test_status_of_a_prescription(kind: str, state: str, reason: bool, status: str) -> None:  # noqa: FBT001
    content = message("medication").decode()
    content = content.replace("Prescription>I<", f"Prescription>{kind}<")
    content = content.replace("Status>Active<", f"Status>{state}<")
    if reason:
        why = "<d:endOfTreatmentReason><d:originalText>x</d:originalText></d:endOfTreatmentReason>"
        content = content.replace("<d:selfMedication>", f"{why}<d:selfMedication>")
    (part,) = ADAPTER.read(content.encode(), "x", None).parts()
    (mapped,) = map_part(part)
    assert [each["status"] for each in mapped.resources[:2]] == [status, status]


def test_care_plan_refers_to_its_documents() -> None:
    plan, document = resources("care_plan_sip")
    assert (plan["status"], plan["intent"]) == ("unknown", "plan")
    assert plan["category"][0]["coding"][0]["code"] == "SIP"
    assert plan["title"] == "SIP efter utskrivning"
    assert plan["supportingInfo"] == [{"reference": f"DocumentReference/{document['id']}"}]
    assert plan["contributor"][0]["identifier"] == {"system": HSA, "value": "SE2329999999-1001"}
    assert _text(document["content"][0]) == "Hem med hjälp"
    assert document["content"][0]["attachment"]["title"] == "SIP.txt"


def test_ids_do_not_depend_on_the_delivery() -> None:
    alone = {each["id"] for each in resources("diagnosis")}
    among_others = {each["id"] for each in resources("diagnosis_two_persons")}
    assert alone < among_others
