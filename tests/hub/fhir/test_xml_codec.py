"""FHIR XML: what JSON holds, XML holds, and back again, value for value."""

from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from hub.errors import BadRequest
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.json_codec import decode, encode
from hub.fhir.xml_codec import decode_xml, encode_xml
from tests.hub.fhir.filled import filled

FHIR = "http://hl7.org/fhir"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", TYPES_IN_USE)
def test_a_resource_of_every_type_survives(name: str, seed: int) -> None:
    resource = decode(encode(filled(name, seed)))
    again = decode_xml(encode_xml(resource))
    assert encode(_sorted(again)) == encode(_sorted(resource))


def _sorted(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Keys have no order in JSON, and the order of the definitions in XML."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


RICH = """<?xml version="1.0" encoding="UTF-8"?>
<Observation xmlns="http://hl7.org/fhir">
  <id value="a-1"/>
  <meta><versionId value="2"/></meta>
  <text><status value="generated"/>
    <div xmlns="http://www.w3.org/1999/xhtml"><p>Ett <b>värde</b> &amp; mer</p></div></text>
  <contained><Patient><id value="p"/>
    <birthDate value="1942">
      <extension url="http://example.org/e"><valueDecimal value="1.50"/></extension>
    </birthDate></Patient></contained>
  <extension url="http://example.org/x"><valueString value="rad&#10;två"/></extension>
  <status value="final"/>
  <code id="c1"><text value="Puls"/></code>
  <valueQuantity><value value="72.0"/><unit value="/min"/></valueQuantity>
  <component><code><text value="a"/></code><valueInteger value="3"/></component>
  <component><code><text value="b"/></code></component>
</Observation>
"""


def test_each_thing_that_xml_writes_in_another_way() -> None:
    found = decode_xml(RICH.encode())
    assert found["resourceType"] == "Observation"
    assert found["code"] == {"id": "c1", "text": "Puls"}
    assert found["valueQuantity"] == {"value": Decimal("72.0"), "unit": "/min"}
    assert encode(found["valueQuantity"]) == b'{"value":72.0,"unit":"/min"}'
    assert found["extension"] == [{"url": "http://example.org/x", "valueString": "rad\ntvå"}]
    assert found["text"]["div"] == (
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>Ett <b>värde</b> &amp; mer</p></div>'
    )
    (contained,) = found["contained"]
    assert contained["_birthDate"] == {
        "extension": [{"url": "http://example.org/e", "valueDecimal": Decimal("1.50")}]
    }
    assert contained["birthDate"] == "1942"
    assert [each.get("valueInteger") for each in found["component"]] == [3, None]
    assert decode_xml(encode_xml(found)) == found


def test_what_stands_beside_primitives_in_a_list_keeps_its_place() -> None:
    patient = {
        "resourceType": "Patient",
        "name": [
            {
                "given": ["Ada", None, "Eva"],
                "_given": [None, {"extension": [{"url": "u:e", "valueCode": "x"}]}, None],
            }
        ],
    }
    xml = encode_xml(patient)
    assert decode_xml(xml) == patient
    assert len(etree.fromstring(xml).findall(f".//{{{FHIR}}}given")) == 3


def test_numbers_keep_their_digits() -> None:
    text = b'{"resourceType":"Observation","valueQuantity":{"value":1e3},"valueInteger":7}'
    xml = encode_xml(decode(text))
    assert b'value="1e3"' in xml
    assert encode(decode_xml(xml)["valueQuantity"]) == b'{"value":1e3}'


def test_a_character_that_xml_cannot_hold_is_replaced() -> None:
    xml = encode_xml({"resourceType": "Basic", "id": "a\x01b"})
    assert decode_xml(xml)["id"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ("<Patient/>", "namespace"),
        ("<Nothing {NS}/>", "no resource"),
        ('<Patient {NS}><nothing value="1"/></Patient>', "no element"),
        ('<Patient {NS}><active value="yes"/></Patient>', "boolean"),
        (
            '<Patient {NS}><active value="true"/><active value="true"/></Patient>',
            "repeat",
        ),
        ("<Patient {NS}><active>true</active></Patient>", "attribute value"),
        ('<Patient {NS} secret="1"/>', "attribute"),
        (
            '<Observation {NS}><valueInteger value="1,5"/></Observation>',
            "number",
        ),
        ("<Patient {NS}><contained/></Patient>", "one resource"),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient {NS}/>',
            "DOCTYPE",
        ),
        ("<Patient {NS}>", "well-formed"),
        ("", "XML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(xml: str, told: str) -> None:
    with pytest.raises(BadRequest) as wrong:
        decode_xml(xml.replace("{NS}", 'xmlns="http://hl7.org/fhir"').encode())
    assert told in str(wrong.value)
    assert "line" in str(wrong.value)


def test_nesting_has_an_end() -> None:
    deep = '<extension url="u:e">' * 100 + "</extension>" * 100
    with pytest.raises(BadRequest):
        decode_xml(f'<Patient xmlns="{FHIR}">{deep}</Patient>'.encode())
