"""The planner is told of tables that a delivery fills."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from hub.store import growth
from hub.store.growth import Growth, look
from tests.hub.ingest.desk import Desk
from tests.hub.ingest.documents import SIGNE, Doc, diagnoses
from tests.hub.ingest.test_ingest_together import _given


def _known_rows(desk: Desk) -> int:
    """How many resources the planner believes that there are; -1 before it was told."""
    with desk.store.read() as connection:
        asked = "SELECT reltuples FROM pg_class WHERE relname = 'resource'"
        return int(connection.exec_driver_sql(asked).scalar_one())


def test_the_planner_knows_of_what_a_delivery_has_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    if desk.store.sqlite:
        pytest.skip("SQLite finds by its indexes without figures of the tables")
    monkeypatch.setattr(growth, "FIRST", 5)
    list(_given(desk, *(diagnoses(Doc(f"A-{n}", person=SIGNE)) for n in range(4))))
    assert _known_rows(desk) == -1
    list(_given(desk, *(diagnoses(Doc(f"B-{n}", person=SIGNE)) for n in range(6))))
    assert _known_rows(desk) == len(desk.rows("resource"))


def test_it_looks_when_twice_as_much_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    written = 0
    monkeypatch.setattr(growth, "look", lambda _store: looks.append(written))
    grown = Growth(desk.store)
    for _ in range(2000):
        written += 50
        grown.add(50)
    assert looks == [1000, 2000, 4000, 8000, 16000, 32000, 64000]


def test_a_delivery_goes_on_where_the_planner_cannot_be_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if desk.store.sqlite:
        pytest.skip("SQLite is not asked")

    def glance() -> None:
        raise OperationalError("ANALYZE", {}, Exception("locked"))

    monkeypatch.setattr(desk.store, "glance", glance)
    with caplog.at_level(logging.WARNING):
        look(desk.store)
    assert "not made anew: OperationalError" in caplog.text
