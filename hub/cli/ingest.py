"""samvy ingest: documents from files and folders, with a receipt for each part.

Source: INTERFACES. Exit 0 when all was taken, 1 when something was quarantined or was a source's
error, 2 when it could not run.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from hub.cli.opening import JsonOption, StoreOption, fail, opened, say
from hub.config.source import Source
from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import Receipt
from hub.running import now
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.identity_key import identity_key

DEFAULT_SOURCE = "default"
LARGEST = 500 * 1024 * 1024


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="files, or folders with all their files")],
    source: Annotated[str | None, typer.Option(help="the source's id in the sources file")] = None,
    adapter: Annotated[str | None, typer.Option(help="another adapter than the source's")] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take documents in, and print a receipt for each part of them."""
    with opened(store) as hub_store:
        found = _source(hub_store, source)
        files = list(_files(paths))
        failed = 0
        for receipt in _receipts(hub_store, found, files, adapter):
            failed += receipt.state.failed
            sys.stdout.write((_json(receipt) if as_json else _line(receipt)) + "\n")
    raise typer.Exit(1 if failed else 0)


def _receipts(
    store: Store, source: Source, files: list[Path], adapter: str | None
) -> Iterator[Receipt]:
    key = identity_key(store)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        for path in progress.track(files, description="Ingesting"):
            document = Document(str(path), path.read_bytes(), source, now(), adapter, path.parent)
            yield from ingest_document(store, key, document)


def _source(store: Store, name: str | None) -> Source:
    with store.read() as connection:
        sources = directory(connection).sources
    known = ", ".join(sorted(sources)) or "none; load them with samvy sources load FILE"
    if name is None and DEFAULT_SOURCE not in sources:
        fail(f"name the source with --source; there are: {known}")
    found = sources.get(name or DEFAULT_SOURCE)
    if found is None:
        fail(f"there is no source of that name; there are: {known}")
    return found


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            fail(f"there is no file or folder {path}")
        inside = sorted(each for each in path.rglob("*") if each.is_file())
        for each in inside if path.is_dir() else [path]:
            if each.stat().st_size > LARGEST:
                say(f"samvy: {each} is larger than {LARGEST} bytes and was not read; divide it")
                continue
            yield each


def _json(receipt: Receipt) -> str:
    return json.dumps(receipt.as_json(), ensure_ascii=False)


def _line(receipt: Receipt) -> str:
    lines = [
        f"{receipt.state.value:<12} {receipt.document}"
        + (f"  {receipt.part}" if receipt.part else "")
        + (f"  {receipt.contract}" if receipt.contract else "")
        + (f"  {len(receipt.resources)} resources" if receipt.resources else "")
    ]
    lines += [f"  {n.severity}: {n.code} at {n.place}: {n.text}" for n in receipt.issues]
    if receipt.unmapped:
        lines.append("  not mapped: " + ", ".join(receipt.unmapped))
    return "\n".join(lines)
