"""samvy audit: is the log whole and unchanged, its key, and what it gives to somebody outside.

Source: INTERFACES; DESIGN P9. verify exits with 0: it verifies; 1: it does not; 2: it cannot be
read.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from consent.period import STOCKHOLM
from hub.audit.errors import AuditError
from hub.audit.export import latest
from hub.audit.gallring import TooSoon, erase_before
from hub.audit.note import NoteError, Verifier
from hub.audit.verify import Key, parse_key
from hub.audit.verify_file import LONGEST_LINE, verify_export
from hub.audit.verify_note import WitnessKey
from hub.audit.verify_receipt import LARGEST, is_receipt, verify_receipt
from hub.audit.verify_store import MEANING, verify_store
from hub.audit.writer import AuditWriter
from hub.cli.audit_export import audit_export
from hub.cli.audit_key import key as key_commands
from hub.cli.audit_witness import witness
from hub.cli.opening import JsonOption, StoreOption, fail, opened, say

audit = typer.Typer(help="the access log")
audit.command("export")(audit_export)
audit.add_typer(key_commands, name="key")
audit.add_typer(witness, name="witness")


@audit.command("verify")
def audit_verify(
    file: Annotated[
        Path | None,
        typer.Argument(help="an export or a receipt; without one, the store's own log"),
    ] = None,
    store: StoreOption = None,
    since: Annotated[
        Path | None, typer.Option(help="a checkpoint that was kept outside the hub")
    ] = None,
    key: Annotated[str | None, typer.Option(help="the log's public key, kept outside")] = None,
    witnesses: Annotated[
        list[str] | None, typer.Option("--witness", help="a witness's key that must have signed")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify chains, tree and checkpoints; name each record that was altered, dropped or moved."""
    known = _key(key) if key else None
    if file is not None:
        report = _verify_file(file, known, witnesses or [])
        text = _text_of_receipt(report) if "receipt" in report else _text_of_file(report)
    else:
        held = _held(since) if since else None
        with opened(store, writes=False) as hub_store:
            report = verify_store(hub_store, held, key=known)
        text = _text(report)
    sys.stdout.write((json.dumps(report) if as_json else text) + "\n")
    raise typer.Exit(0 if report["verified"] else 1)


@audit.command("checkpoint")
def audit_checkpoint(store: StoreOption = None) -> None:
    """Print the latest checkpoint, for `verify --since`."""
    with opened(store) as hub_store:
        try:
            with hub_store.read() as connection:
                sys.stdout.write(latest(connection)[0])
        except AuditError as problem:
            fail(str(problem))


@audit.command("erase")
def audit_erase(
    before: Annotated[str, typer.Option(help="the first day that is kept, such as 2020-01-01")],
    store: StoreOption = None,
) -> None:
    """Erase the content of records from before a day, at least five years ago (gallring)."""
    try:
        day = datetime.fromisoformat(before).replace(tzinfo=STOCKHOLM)
    except ValueError:
        fail(f"--before {before}: give a day such as 2020-01-01")
    with opened(store) as hub_store:
        log = AuditWriter(hub_store)
        try:
            erased = erase_before(hub_store, log, day, datetime.now(UTC))
        except (AuditError, TooSoon) as problem:
            fail(str(problem))
        finally:
            log.close()
    say(f"{erased} records erased; the tree stays as it was")


def _verify_file(file: Path, key: Key | None, witnesses: list[str]) -> dict[str, Any]:
    asked = []
    for line in witnesses:
        try:
            named = Verifier.parse_witness(line)
        except NoteError as problem:
            fail(f"--witness: {problem}")
        asked.append(WitnessKey(named.origin, named.public))
    try:
        with file.open("rb") as opened_file:
            start = opened_file.read(LARGEST + 1)
            if len(start) <= LARGEST and is_receipt(start):
                return verify_receipt(start, key=key, witnesses=asked)
            opened_file.seek(0)
            return verify_export(_lines(opened_file), key=key, witnesses=asked)
    except OSError as problem:
        fail(f"{file} cannot be read ({problem.strerror})")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield lines, none longer than is read at once: a file without line feeds is no bomb."""
    while line := file.readline(LONGEST_LINE):
        yield line


def _key(line: str) -> Key:
    try:
        return parse_key(line)
    except ValueError as problem:
        fail(f"--key: {problem}")


def _held(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as a checkpoint; give a file that samvy wrote")


def _text(report: dict[str, Any]) -> str:
    lines = [f"{'verified' if report['verified'] else 'NOT VERIFIED'}: {report['records']} records"]
    for fault in report["faults"]:
        kind = fault["kind"]
        lines.append(f"  {kind}: {fault.get('record')}: {MEANING.get(kind, kind)}")
    return "\n".join(lines)


def _text_of_receipt(report: dict[str, Any]) -> str:
    """Return the report on a receipt for people."""
    lines = [f"{'verified' if report['verified'] else 'NOT VERIFIED'}: a decision receipt"]
    if report["verified"]:
        lines.append(f"  {report['sentence']}")
        lines.append(f"  {', '.join(report['sections']) or 'no section'}, law {report['law']}")
        seen = "its records are in the log's tree" if report["sequenced"] else "no proof beside it"
        lines.append(f"  signed by the log's key; {seen}")
        if report["key"] == "file":
            lines.append("  the key is the file's own: compare it with one from elsewhere (--key)")
    return "\n".join([*lines, *(f"  {fault['text']}" for fault in report["faults"])])


def _text_of_file(report: dict[str, Any]) -> str:
    """Return the report on an export for people: what is proven, and what is not."""
    word = "verified" if report["verified"] else "NOT VERIFIED"
    lines = [f"{word}: {report['records']} records"]
    if report["verified"]:
        size = report["checkpoint"]["size"]
        whole = "all of the person's" if report["complete"] else "each one logged, maybe not all"
        lines.append(f"  {whole}, under the checkpoint of {size} records")
        if report["erased"]:
            lines.append(f"  {report['erased']} of them erased: nothing is left of what they said")
        lines += [f"  co-signed by {name}" for name in report["witnesses"]]
        if report["key"] == "file":
            lines.append("  the key is the file's own: compare it with one from elsewhere (--key)")
    lines += [f"  line {fault['line']}: {fault['text']}" for fault in report["faults"]]
    return "\n".join(lines)
