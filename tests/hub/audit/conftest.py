"""A real log on a real store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from audit_log import TABLES, Log, access_record

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
