"""Swedish local times: what FHIR says, and the span of instants that was meant."""

from datetime import UTC, datetime, timedelta

import pytest

from mappings.local_time import AMBIGUOUS, IMPOSSIBLE, read


def _utc(*parts: int) -> datetime:
    year, month, day, *time = parts
    hour, minute, second = [*time, 0, 0, 0][:3]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fhir", "start", "end"),
    [
        ("2024", "2024", _utc(2023, 12, 31, 23), _utc(2024, 12, 31, 23)),
        ("202402", "2024-02", _utc(2024, 1, 31, 23), _utc(2024, 2, 29, 23)),
        ("20240229", "2024-02-29", _utc(2024, 2, 28, 23), _utc(2024, 2, 29, 23)),
        ("2024071509", "2024-07-15T09:00:00+02:00", _utc(2024, 7, 15, 7), _utc(2024, 7, 15, 8)),
        (
            "202407150930",
            "2024-07-15T09:30:00+02:00",
            _utc(2024, 7, 15, 7, 30),
            _utc(2024, 7, 15, 7, 31),
        ),
        (
            "20240115093000",
            "2024-01-15T09:30:00+01:00",
            _utc(2024, 1, 15, 8, 30),
            _utc(2024, 1, 15, 8, 30, 1),
        ),
        ("2024-01-15", "2024-01-15", _utc(2024, 1, 14, 23), _utc(2024, 1, 15, 23)),
        (
            "2024-01-15 09:30:00",
            "2024-01-15T09:30:00+01:00",
            _utc(2024, 1, 15, 8, 30),
            _utc(2024, 1, 15, 8, 30, 1),
        ),
        (
            "2024-01-15T09:30:00Z",
            "2024-01-15T09:30:00+00:00",
            _utc(2024, 1, 15, 9, 30),
            _utc(2024, 1, 15, 9, 30, 1),
        ),
        (
            "2024-01-15T09:30:00.678+01:00",
            "2024-01-15T09:30:00.678+01:00",
            _utc(2024, 1, 15, 8, 30),
            _utc(2024, 1, 15, 8, 30, 1),
        ),
        # The day on which the clock goes forward has 23 hours.
        ("20240331", "2024-03-31", _utc(2024, 3, 30, 23), _utc(2024, 3, 31, 22)),
        # A time of 000000 is what systems send that know only the date.
        (
            "20240115000000",
            "2024-01-15T00:00:00+01:00",
            _utc(2024, 1, 14, 23),
            _utc(2024, 1, 15, 23),
        ),
    ],
)
def test_written_time(text: str, fhir: str, start: datetime, end: datetime) -> None:
    moment = read(text)
    assert moment is not None
    assert (moment.fhir, moment.start, moment.end) == (fhir, start, end)
    assert moment.problem is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "0",
        "20241301",
        "20240230",
        "20240115250000",
        "00000101",
        "99991231",
        "2024-1-5",
        "i fjol",
        "202",
        "2024011509300",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert read(text) is None


def test_the_repeated_hour_is_its_first_occurrence() -> None:
    moment = read("20241027023000")
    assert moment is not None
    assert moment.fhir == "2024-10-27T02:30:00+02:00"
    assert moment.end - moment.start == timedelta(seconds=1)
    assert moment.problem == AMBIGUOUS


def test_the_skipped_hour_is_the_whole_day() -> None:
    moment = read("20240331023000")
    assert moment is not None
    assert (moment.fhir, moment.precise, moment.problem) == ("2024-03-31", False, IMPOSSIBLE)
    assert (moment.start, moment.end) == (_utc(2024, 3, 30, 23), _utc(2024, 3, 31, 22))


def test_an_offset_leaves_nothing_ambiguous() -> None:
    moment = read("2024-10-27T02:30:00+01:00")
    assert moment is not None
    assert (moment.start, moment.problem) == (_utc(2024, 10, 27, 1, 30), None)
