"""What a RIV-TA message is, and the parts it holds."""

import pytest
from rivta_support import map_part, message, parts, read

from adapters.document import Delivery, Standing, Unreadable
from adapters.rivta import ADAPTER

PERSON = "193803142383"


def _codes(delivery: Delivery) -> list[str]:
    return [note.code for note in delivery.notes]


@pytest.mark.parametrize(
    ("name", "contract", "info_type"),
    [
        ("diagnosis", "GetDiagnosis 2.0", "diagnosis"),
        ("diagnosis_bare_with_bom", "GetDiagnosis 2.0", "diagnosis"),
        ("note_2", "GetCareDocumentation 2.1", "note"),
        ("note_3", "GetCareDocumentation 3.0", "note"),
        ("medication", "GetMedicationHistory 2.2", "medication"),
        ("care_plan_sip", "GetCarePlans 2.0", "careplan"),
    ],
)
def test_contract_is_known_by_namespace_and_name(name: str, contract: str, info_type: str) -> None:
    assert ADAPTER.recognises(message(name), "any name")
    delivery = read(name)
    assert (delivery.contract, delivery.standing) == (contract, Standing.ANSWER)
    (part,) = delivery.parts()
    assert part.raw == message(name)
    assert {record.header.info_type for record in part.records} == {info_type}


def test_the_prefix_and_the_envelope_do_not_matter() -> None:
    content = message("diagnosis").replace(b"<r:", b"<q:").replace(b"</r:", b"</q:")
    content = content.replace(b"xmlns:r=", b"xmlns:q=")
    content = content.replace(
        b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"
    )
    assert ADAPTER.read(content, "x", None).contract == "GetDiagnosis 2.0"


def test_another_namespace_is_another_contract() -> None:
    content = message("diagnosis").replace(b"GetDiagnosisResponder:2", b"GetDiagnosisResponder:7")
    delivery = ADAPTER.read(content, "x", None)
    assert delivery.standing is Standing.REJECTED
    assert "GetDiagnosisResponder:7" in delivery.notes[0].text
    assert "GetDiagnosisResponse" in delivery.notes[0].text


@pytest.mark.parametrize(
    ("name", "standing", "code"),
    [
        ("soap_fault_vp009", Standing.SOURCE_ERROR, "VP009"),
        ("result_error", Standing.SOURCE_ERROR, "source-error"),
        ("result_error_pascal_case", Standing.SOURCE_ERROR, "source-error"),
        ("request", Standing.REJECTED, "request"),
        ("unknown_contract", Standing.REJECTED, "unknown-contract"),
        ("empty_answer", Standing.ANSWER, "empty-answer"),
    ],
)
def test_message_without_documentation(name: str, standing: Standing, code: str) -> None:
    delivery = read(name)
    assert delivery.standing is standing
    assert _codes(delivery) == [code]
    assert not list(delivery.parts())


@pytest.mark.parametrize("name", ["Get193803142383Response", "x380314-2383"])
def test_the_name_of_no_contract_is_not_repeated_where_it_may_be_a_person_s_number(
    name: str,
) -> None:
    content = f'<a:{name} xmlns:a="urn:riv:{name}"/>'.encode()
    (note,) = ADAPTER.read(content, "x", None).notes
    assert note.code == "unknown-contract"
    assert "0314" not in note.text
    known = b'<a:GetNothingResponse xmlns:a="urn:riv:nothing:2"/>'
    (note,) = ADAPTER.read(known, "x", None).notes
    assert "GetNothingResponse in namespace urn:riv:nothing:2" in note.text


def test_error_with_the_result_in_an_extension_namespace() -> None:
    content = message("note_2").replace(b">OK<", b">ERROR<")
    start, end = content.index(b"<r:careDocumentation>"), content.index(b"</r:careDocumentation>")
    empty = content[:start] + content[end + len(b"</r:careDocumentation>") :]
    assert ADAPTER.read(empty, "x", None).standing is Standing.SOURCE_ERROR


def test_error_beside_records_keeps_the_records() -> None:
    delivery = read("result_error_with_records")
    assert delivery.standing is Standing.ANSWER
    assert _codes(delivery) == ["source-error"]
    assert len(list(delivery.parts())) == 1


@pytest.mark.parametrize(
    ("name", "code", "severity"),
    [
        ("result_info", "source-message", "information"),
        ("note_3_has_more", "has-more", "warning"),
        ("not_reached", "not-reached", "warning"),
    ],
)
def test_answer_that_says_something_beside_its_records(name: str, code: str, severity: str) -> None:
    delivery = read(name)
    assert [(note.code, note.severity) for note in delivery.notes] == [(code, severity)]
    assert len(list(delivery.parts())) == 1


def test_not_reached_names_the_system_and_only_it() -> None:
    assert "SE2329999990-SYS2" in read("not_reached").notes[0].text


@pytest.mark.parametrize(
    "name", ["soap_fault_vp009", "result_error", "result_error_pascal_case", "result_info"]
)
def test_no_note_repeats_the_source_s_free_text(name: str) -> None:
    for note in read(name).notes:
        assert PERSON not in note.text
        assert "Astrid" not in note.text


def test_one_part_for_each_person_and_one_for_those_without() -> None:
    found = parts("diagnosis_two_persons")
    assert [part.person and part.person.value for part in found] == [
        PERSON,
        "19421102-2399",
        None,
    ]
    assert [len(part.records) for part in found] == [2, 1, 1]
    assert len({part.name for part in found}) == 3


def test_a_person_s_part_holds_nothing_of_another() -> None:
    first, second, third = parts("diagnosis_two_persons")
    assert b"2399" not in first.raw
    assert PERSON.encode() not in second.raw
    assert b"380314" not in second.raw
    assert PERSON.encode() not in third.raw


def test_a_part_of_several_read_again_gives_the_same_records() -> None:
    for part in parts("diagnosis_two_persons"):
        (again,) = ADAPTER.read(part.raw, "again", None).parts()
        assert again.person == part.person
        assert [each.header for each in again.records] == [each.header for each in part.records]
        assert [each.body() for each in again.records] == [each.body() for each in part.records]
        assert again.raw == part.raw


@pytest.mark.parametrize(
    "tag", [b"<s:Header", b"<s:Body>", b"<r:GetDiagnosisResponse", b"<r:result>"]
)
def test_a_comment_around_the_records_goes_to_nobody(tag: bytes) -> None:
    comment = b"<!-- answered for " + PERSON.encode() + b" -->"
    content = message("diagnosis_two_persons").replace(tag, comment + tag, 1)
    assert comment in content
    found = list(ADAPTER.read(content, "x", None).parts())
    for part, before in zip(found, parts("diagnosis_two_persons"), strict=True):
        assert b"answered for" not in part.raw
        assert [each.body() for each in part.records] == [each.body() for each in before.records]


def test_a_message_about_many_is_taken_apart_in_one_go() -> None:
    content = message("diagnosis").decode()
    start, end = (
        content.index("<r:diagnosis>"),
        content.index("</r:diagnosis>") + len("</r:diagnosis>"),
    )
    record = content[start:end]
    many = "".join(
        record.replace(PERSON, f"19380314{number:04}").replace("DIA-1", f"DIA-{number}")
        for number in range(1000, 1400)
    )
    found = list(ADAPTER.read((content[:start] + many + content[end:]).encode(), "x", None).parts())
    assert len(found) == 400
    assert all(len(part.records) == 1 and len(part.raw) < 2 * len(content) for part in found)
    assert len({part.raw for part in found}) == 400


def test_record_without_a_person_says_why() -> None:
    *_, nobody = parts("diagnosis_two_persons")
    assert [note.code for note in nobody.notes if note.severity == "error"] == ["no-person"]
    assert nobody.records[0].header.person.value == ""


def test_same_id_twice_is_taken_once_and_a_different_one_is_kept() -> None:
    (part,) = parts("diagnosis_same_id_twice")
    ids = [record.header.record_id for record in part.records]
    assert len(ids) == len(set(ids)) == 3
    assert ids[0] == "DIA-1"
    assert ids[1].startswith("DIA-1#")
    codes = {note.code for note in part.notes}
    assert {"repeated-record", "repeated-record-id", "no-record-id"} <= codes


def test_the_body_is_not_built_before_it_is_asked_for() -> None:
    (part,) = parts("diagnosis")
    body = part.records[0].body()
    assert body["diagnosisBody"]["typeOfDiagnosis"] == "Huvuddiagnos"  # type: ignore[call-overload,index]


def test_what_no_table_takes_is_named_without_its_value() -> None:
    (part,) = parts("diagnosis_beyond_the_contract")
    (mapped,) = map_part(part)
    assert mapped.unmapped == ["diagnosisBody/severity"]


def test_envelope_without_a_message_is_unreadable() -> None:
    with pytest.raises(Unreadable) as caught:
        ADAPTER.read(
            b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
            "x",
            None,
        )
    assert caught.value.code == "empty-envelope"


def test_what_is_not_rivta_is_not_recognised() -> None:
    for content in (b"", b"{}", b"<OmsorgsExport/>", b"urn:riv: but not xml", b"\xff\xfe"):
        assert not ADAPTER.recognises(content, "x.xml")
    assert ADAPTER.recognises(message("diagnosis").decode().encode("utf-16"), "x.xml")


def test_one_observation_is_taken_out_of_its_group_with_what_comments_say_of_it() -> None:
    tag = b"<d:observation>"
    empty = b"<d:observation><d:id><!-- 27113001 --><d:root>?</d:root></d:id></d:observation>"
    content = message("observations").replace(tag, empty + b"<!-- 27113001 -->" + tag, 1)
    (part,) = ADAPTER.read(content, "x", None).parts()
    first, second, third = part.records
    assert part.without is not None
    left = part.without([second])
    assert left is not None
    assert [each.header for each in left.records] == [first.header, third.header]
    assert [each.body() for each in left.records] == [first.body(), third.body()]
    assert b"27113001" not in left.raw
    (again,) = ADAPTER.read(left.raw, "again", None).parts()
    assert [each.header for each in again.records] == [first.header, third.header]
    assert part.without(part.records) is None
