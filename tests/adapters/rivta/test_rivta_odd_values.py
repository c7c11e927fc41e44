"""Values that schemas allow and FHIR does not, and words beside codes: valid, and nothing lost."""

from typing import Any

import pytest
from rivta_support import assert_valid, map_part, message

from adapters.rivta import ADAPTER


def _changed(name: str, *changes: tuple[str, str]) -> tuple[list[dict[str, Any]], set[str]]:
    """Return what a changed message becomes, each valid, and the codes of the notes."""
    text = message(name).decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    mapped = [
        each for part in ADAPTER.read(text.encode(), name, None).parts() for each in map_part(part)
    ]
    made = [resource for each in mapped for resource in each.resources]
    for resource in made:
        assert_valid(resource)
    return made, {note.code for each in mapped for note in each.notes}


def _one(made: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(each for each in made if each["resourceType"] == kind)


def test_a_treatment_that_ends_before_it_starts_has_a_start_and_a_note() -> None:
    made, notes = _changed(
        "medication",
        (
            "<d:startOfTreatment>20",
            "<d:endOfTreatment>20200101000000</d:endOfTreatment><d:startOfTreatment>20",
        ),
    )
    assert set(_one(made, "MedicationStatement")["effectivePeriod"]) == {"start"}
    assert "turned-period" in notes


def test_an_administration_of_no_known_time_is_told_as_such() -> None:
    made, _ = _changed("medication", ("<d:start>20240115100000</d:start>", "<d:start>?</d:start>"))
    (reason,) = _one(made, "MedicationAdministration")["effectivePeriod"]["extension"]
    assert reason["valueCode"] == "unknown"


def test_a_contact_that_ends_before_it_starts_is_taken() -> None:
    made, notes = _changed("contact_2", ("<d:end>20", "<d:end>19"))
    assert set(_one(made, "Encounter")["period"]) == {"start"}
    assert "turned-period" in notes


def test_a_dissenting_opinion_without_words_is_still_there() -> None:
    made, _ = _changed("note_2", ("Jag hade ingen andnöd.", "?"))
    opinion = next(each for each in made if "relatesTo" in each)
    assert opinion["author"][0]["display"] == "Astrid Lindqvist"
    assert opinion["content"][0]["attachment"]["extension"][0]["valueCode"] == "unknown"


@pytest.mark.parametrize("broken", ["<d:code>?</d:code>", "<d:code></d:code>"])
def test_words_beside_a_code_that_is_none_are_all_kept(broken: str) -> None:
    made, _ = _changed(
        "note_3",
        ("<d:code>201010</d:code><d:codeSystem>OID</d:codeSystem>", broken),
        (
            "<d:displayName>Överläkare</d:displayName>",
            "<d:displayName>Överläkare</d:displayName><d:originalText>öl</d:originalText>",
        ),
    )
    assert made[0]["contained"][0]["code"] == [{"text": "öl (Överläkare)"}]


def test_the_name_of_a_group_stands_beside_the_words_of_its_code() -> None:
    code = (
        "<d:name>Blodstatus</d:name><d:code><d:code>NPU1</d:code>"
        "<d:codeSystem>1.2.752.108.1</d:codeSystem><d:displayName>Blod</d:displayName></d:code>"
    )
    made, _ = _changed("laboratory_4", ("<d:name>Blodstatus</d:name>", code))
    group = next(each for each in made if "hasMember" in each and "component" not in each)
    assert group["code"]["text"] == "Blodstatus"
    assert group["code"]["coding"][0]["display"] == "Blod"


def test_a_generic_drug_of_a_strength_without_its_substance_is_taken() -> None:
    generics = (
        "<d:generics><d:substance>?</d:substance><d:strength><d:value>5</d:value>"
        "<d:unit>mg</d:unit></d:strength></d:generics><d:dosage>"
    )
    made, _ = _changed("medication", ("<d:dosage>", generics))
    inner = [each for resource in made for each in resource.get("contained", ())]
    ingredients = [each["ingredient"][0] for each in inner if "ingredient" in each]
    assert ingredients
    assert all(each["itemCodeableConcept"]["text"] for each in ingredients)
