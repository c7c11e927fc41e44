"""A record, its bytes, and what is refused before it can reach the database."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.audit.record import (
    AccessRecord,
    Action,
    Outcome,
    Rung,
    Shown,
    instant,
    new_id,
    payload_of,
    record_from,
)

TEXT = st.text(st.characters(), max_size=20)
NAME = st.none() | st.text("abcÅ-01", min_size=1, max_size=20)
NAMES = st.lists(TEXT, max_size=3).map(tuple)
RECORDS = st.builds(
    AccessRecord,
    id=st.just("r1"),
    recorded=st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1)),  # noqa: DTZ001
    action=st.sampled_from(Action),
    outcome=st.sampled_from(Outcome),
    user=NAME,
    person=NAME,
    shown=st.lists(st.builds(Shown, TEXT, NAME, NAMES), max_size=3).map(tuple),
    rungs=st.lists(st.builds(Rung, TEXT, NAMES), max_size=3).map(tuple),
    grounds=NAMES,
    flags=NAMES,
    query=st.none() | TEXT,
    reason=st.none() | TEXT,
)


@given(RECORDS)
def test_the_bytes_give_the_record_back(record: AccessRecord) -> None:
    assert record_from(payload_of(record)) == record


@given(RECORDS)
def test_the_bytes_are_canonical(record: AccessRecord) -> None:
    payload = payload_of(record)
    text = payload.decode("utf-8")
    again = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode("utf-8", "backslashreplace") == payload


def test_what_is_empty_takes_no_room(make_record: Callable[..., AccessRecord]) -> None:
    fields = json.loads(payload_of(make_record(1, shown=(), grounds=())))
    assert sorted(fields) == [
        *("action", "format", "id", "organisation", "outcome", "person", "purpose"),
        *("recorded", "unit", "user"),
    ]


def test_a_lone_surrogate_is_kept_as_its_escape(make_record: Callable[..., AccessRecord]) -> None:
    record = make_record(1, reason="a\ud800b")
    assert rb"a\ud800b" in payload_of(record)
    assert record_from(payload_of(record)).reason == "a\ud800b"


def test_times_are_in_utc_and_sort_as_text() -> None:
    stockholm = timezone(timedelta(hours=2))
    assert instant(datetime(2026, 7, 1, 1, 30, tzinfo=stockholm)) == "2026-06-30T23:30:00.000000Z"


def test_a_time_without_zone_is_refused(make_record: Callable[..., AccessRecord]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(make_record(1), recorded=datetime(2026, 3, 1))  # noqa: DTZ001


@pytest.mark.parametrize("name", ["id", "user", "organisation", "person"])
@pytest.mark.parametrize("value", ["", "a\x00b", "a\ud800", "line\nline", "x" * 257])
def test_what_no_column_takes_is_refused_without_repeating_it(
    make_record: Callable[..., AccessRecord], name: str, value: str
) -> None:
    with pytest.raises(ValueError, match=f"AccessRecord.{name} is not") as caught:
        make_record(1, **{name: value})
    assert not value or value not in str(caught.value)


def test_a_newer_format_is_refused() -> None:
    with pytest.raises(ValueError, match="newer"):
        record_from(b'{"format":2}')


def test_ids_differ() -> None:
    assert new_id() != new_id()
