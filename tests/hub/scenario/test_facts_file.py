from datetime import date

import pytest

from consent.facts import Facts
from hub.config.problem import ConfigurationError
from hub.config.written import written_from
from hub.scenario.facts_file import facts_of

TODAY = date(2026, 3, 10)
WHOLE = """
facts:
  person:
    identifier: {system: "http://electronichealth.se/identifier/personnummer",
                 value: "19121212-1212"}
    age: 84
  relations:
    - {organisation: RegionA, kind: patient, state: current}
  consents:
    - {organisation: RegionA, answer: "yes"}
  blocks:
    - {id: b1, owner: RegionB}
"""


def _said(text: str, known: set[str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        facts_of(written_from(text.encode(), "f.yaml"), TODAY, known)
    return str(caught.value)


def test_the_person_is_told_and_organisations_are_left_to_the_directory() -> None:
    found = facts_of(written_from(WHOLE.encode(), "f"), TODAY, {"RegionA", "RegionB"})
    assert found.identity.value == "191212121212"
    assert found.facts.person.age == 84
    assert found.facts.blocks[0].owner == "RegionB"
    assert found.facts.organisations == {}
    assert "1912" not in repr(found)


def test_the_facts_may_stand_alone_or_in_a_whole_scenario() -> None:
    bare = "person: {identifier: {system: personnummer, value: 191212121212}}\n"
    assert facts_of(written_from(bare.encode(), "f"), TODAY).facts == Facts()
    whole = "id: S1\ncertainty: text\nrequests: [{id: r1, reader: {user: Y}}]\n" + WHOLE
    assert facts_of(written_from(whole.encode(), "f"), TODAY).facts.person.age == 84


def test_an_organisation_that_nobody_knows_is_refused() -> None:
    assert "facts.blocks[0].owner: no organisation has this id" in _said(WHOLE, {"RegionA"})


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("{age: 3}", "identifier: the key is required"),
        ("{identifier: {value: '191212121212'}}", "system: the key is required"),
        ("{identifier: {system: personnummer, value: '19121312-1212'}}", "does not exist"),
        ("{identifier: {system: personnummer, value: 'Kaj'}}", "ten or twelve digits"),
        ("{identifier: {system: personnummer, value: yes}}", "write the number in quotes"),
    ],
)
def test_a_person_that_cannot_be_told_is_refused_without_the_number(person: str, said: str) -> None:
    found = _said(f"facts:\n  person: {person}\n")
    assert said in found
    assert "1912" not in found
    assert "Kaj" not in found
