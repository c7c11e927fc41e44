"""Dates in the forms that systems write them in."""

import pytest

from mappings.date_forms import read_in


@pytest.mark.parametrize(
    ("written", "form", "fhir"),
    [
        ("02/19/2026 9:10 PM", "%m/%d/%Y %I:%M %p", "2026-02-19T21:10:00+01:00"),
        ("19 februari 2026 kl 21.10", "%d %B %Y kl %H.%M", "2026-02-19T21:10:00+01:00"),
        ("Torsdag 7 maj 2026", "%A %d %B %Y", "2026-05-07"),
        ("3 okt 2026", "%d %b %Y", "2026-10-03"),
        ("260219", "%y%m%d", "2026-02-19"),
        ("2026-07-01 12:00 +0000", "%Y-%m-%d %H:%M %z", "2026-07-01T12:00:00+00:00"),
        ("1771531800000", "epoch_ms", "2026-02-19T21:10:00+01:00"),
        ("1771531800", "epoch_s", "2026-02-19T21:10:00+01:00"),
        ("1771196400000", "epoch_ms", "2026-02-16"),
        ("/Date(1771531800000+0100)/", "%Y", "2026-02-19T21:10:00+01:00"),
        ("2026-02-19", "epoch_ms", "2026-02-19"),
    ],
)
def test_a_form_is_read(written: str, form: str, fhir: str) -> None:
    found = read_in(written, (form,))
    assert found is not None
    assert found.fhir == fhir


def test_a_day_that_is_counted_from_midnight_in_greenwich_is_that_day() -> None:
    written = "1771200000000"
    assert read_in(written, ("epoch_ms",), day=True).fhir == "2026-02-16"  # type: ignore[union-attr]
    time = read_in(written, ("epoch_ms",))
    assert time is not None
    assert time.fhir == "2026-02-16T01:00:00+01:00"


@pytest.mark.parametrize("written", ["19 februarri 2026", "99999999999999999999", "", "i går"])
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_in(written, ("%d %B %Y", "epoch_ms")) is None
