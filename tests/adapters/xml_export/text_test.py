"""Texts as people write them in XML: words set off, paragraphs, what stands around, encodings."""

from typing import Any

import pytest

from adapters.document import Part, Tree, Unreadable
from adapters.xml_export import XmlExport

PROFILE: dict[str, Any] = {
    "profile": "texts",
    "format": "xml",
    "root": "U",
    "every": {
        "owner": "../Namnd",
        "unit": {"value": "U"},
        "recipient": {"value": "older"},
        "service": {"value": "SoL 8:1"},
    },
    "person": {"each": "E/P", "number": "@nr"},
    "records": [{"concept": "note", "each": "N", "id": "@id", "text": "T"}],
    "withhold": [{"each": "**", "when": {"@dold": "J"}, "as": "not_shared"}],
}
ADA = "194103122385"


def export(note: str, around: str = "<Namnd>N</Namnd>", after: str = "") -> str:
    return f'<U><E>{around}<P nr="{ADA}"><N id="1">{note}</N></P>{after}</E></U>'


def read(content: str | bytes, **changes: object) -> list[Part]:
    content = content.encode() if isinstance(content, str) else content
    return list(XmlExport().read(content, "x.xml", {**PROFILE, **changes}).parts())


def texts(content: str | bytes, **changes: object) -> list[object]:
    parts = read(content, **changes)
    again = [part for one in parts for part in read(one.raw, **changes)]
    assert [one.raw for one in again] == [one.raw for one in parts]
    bodies: list[Tree] = [r.body() for p in parts for r in p.records if r.table == "sol/note"]
    return [body["text"] for body in bodies]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("<T>Ska <b>inte</b> ha mat.</T>", "Ska inte ha mat."),
        ("<T>Lugn kväll.<br/>\n   Drack te.</T>", "Lugn kväll.\nDrack te."),
        ("<T><p>Ett <i>två</i>.</p><p>Tre.</p></T>", "Ett två.\nTre."),
        ("<T><Stycke>Ett.</Stycke><Stycke>Två.</Stycke></T>", "Ett.\nTvå."),
        ("<T>a &lt; b &amp; c &#229;</T>", "a < b & c å"),
        ("<T><![CDATA[<b>5</b> > 4]]></T>", "<b>5</b> > 4"),
        ("<T>Kort<!-- MARKORD --> text<?sak MARKORD?>.</T>", "Kort text."),
    ],
)
def test_a_sentence_is_whole(written: str, text: str) -> None:
    assert texts(export(written)) == [text]


def test_what_is_withheld_within_a_text_is_taken_out_of_it() -> None:
    content = export('<T>Kort <x dold="J">MARKORD</x>MARKORD<y/> text.</T>')
    assert texts(content) == ["Kort  text."]
    assert all(b"MARKORD" not in part.raw for part in read(content))


@pytest.mark.parametrize("place", ["before", "after"])
def test_what_stands_around_persons_is_read_and_nothing_else_of_it_is_kept(place: str) -> None:
    around = "<Namnd>N1</Namnd><Namn>MARKORD</Namn>"
    content = export("<T>x</T>", *((around, "") if place == "before" else ("", around)))
    content = content.replace("<E>", '<E info="MARKORD">')
    every = {**PROFILE["every"], "owner": "../../Namnd"}
    (part,) = read(content, every=every)
    assert {record.header.owner for record in part.records[1:]} == {"N1"}
    assert b"MARKORD" not in part.raw
    (again,) = read(part.raw, every=every)
    assert again.raw == part.raw


def test_one_unit_is_not_taken_for_anothers() -> None:
    first = '<E><Namnd>N1</Namnd><P nr="194103122385"><N id="1"><T>x</T></N></P></E>'
    second = '<E><Namnd>N2</Namnd><P nr="195208172391"><N id="1"><T>x</T></N></P></E>'
    every = {**PROFILE["every"], "owner": "../../Namnd"}
    parts = read(f"<U>{first}{second}</U>", every=every)
    assert [part.records[1].header.owner for part in parts] == ["N1", "N2"]


def test_a_condition_on_what_stands_around_chooses_the_persons() -> None:
    first = '<E><Namnd>N1</Namnd><P nr="194103122385"><N id="1"><T>x</T></N></P></E>'
    second = '<E><Namnd>IFO</Namnd><P nr="195208172391"><N id="1"><T>MARKORD</T></N></P></E>'
    person = {"each": "E[Namnd='N1']/P", "number": "@nr"}
    every = {**PROFILE["every"], "owner": "../../Namnd"}
    (part,) = read(f"<U>{first}{second}</U>", every=every, person=person)
    assert part.person is not None
    assert part.person.value == ADA
    assert b"MARKORD" not in part.raw


def test_a_prefix_tells_two_elements_of_one_name_apart() -> None:
    note = {"concept": "note", "id": "@id", "text": "T"}
    nurses = {**note, "each": "h:N", "regime": {"value": "HSL"}}
    content = export("<T>Lugnt.</T>").replace("</P>", '<h:N id="2"><T>Sår.</T></h:N></P>')
    content = content.replace("<U>", '<U xmlns:h="urn:h">')
    (part,) = read(content, records=[nurses, {**note, "each": "N"}])
    tables = {record.header.record_id: record.table for record in part.records[1:]}
    assert tables == {"health_note/2": "sol/health_note", "note/1": "sol/note"}
    (again,) = read(part.raw, records=[nurses, {**note, "each": "N"}])
    assert [each.header for each in again.records] == [each.header for each in part.records]


def test_windows_signs_in_what_is_declared_as_latin_1_are_read() -> None:
    content = '<?xml version="1.0" encoding="ISO-8859-1"?>' + export("<T>”Nej”, 5 €, sa hon…</T>")
    assert texts(content.encode("windows-1252")) == ["”Nej”, 5 €, sa hon…"]


def test_an_encoding_that_is_not_the_declared_one_is_told_with_its_line() -> None:
    content = '<?xml version="1.0" encoding="UTF-8"?>\n' + export("<T>Kväll.</T>")
    with pytest.raises(Unreadable) as caught:
        read(content.encode("windows-1252"))
    assert (caught.value.code, caught.value.place) == ("wrong-encoding", "line 2")
    assert "windows-1252" in caught.value.text
    assert texts(content.encode("windows-1252"), encoding="windows-1252") == ["Kväll."]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_other_encodings_are_told_by_themselves(encoding: str) -> None:
    assert texts(export("<T>Kväll €.</T>").encode(encoding)) == ["Kväll €."]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<U>" + "<a>" * 300, "too-deep"),
        ("<U><E><P>" + "x" * (11 * 1024 * 1024) + "</P></E></U>", "too-long"),
        ("<U><!--" + "x" * (12 * 1024 * 1024) + "--></U>", "too-long"),
        ("<U>&x;</U>", "entity"),
        ("<!DOCTYPE U [<!ENTITY x 'y'>]><U>&x;</U>", "doctype"),
    ],
)
def test_what_could_do_harm_is_refused(content: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(content)
    assert (caught.value.code, caught.value.hostile) == (code, True)
