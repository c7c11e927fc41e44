"""The signing key is kept outside the database, once, and is not made anew in silence."""

import stat
from pathlib import Path

import pytest
from audit_log import Log

from hub.audit.errors import LogKeyProblem
from hub.audit.key import SETTING, key_path, open_signer, outside_verifier
from hub.audit.note import Signer
from hub.store.connect import Store


def test_the_key_is_made_once_and_only_the_hub_reads_it(log: Log, tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_signer(log.store).verifier == log.signer.verifier
    assert outside_verifier(log.store) == log.signer.verifier
    assert sorted(each.name for each in tmp_path.glob("log.key*")) == ["log.key"]


def test_no_row_holds_the_private_key(log: Log) -> None:
    secret = log.signer.private.private_bytes_raw()
    ((public,),) = log.rows("SELECT public_key FROM audit_key")
    assert bytes(public) == log.signer.verifier.public != secret


def test_a_key_that_was_lost_is_not_replaced_in_silence(log: Log, tmp_path: Path) -> None:
    (tmp_path / "log.key").unlink()
    with pytest.raises(LogKeyProblem, match="does not exist"):
        open_signer(log.store)
    assert outside_verifier(log.store) is None


def test_another_logs_key_is_refused(log: Log, tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text(Signer.generate("samvy/other").text())
    with pytest.raises(LogKeyProblem, match="another log"):
        open_signer(log.store)


def test_a_damaged_key_file_is_named(log: Log, tmp_path: Path) -> None:
    (tmp_path / "log.key").write_text("PRIVATE+KEY+no")
    with pytest.raises(LogKeyProblem, match="cannot be read"):
        open_signer(log.store)


def test_a_folder_that_cannot_be_written_is_named(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.change("DELETE FROM audit_key")
    monkeypatch.setenv(SETTING, str(tmp_path / "nowhere" / "log.key"))
    with pytest.raises(LogKeyProblem, match="cannot be written"):
        open_signer(log.store)


def test_the_embedded_store_keeps_its_key_beside_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    store = Store(sqlite_url)
    assert key_path(store) == tmp_path / "samvy.db.logkey"
    store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://nowhere/x"])
def test_a_store_without_a_folder_is_told_to_name_a_file(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    engineless = object.__new__(Store)
    engineless.path = Path(":memory:") if "memory" in url else None
    with pytest.raises(LogKeyProblem, match=SETTING):
        key_path(engineless)
    assert outside_verifier(engineless) is None
