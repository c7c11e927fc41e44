"""Exports that cannot be read, and profiles that do not fit, are refused with what to do."""

from collections.abc import Callable

import pytest

from adapters.document import Part, Unreadable
from adapters.xml_export import XmlExport
from mappings.source_profile import SourceProfile, check, load

Export = tuple[bytes, SourceProfile]
Read = Callable[[bytes, SourceProfile], list[Part]]


def refused(content: bytes, profile: object) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        XmlExport().read(content, "export.xml", profile)  # type: ignore[arg-type]
    return caught.value


def test_an_export_cut_off_in_the_middle(granvik: Export) -> None:
    assert refused(granvik[0][:2000], granvik[1]).code == "not-well-formed"


def test_a_doctype_is_hostile(ljunga: Export) -> None:
    content = ljunga[0].replace(b"<Arkiv>", b'<!DOCTYPE Arkiv [<!ENTITY a "b">]><Arkiv>', 1)
    assert refused(content, ljunga[1]).hostile


def test_another_systems_profile(granvik: Export) -> None:
    error = refused(granvik[0], load("lifecare_like"))
    assert error.code == "wrong-profile"
    assert "OmsorgsExport" in error.text
    assert "Uttag" not in error.text


def test_no_profile(granvik: Export) -> None:
    assert refused(granvik[0], None).code == "no-profile"


def test_a_profile_with_a_mistake_says_where(granvik: Export) -> None:
    written = {**granvik[1].document, "rekords": []}
    error = refused(granvik[0], written)
    assert (error.code, error.place) == ("bad-profile", "rekords")
    assert "records" in error.text


def test_a_profile_of_another_format(granvik: Export) -> None:
    written = {**granvik[1].document, "format": "json"}
    assert refused(granvik[0], written).code == "wrong-profile"


def test_the_declared_encoding_is_used(granvik: Export, read: Read) -> None:
    assert b"\xc5kerstr\xf6m" in granvik[0]
    assert "Åkerström" in read(*granvik)[0].raw.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_encodings(encoding: str, granvik: Export, read: Read) -> None:
    text = granvik[0].decode("iso-8859-1").replace("ISO-8859-1", encoding.removesuffix("-sig"))
    assert "Åkerström" in read(text.encode(encoding), granvik[1])[0].raw.decode()


def test_a_wrong_declaration_is_refused_and_the_profile_can_correct_it(
    granvik: Export, read: Read
) -> None:
    wrong = granvik[0].replace(b"ISO-8859-1", b"UTF-8")
    assert refused(wrong, granvik[1]).code in {"wrong-encoding", "not-well-formed"}
    corrected = check({**granvik[1].document, "encoding": "iso-8859-1"})
    assert "Åkerström" in read(wrong, corrected)[0].raw.decode()


def test_an_export_without_persons_says_so(ljunga: Export) -> None:
    delivery = XmlExport().read(b"<Arkiv/>", "x", ljunga[1])
    assert list(delivery.parts()) == []
    assert [note.code for note in delivery.notes] == ["no-person"]


def test_recognises_exports_and_not_other_adapters_documents(granvik: Export) -> None:
    adapter = XmlExport()
    assert adapter.recognises(granvik[0], "x.xml")
    assert not adapter.recognises(b'<a xmlns="urn:riv:clinicalprocess"/>', "x.xml")
    assert not adapter.recognises(b'{"a": 1}', "x.json")


def test_a_doctype_that_comments_hide_is_hostile_too(ljunga: Export) -> None:
    hidden = b"<!--" + b"x" * 5000 + b"--><!DOCTYPE Arkiv><Arkiv>"
    assert refused(ljunga[0].replace(b"<Arkiv>", hidden, 1), ljunga[1]).code == "doctype"
    beyond = b"<!--" + b"x" * 2**21 + b"--><!DOCTYPE Arkiv><Arkiv>"
    assert refused(ljunga[0].replace(b"<Arkiv>", beyond, 1), ljunga[1]).hostile
