"""samvy audit verify: is the log whole and unchanged?

Source: INTERFACES; DESIGN P9. Exit 0: it verifies; 1: it does not; 2: it cannot be read.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.audit.verify_store import MEANING, verify_store
from hub.cli.opening import JsonOption, StoreOption, fail, opened

audit = typer.Typer(help="the access log")


@audit.callback()
def _group() -> None:
    """Keep `verify` a command of its own although it is the only one."""


@audit.command("verify")
def audit_verify(
    store: StoreOption = None,
    since: Annotated[
        Path | None, typer.Option(help="a checkpoint that was kept outside the hub")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify chains, tree and checkpoints; name each record that was altered, dropped or moved."""
    held = _held(since) if since else None
    with opened(store, writes=False) as hub_store:
        report = verify_store(hub_store, held)
    sys.stdout.write((json.dumps(report) if as_json else _text(report)) + "\n")
    raise typer.Exit(0 if report["verified"] else 1)


def _held(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fail(f"{file} cannot be read as a checkpoint; give a file that samvy wrote")


def _text(report: dict[str, object]) -> str:
    lines = [f"{'verified' if report['verified'] else 'NOT VERIFIED'}: {report['records']} records"]
    faults = report["faults"]
    for fault in faults if isinstance(faults, list) else []:
        kind = fault["kind"]
        lines.append(f"  {kind}: {fault.get('record')}: {MEANING.get(kind, kind)}")
    return "\n".join(lines)
