"""samvy ingest: documents from files and folders, with a receipt for each part.

Source: INTERFACES. Exit 0 when all was taken, 1 when something was quarantined, was a source's
error or could not be read, 2 when it could not run.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from adapters.document import Note
from adapters.incoming import Content, OnDisk, size, whole
from hub.audit.administration import administered
from hub.audit.record import AccessRecord, Shown
from hub.cli.administering import logged_before
from hub.cli.on_terminal import Tally, progress
from hub.cli.opening import JsonOption, StoreOption, fail, opened
from hub.config.source import Source
from hub.ingest.adapters import ADAPTERS
from hub.ingest.delivery import Document, ingest_documents
from hub.ingest.receipt import Receipt, State
from hub.running import now
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.identity_key import identity_key

DEFAULT_SOURCE = "default"
GATHERED = frozenset({"delimited"})
"""Adapters that read a folder's files as one delivery."""
MEGABYTE = 1024 * 1024
LARGEST = 500 * MEGABYTE
UNREAD, TOO_LARGE = "cannot-read-file", "too-large"


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="files, or folders with all their files")],
    source: Annotated[str | None, typer.Option(help="the source's id in the sources file")] = None,
    adapter: Annotated[str | None, typer.Option(help="another adapter than the source's")] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take documents in, and print a receipt for each part of them."""
    if adapter is not None and adapter not in ADAPTERS:
        fail(f"there is no adapter of that name; there are: {', '.join(sorted(ADAPTERS))}")
    with opened(store) as hub_store:
        found = source_named(hub_store, source)
        together = (adapter or found.adapter) in GATHERED
        files = list(paths) if together else list(_files(paths))
        key = identity_key(hub_store)
        logged_before(hub_store, [_delivery(found, len(files))])
        failed, tally = False, Tally()
        for receipt in _receipts(hub_store, key, found, files, adapter):
            failed = failed or receipt.state.failed or _is_unread(receipt)
            tally.add(receipt)
            print_receipt(receipt, as_json=as_json)
        tally.tell()
    raise typer.Exit(1 if failed else 0)


def _delivery(source: Source, files: int) -> AccessRecord:
    """The record of a delivery, for the organisations whose documents the source delivers."""
    owners = [Shown(owner, None, ()) for owner in source.owners]
    return administered(f"ingest/{source.id} {files} files", now(), shown=owners)


def print_receipt(receipt: Receipt, *, as_json: bool) -> None:
    """Write a receipt to standard output at once: what it says is durable."""
    text = json.dumps(receipt.as_json(), ensure_ascii=False) if as_json else _text(receipt)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _receipts(
    store: Store, key: bytes, source: Source, files: list[Path], adapter: str | None
) -> Iterator[Receipt]:
    """Yield the receipts of the files, in their order."""
    with progress() as shown:
        yield from ingest_documents(store, key, _documents(shown, source, files, adapter))


def _documents(
    shown: Progress, source: Source, files: list[Path], adapter: str | None
) -> Iterator[Document | Receipt]:
    """Yield each file as a document, or the receipt of one that cannot even be read."""
    all_files = shown.add_task("Ingesting files", total=len(files))
    for path in files:
        persons = shown.add_task("Reading", total=None)
        yield _document(path, source, adapter, partial(_show, shown, persons))
        shown.remove_task(persons)
        shown.advance(all_files)


def _document(
    path: Path, source: Source, adapter: str | None, watch: Callable[[int, int], None]
) -> Document | Receipt:
    name = os.fsencode(path).decode("utf-8", "replace")
    try:
        content = _content(path, adapter or source.adapter)
    except OSError as error:
        return _unread(name, source, adapter, Note("error", UNREAD, "file", _why(error)))
    if content is None:
        text = f"the file is larger than {LARGEST // MEGABYTE} MB; send it in smaller parts"
        return _unread(name, source, adapter, Note("error", TOO_LARGE, "file", text))
    return Document(name, content, source, now(), adapter, watch=watch)


def _show(shown: Progress, task: TaskID, done: int, persons: int) -> None:
    shown.update(task, description="Taking in persons", completed=done, total=persons)


def _content(path: Path, adapter: str) -> Content | None:
    """The document, None when it is too large; a folder's files are one document together.

    What is kept whole is read whole; an export is read from where it stands.
    """
    known = ADAPTERS.get(adapter)
    content = OnDisk(path)
    for file in content.files():
        with file.open("rb"):
            pass  # it can be read
    if known is None or not known.keeps_unreadable:
        return content
    return None if size(content) > LARGEST else whole(content)


def _why(error: OSError) -> str:
    return f"the file cannot be read ({error.strerror}); mend that and send it again"


def _unread(name: str, source: Source, adapter: str | None, note: Note) -> Receipt:
    used = adapter or source.adapter
    return Receipt(name, None, source.id, used, None, State.REJECTED, issues=(note,))


def _is_unread(receipt: Receipt) -> bool:
    """Tell whether a receipt is of a file that was never opened; a document has other places."""
    return any(note.place == "file" and note.code in (UNREAD, TOO_LARGE) for note in receipt.issues)


def source_named(store: Store, name: str | None) -> Source:
    """Return the source of that name, or the default one; ends the command when there is none."""
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
        if path.is_dir():
            yield from sorted(
                each for each in path.rglob("*") if each.is_file() or _leads_nowhere(each)
            )
        elif path.is_file():
            yield path
        else:
            fail(f"there is no file or folder {path}")


def _leads_nowhere(path: Path) -> bool:
    """Tell whether it is a link to what is not there, which gets its receipt too."""
    return path.is_symlink() and not path.exists()


def _text(receipt: Receipt) -> str:
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
