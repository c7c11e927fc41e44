"""The access header: what is asked about a record before its body is read."""

from datetime import UTC, datetime

import pytest
from rivta_support import message, parts

from adapters.document import AccessHeader, Part, WrittenIdentity
from adapters.rivta import ADAPTER


def _header(name: str) -> AccessHeader:
    return parts(name)[0].records[0].header


def _changed(name: str, *changes: tuple[bytes, bytes]) -> Part:
    content = message(name)
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    return next(iter(ADAPTER.read(content, name, None).parts()))


def test_patient_summary_header() -> None:
    assert _header("diagnosis") == AccessHeader(
        record_id="DIA-1",
        person=WrittenIdentity("193803142383", "1.2.752.129.2.1.3.1"),
        info_type="diagnosis",
        owner="SE2329999990-0001",
        unit="SE2329999990-1001",
        source_system="SE2329999990-SYS1",
        date_from=datetime(2024, 1, 15, 8, 30, tzinfo=UTC),
        date_to=datetime(2024, 1, 15, 8, 30, 1, tzinfo=UTC),
    )


def test_jol_header() -> None:
    assert _header("note_3") == AccessHeader(
        record_id="NOTE-1",
        person=WrittenIdentity("193803142383", "1.2.752.129.2.1.3.1"),
        info_type="note",
        owner="SE2329999990-0001",
        unit="SE2329999990-1001",
        process="5e1c0a52-3c2a-4a38-9f7a-93f6a9a4c001",
        source_system="SE2329999990-SYS1",
        date_from=datetime(2024, 1, 15, 8, 30, tzinfo=UTC),
        date_to=datetime(2024, 1, 15, 8, 30, 1, tzinfo=UTC),
        not_for_patient=True,
    )


def test_the_same_note_has_the_same_id_in_both_versions() -> None:
    assert _header("note_2").record_id == _header("note_3").record_id


@pytest.mark.parametrize("filler", [b"?", b"0", b"", b"  ", b" ? "])
def test_filler_is_no_owner_and_no_unit(filler: bytes) -> None:
    header = (
        _changed(
            "diagnosis",
            (b"CareUnitHSAId>SE2329999990-1001<", b"CareUnitHSAId>" + filler + b"<"),
            (b"CareGiverHSAId>SE2329999990-0001<", b"CareGiverHSAId>" + filler + b"<"),
        )
        .records[0]
        .header
    )
    assert (header.owner, header.unit) == (None, None)


def test_filler_is_no_owner_in_the_jol_header() -> None:
    header = (
        _changed(
            "note_3",
            (b"<d:extension>SE2329999990-0001<", b"<d:extension>?<"),
            (
                b"<d:root>1.2.752.129.2.1.4.1</d:root><d:extension>?",
                b"<d:root>?</d:root><d:extension>?",
            ),
        )
        .records[0]
        .header
    )
    assert header.owner is None


@pytest.mark.parametrize(
    ("right", "misspelt"),
    [
        (b"sourceSystemHSAId", b"sourceSystemHSAid"),
        (b"healthcareProfessionalCareUnitHSAId", b"healthcareProfessionalcareUnitHSAId"),
        (b"accountableHealthcareProfessional", b"accountableHealthCareProfessional"),
    ],
)
def test_both_spellings_of_a_misspelt_element_are_read(right: bytes, misspelt: bytes) -> None:
    assert _changed("diagnosis", (right, misspelt)).records[0].header == _header("diagnosis")


def test_both_spellings_of_dissenting_opinion_are_mapped() -> None:
    part = _changed("note_2", (b"dissentintOpinion", b"dissentingOpinion"))
    assert part.records[0].body() == parts("note_2")[0].records[0].body()


def test_the_repeated_autumn_hour_is_its_first_occurrence_with_a_note() -> None:
    (part,) = parts("diagnosis_autumn_hour")
    assert part.records[0].header.date_from == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert "ambiguous-time" in {note.code for note in part.notes}


def test_the_impossible_spring_hour_is_the_whole_day_with_a_note() -> None:
    (part,) = parts("diagnosis_spring_hour")
    header = part.records[0].header
    assert header.date_from == datetime(2024, 3, 30, 23, tzinfo=UTC)
    assert header.date_to == datetime(2024, 3, 31, 22, tzinfo=UTC)
    assert "impossible-time" in {note.code for note in part.notes}


def test_no_time_is_any_time() -> None:
    part = _changed("diagnosis", (b"authorTime>20240115093000", b"authorTime>?"))
    header = part.records[0].header
    assert (header.date_from, header.date_to) == (None, None)
    assert "no-information-time" in {note.code for note in part.notes}


@pytest.mark.parametrize(
    ("written", "kept"),
    [(b"false", True), (b"0", True), (b"?", True), (b"1", False), (b"true", False)],
)
def test_only_approved_records_are_for_the_patient(written: bytes, kept: bool) -> None:  # noqa: FBT001
    part = _changed("diagnosis", (b"Patient>true<", b"Patient>" + written + b"<"))
    assert part.records[0].header.not_for_patient is kept


def test_nullified_is_read_although_the_contract_says_it_cannot_occur() -> None:
    assert _header("diagnosis_nullified").nullified


def test_record_without_a_header_is_kept_from_everyone() -> None:
    part = _changed("diagnosis", (b"diagnosisHeader", b"diagnosisHead"))
    header = part.records[0].header
    assert part.person is None
    assert (header.owner, header.not_for_patient) == (None, True)


FOREIGN = b'<x:%b xmlns:x="urn:vendor:1">%b</x:%b>'
GIVER, UNIT = b"healthcareProfessionalCareGiverHSAId", b"healthcareProfessionalCareUnitHSAId"


@pytest.mark.parametrize(
    ("name", "other", "told"),
    [
        (b"approvedForPatient", b"false", "not_for_patient"),
        (GIVER, b"SE2329999990-0009", "owner"),
        (UNIT, b"SE2329999990-1009", "unit"),
    ],
    ids=["approval", "giver", "unit"],
)
@pytest.mark.parametrize("first", [True, False])
def test_what_an_extension_says_otherwise_decides_no_access(
    name: bytes,
    other: bytes,
    told: str,
    first: bool,  # noqa: FBT001
) -> None:
    """Whichever stands first: shown to nobody whom only one of them would let see it."""
    beside = FOREIGN % (name, other, name)
    tag = b"<d:%b>" % name if first else b"</d:%b>" % name
    part = _changed("diagnosis", (tag, beside + tag if first else tag + beside))
    assert getattr(part.records[0].header, told) in (None, True)
    assert "contradictory" in {note.code for note in part.notes}


@pytest.mark.parametrize(
    ("marks", "nullified"),
    [
        ((b"true",), True),
        ((b"1",), True),
        ((b"TRUE",), True),
        ((b"ja",), True),
        ((b"false", b"true"), True),
        ((b"false",), False),
        ((b"0",), False),
        ((b"?",), False),
        ((b"",), False),
    ],
)
def test_any_mark_of_nullification_counts(marks: tuple[bytes, ...], nullified: bool) -> None:  # noqa: FBT001
    end = b"</d:approvedForPatient>"
    written = b"".join(b"<d:nullified>%b</d:nullified>" % each for each in marks)
    header = _changed("diagnosis", (end, end + written)).records[0].header
    assert header.nullified is nullified
