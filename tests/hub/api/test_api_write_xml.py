"""The write boundary in XML: nothing is fetched or expanded, and nothing is lost unsaid.

Source: FHIR R4 xml.html; ASVS 1.5.1. A fault is a 4xx that says where, and nothing is kept.
"""

import pytest

from tests.hub.api.write_boundary import BIG, nothing_stored, refused
from tests.worlds.hub_world import REGION_SYSTEM, World, condition

XML = "application/fhir+xml"
SUBJECT = '<subject><reference value="Patient/{}"/></subject>'
BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]>"
)
PROLOGUES = {
    "an external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "an external document type": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/a">%x;]>',
    "a bomb": BOMB,
    "an encoding that is none": '<?xml version="1.0" encoding="x-rot13"?>',
}
"""What stands before a Condition that is right otherwise."""
FORMS = {
    "an entity that is not there": "<code><text value='&x;'/></code>",
    "an element that does not exist": "<colour value='red'/>",
    "an attribute that does not exist": "<code colour='red'><text value='a'/></code>",
    "an attribute of an element that has no value": "<code value='a'><text value='a'/></code>",
    "no namespace": "<code xmlns=''><text value='a'/></code>",
    "another namespace": "<code xmlns='urn:x'><text value='a'/></code>",
    "the namespace of XHTML": (
        "<code xmlns='http://www.w3.org/1999/xhtml'><text value='a'/></code>"
    ),
    "the same element twice": "<code><text value='a'/></code><code><text value='b'/></code>",
    "the same attribute twice": "<code><text value='a' value='b'/></code>",
    "text before an element": "<code>a<text value='a'/></code>",
    "text after an element": "<code><text value='a'/>a</code>",
    "text in CDATA": "<code><![CDATA[a]]><text value='a'/></code>",
    "text beside the elements": "<code><text value='a'/></code>a",
    "a value as text": "<code><text>a</text></code>",
    "a value after an extension": (
        "<code><text value='a'><extension url='http://x.example/a'>"
        "<valueCode value='a'/></extension>b</text></code>"
    ),
    "an element inside a value": "<code><text value='a'><coding/></text></code>",
    "an empty element": "<code/>",
    "an empty value": "<code><text value=''/></code>",
    "a control character": "<code><text value='a&#7;'/></code>",
    "NUL": "<code><text value='a&#0;'/></code>",
    "two types of a choice": "<onsetString value='a'/><onsetDateTime value='2024'/>",
    "a choice without its type": "<onset value='a'/>",
    "a boolean that is none": (
        "<code><coding><code value='a'/><userSelected value='1'/></coding></code>"
    ),
    "a number that is none": "<onsetAge><value value='1,5'/></onsetAge>",
    "a number of a million digits": f"<onsetAge><value value='1.{BIG}'/></onsetAge>",
    "a narrative with a script": (
        "<text><status value='generated'/>"
        "<div xmlns='http://www.w3.org/1999/xhtml'><script>a</script></div></text>"
    ),
    "a narrative with a handler": (
        "<text><status value='generated'/>"
        "<div xmlns='http://www.w3.org/1999/xhtml'><p onclick='a()'>a</p></div></text>"
    ),
    "a narrative that is no XHTML": "<text><status value='generated'/><div>a</div></text>",
    "a narrative elsewhere": ("<code><div xmlns='http://www.w3.org/1999/xhtml'>a</div></code>"),
    "a contained resource that is none": "<contained><code/></contained>",
    "two contained resources in one": (
        "<contained><Patient><id value='a'/></Patient><Patient>"
        "<id value='b'/></Patient></contained>"
    ),
    "deep extensions": "<extension url='http://x.example/a'>" * 100 + "</extension>" * 100,
    "an id that is too long": f"<id value='{'a' * 65}'/>",
    "another prefix that is not bound": "<x:code/>",
}
"""What stands in a Condition that is right apart from it."""


@pytest.mark.parametrize("what", [*PROLOGUES, *FORMS])
def test_every_hostile_form_of_xml_is_refused(written_world: World, what: str) -> None:
    before, inside = (
        PROLOGUES.get(what, ""),
        FORMS.get(what, "") + SUBJECT.format(written_world.person()),
    )
    body = f'{before}<Condition xmlns="http://hl7.org/fhir">{inside}</Condition>'
    with nothing_stored(written_world):
        for method, path in (("POST", "/fhir/Condition"), ("PUT", "/fhir/Condition/ward-1")):
            reply = written_world.send(REGION_SYSTEM, method, path, body.encode(), content_type=XML)
            assert refused(reply) is None, (what, reply.body[:300])


TAKEN = {
    "comments": "<!-- a --><code><!-- b --><text value='a'/></code>",
    "processing instructions": "<?a b?><code><text value='a'/></code>",
    "a prefix": "<f:code xmlns:f='http://hl7.org/fhir'><f:text value='a'/></f:code>",
    "white space": "\n  <code>\n\t<text value='a'/>\r\n</code>\n",
    "where the schema lies":
        "<code xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b'>"
        "<text value='a'/></code>",
}  # fmt: skip


@pytest.mark.parametrize("what", TAKEN)
def test_what_xml_lets_be_written_otherwise_is_the_same_resource(
    written_world: World, what: str
) -> None:
    inside = TAKEN[what] + SUBJECT.format(written_world.person())
    body = f'<Condition xmlns="http://hl7.org/fhir">{inside}</Condition>'.encode()
    reply = written_world.send(REGION_SYSTEM, "POST", "/fhir/Condition", body, content_type=XML)
    assert reply.status == 201, reply.body
    assert reply.json["code"] == {"text": "a"}
    given = {"id", "meta"}
    expected = condition(written_world.person(), "x", "a")
    assert {k: v for k, v in reply.json.items() if k not in given} == {
        k: v for k, v in expected.items() if k not in given
    }
