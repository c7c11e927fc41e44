"""The migrations make the schema that the code works with, on both databases."""

import threading
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Text, inspect, text

from hub.audit.note import Signer
from hub.audit.record import Outcome, Rung
from hub.audit.sequencer import Sequencer
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
from hub.store.migrate import (
    StoreNotReady,
    _config,
    current,
    newest,
    require_current,
    upgrade,
)
from hub.store.schema.metadata import METADATA
from hub.store.schema.tables import METADATA as WHOLE
from tests.hub.audit.audit_log import access_record


@pytest.fixture
def store(empty_store_url: str) -> Iterator[Store]:
    opened = Store(empty_store_url)
    yield opened
    opened.close()


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    found: list[object] = compare_metadata(
        MigrationContext.configure(connection, opts=options), WHOLE
    )
    return found


def test_a_migrated_store_has_the_schema_of_the_code(store: Store) -> None:
    assert current(store) is None
    assert upgrade(store) == newest() == current(store)
    with store.engine.connect() as connection:
        assert _differences(connection) == []


def test_a_column_that_is_not_migrated_is_seen(store: Store) -> None:
    upgrade(store)
    with store.write() as connection:
        connection.execute(text("ALTER TABLE setting ADD COLUMN another VARCHAR(3)"))
    with store.engine.connect() as connection:
        assert _differences(connection)


def test_texts_that_are_compared_have_the_collation_of_the_code(postgres_url: str) -> None:
    """Alembic does not compare collations."""
    store = Store(postgres_url)
    upgrade(store)
    wanted = {
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text)
        and getattr(column.type.dialect_impl(store.engine.dialect), "collation", None) == "C"
    }
    found = {
        (table, str(column["name"]))
        for table in inspect(store.engine).get_table_names()
        for column in inspect(store.engine).get_columns(table)
        if getattr(column["type"], "collation", None) == "C"
    }
    store.close()
    assert wanted
    assert found == wanted


def test_an_upgrade_of_what_is_new_enough_does_nothing(store: Store) -> None:
    upgrade(store)
    with store.write() as connection:
        connection.execute(text("INSERT INTO issuer_key VALUES ('k', 'p', 1)"))
    assert upgrade(store) == newest()
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM issuer_key")).scalar() == 1


def test_upgrades_at_once_take_turns(store: Store) -> None:
    failed: list[BaseException] = []

    def one() -> None:
        try:
            upgrade(store)
        except BaseException as error:  # noqa: BLE001  # told below
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    require_current(store)


def test_an_upgrade_can_be_taken_back(store: Store) -> None:
    upgrade(store)
    with store.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(store.engine).get_table_names()) == {"alembic_version"}


def test_a_store_that_is_not_ready_says_what_to_do(store: Store) -> None:
    with pytest.raises(StoreNotReady, match="samvy db upgrade"):
        require_current(store)
    upgrade(store)
    require_current(store)


def test_a_store_of_a_newer_hub_is_left_alone(store: Store) -> None:
    upgrade(store)
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreNotReady, match="9999"):
        require_current(store)
    with pytest.raises(StoreNotReady, match="newer"):
        upgrade(store)
    assert current(store) == "9999"


def test_claims_that_stand_in_clear_are_forgotten(store: Store) -> None:
    """0015: tokens whose claims were stored as they were said are gone, and so are the bytes."""
    upgrade(store)
    with store.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0011")
        connection.execute(
            text("INSERT INTO hub_token VALUES ('d', 'c', '194203172384 in clear', 9, NULL)")
        )
    upgrade(store)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM hub_token")).scalar() == 0
    if store.path is not None:
        store.engine.dispose()
        assert b"194203172384" not in store.path.read_bytes()


def test_requests_to_lift_that_stand_get_their_timers(store: Store) -> None:
    """0014: what was asked is escalated in its time, what was granted is over in its."""
    upgrade(store)
    with store.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0011")
        for number, state, content in (
            ("one", "asked", '{"escalated":null}'),
            ("two", "granted", '{"until":77}'),
            ("three", "refused", '{"until":null}'),
        ):
            row = {"id": number, "state": state, "content": content}
            connection.execute(
                text("INSERT INTO lift_request VALUES ('p', :id, 'o', 'a', :state, 5, :content)"),
                row,
            )
    upgrade(store)
    with store.read() as connection:
        timers = connection.execute(text("SELECT id, due FROM lift_timer ORDER BY id"))
        assert [tuple(each) for each in timers] == [("one", 900_000_005), ("two", 77)]
        asked = text("SELECT content FROM lift_request WHERE id = 'one'")
        content = connection.execute(asked).scalar_one()
    assert content == '{"escalated":null,"escalates":900000005}'


def test_an_older_log_is_filed_by_reader(store: Store) -> None:
    """0017, 0023: terms are made again from the records, as the sequencer would have filed them."""
    upgrade(store)
    log = AuditWriter(store)
    named = {"shown": (), "rungs": (Rung("U1", ("SE2329999991-0001", "SE2329999992-0001")),)}
    log.append_all(
        [
            access_record(1, flags=("no-relation",)),
            access_record(2, outcome=Outcome.DENY, shown=(), grounds=()),
            access_record(3, **named),
            access_record(4, organisation=None, unit="an \ud800 unit"),
        ]
    )
    log.close()
    Sequencer(store, Signer.generate("samvy/test")).sequence_now()
    terms = text("SELECT term, at, leaf_index FROM audit_term ORDER BY 1, 2, 3")
    kinds = text("SELECT reader, kind FROM audit_kind ORDER BY 1, 2")
    with store.write() as connection:
        filed, known = connection.execute(terms).all(), connection.execute(kinds).all()
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0014")
    upgrade(store)
    with store.read() as connection:
        assert connection.execute(terms).all() == filed
        assert connection.execute(kinds).all() == known
    assert len({row.leaf_index for row in filed}) == 4
