"""P6, SVOD 1:1: of what SVOD does not cover nothing is anywhere, whichever form it came in.

Each form of export is delivered over HTTP to a served hub, whole, cut off, and with a person that
cannot be told, with a word planted in everything out of scope. Then the word is looked for in every
table, every raw part unpacked, the quarantine, the log, the process's own log, what was answered,
and in every file that the hub or its process could have written: the store, its journal, temporary
files.
"""

import base64
import logging
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.store.directory import load_organisations, load_sources
from hub.store.schema.metadata import METADATA
from tests.hub.ingest.desk import FROM, ORGANISATIONS
from tests.hub.ingest.test_ingest_unseen import NURSE, OFFICER, deliver, source
from tests.hub.ingest.unseen.exports import ADA, COORDINATION, EXPORTS
from tests.worlds.hub_world import World, opened_world

MARK = "MARKORD"
WIDE = {"lillboda": "utf-16-be", "mosseby": "utf-16-le", "kallinge": "windows-1252"}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(variable, str(folder))
    return folder


@pytest.fixture
def world(store_url: str, tmp_path: Path, temporary: Path) -> Iterator[World]:
    assert temporary.is_dir()
    with opened_world(store_url, tmp_path) as opened:
        with opened.store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [source(name) for name in EXPORTS], FROM)
        yield opened


def unpacked(value: object) -> str:
    """Return a cell as text; packed bytes unpacked, so that nothing hides in them."""
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        try:
            return zlib.decompress(raw).decode("utf-8", "replace")
        except zlib.error:
            return raw.decode("utf-8", "replace") + raw.decode("utf-16-le", "replace")
    return str(value)


def everything(world: World) -> str:
    """Return all that every table holds: store, quarantine and log are one database."""
    found = []
    with world.store.read() as connection:
        for table in METADATA.sorted_tables:
            rows = connection.execute(select(table)).all()
            found += [unpacked(cell) for row in rows for cell in row]
    return "\n".join(found)


def forms(word: str) -> set[bytes]:
    found = {word.encode(each) for each in ("utf-8", "utf-16-le", "utf-16-be")}
    return found | {base64.b64encode(b"x" * n + word.encode())[4:12] for n in range(3)}


def assert_nowhere(world: World, folder: Path, told: str) -> None:
    assert MARK not in everything(world)
    assert MARK not in told
    for file in folder.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not any(form in content for form in forms(MARK)), file.name


@pytest.mark.parametrize("name", EXPORTS)
def test_what_is_out_of_scope_is_nowhere(
    world: World, name: str, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    content = EXPORTS[name][2]
    number = COORDINATION if name == "lillboda" else ADA
    encoding = WIDE.get(name, "utf-8")
    known = [number[2:8] + sign + number[8:] for sign in ("-", "")]
    without = content
    for written in (number, f"{number[:8]}-{number[8:]}", *known):
        without = without.replace(written.encode(encoding), "?".encode(encoding))
    cut = [content[: len(content) * part // 7] for part in range(1, 7)]
    told: list[Any] = []
    states = set()
    for delivered in (content, *cut, without, b"\x00" + content, content[::-1]):
        receipts = deliver(world, name, delivered)
        told.append(receipts)
        states |= {each["state"] for each in receipts}
        assert_nowhere(world, tmp_path, repr(told) + caplog.text)
    assert {"stored", "rejected"} <= states
    assert list(temporary.iterdir()) == []
    assert_nowhere(world, tmp_path, repr([told, NURSE, OFFICER]) + caplog.text)
