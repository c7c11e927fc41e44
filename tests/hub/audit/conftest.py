"""A real log on a real store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from audit_log import TABLES, Chains, Log, access_record, chains_of

from hub.audit.key import SETTING, open_signer
from hub.audit.record import AccessRecord
from hub.store.connect import Store
from hub.store.schema.metadata import METADATA


@pytest.fixture
def log(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """An empty log, once on each kind of database."""
    monkeypatch.setenv(SETTING, str(tmp_path / "log.key"))
    store = Store(store_url)
    METADATA.create_all(store.engine, tables=TABLES)
    opened = Log(store, store_url, open_signer(store))
    yield opened
    opened.close()


@pytest.fixture
def make_record() -> Callable[..., AccessRecord]:
    """The function that invents accesses."""
    return access_record


@pytest.fixture
def signed(log: Log) -> Chains:
    """Two chains under three checkpoints, of 6, 12 and 20 records."""
    return chains_of(log, signed=(3, 3, 4))


@pytest.fixture
def pending(log: Log) -> Chains:
    """Two chains of ten that no checkpoint covers yet."""
    return chains_of(log, pending=10)
