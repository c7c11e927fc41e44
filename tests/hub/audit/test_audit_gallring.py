"""Gallring empties old records and leaves tree, chains and index whole."""

from datetime import UTC, datetime, timedelta

import pytest
from audit_log import NOON, Log
from test_audit_export import filled, lines_of, payloads

from hub.audit.export import Selection
from hub.audit.gallring import TooSoon, erase_before
from hub.audit.verify_file import verify_export

LATER = datetime(2031, 4, 1, tzinfo=UTC)


def test_what_is_old_goes_and_the_log_still_verifies(log: Log) -> None:
    filled(log, 600)
    erased = erase_before(log.store, log.writer(), NOON + timedelta(seconds=550), LATER)
    log.sequence()
    assert erased == 550
    assert log.faults() == []
    left = log.rows("SELECT position, person FROM audit_record WHERE payload IS NOT NULL")
    assert len(left) == 50 + 2  # and the two that say what was erased
    gone = log.rows(
        "SELECT user_id, organisation, person, salt FROM audit_record WHERE payload IS NULL"
    )
    assert set(gone) == {(None, None, None, None)}
    assert log.rows("SELECT count(*) FROM audit_term WHERE leaf_index < 550") == [(0,)]


def test_a_persons_export_is_still_whole(log: Log) -> None:
    filled(log, 60)
    erase_before(log.store, log.writer(), NOON + timedelta(seconds=31), LATER)
    log.sequence()
    lines = lines_of(log, Selection(persons=("anna",)))
    report = verify_export(lines)
    assert (report["verified"], report["complete"], report["records"]) == (True, True, 20)
    assert len(payloads(lines)) == 9


def test_nothing_is_erased_before_its_time(log: Log) -> None:
    filled(log, 3)
    with pytest.raises(TooSoon, match="five years"):
        erase_before(log.store, log.writer(), LATER - timedelta(days=5 * 365), LATER)


def test_a_record_emptied_by_somebody_else_is_still_named(log: Log) -> None:
    filled(log, 6)
    log.change("UPDATE audit_record SET salt = NULL, payload = NULL WHERE position = 2")
    assert [kind for kind, _ in log.faults()] == ["erased"]
