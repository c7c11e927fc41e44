"""samvy quarantine: what could not be taken in, why, and trying again.

Source: DESIGN P1, P6. Reasons and sizes are shown, never content.
"""

import json
import sys
from typing import Annotated

import typer

from hub.audit.administration import administered
from hub.cli.administering import logged_before
from hub.cli.ingest import print_receipt
from hub.cli.opening import JsonOption, StoreOption, fail, opened
from hub.ingest.quarantine import TAKEN, retry
from hub.running import now
from hub.store.connect import Store
from hub.store.identity_key import identity_key
from hub.store.parts import Quarantined, quarantined

quarantine = typer.Typer(help="parts that could not be taken in")


@quarantine.command("list")
def quarantine_list(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List what waits, the oldest first."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        for each in quarantined(connection):
            sys.stdout.write((_json(each) if as_json else _line(each)) + "\n")


@quarantine.command("show")
def quarantine_show(
    part: Annotated[str, typer.Argument(help="the part's id from `quarantine list`")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the reasons of one part."""
    with opened(store, writes=False) as hub_store:
        found = _found(hub_store, part)
    lines = [
        _line(found),
        *(f"  {n.severity}: {n.code} at {n.place}: {n.text}" for n in found.reasons),
    ]
    sys.stdout.write((_json(found) if as_json else "\n".join(lines)) + "\n")


@quarantine.command("retry")
def quarantine_retry(
    part: Annotated[str | None, typer.Argument(help="one part's id; otherwise all")] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try again, after the cause has been mended; what fails again stays."""
    failed = False
    with opened(store) as hub_store:
        key = identity_key(hub_store)
        if part is not None:
            _check(_found(hub_store, part))
        logged_before(hub_store, [administered(f"quarantine/retry {part or 'all'}", now())])
        for receipt in retry(hub_store, key, part, now()):
            failed = failed or receipt.state not in TAKEN
            print_receipt(receipt, as_json=as_json)
    raise typer.Exit(1 if failed else 0)


def _found(store: Store, part: str) -> Quarantined:
    with store.read() as connection:
        found = quarantined(connection, part)
    if not found:
        fail("no part of that id is in quarantine; see samvy quarantine list", 1)
    return found[0]


def _check(part: Quarantined) -> None:
    if not part.kept:
        fail("nothing is kept of that delivery; mend what is wrong and send it again", 1)


def _json(part: Quarantined) -> str:
    return json.dumps(
        {
            "id": part.id,
            "source": part.source,
            "adapter": part.adapter,
            "contract": part.contract,
            "document": part.document,
            "part": part.name,
            "size": part.size,
            "received": part.received.isoformat(),
            "kept": part.kept,
            "reasons": [
                {"severity": n.severity, "code": n.code, "place": n.place, "text": n.text}
                for n in part.reasons
            ],
        },
        ensure_ascii=False,
    )


def _line(part: Quarantined) -> str:
    codes = ", ".join(dict.fromkeys(n.code for n in part.reasons if n.severity == "error"))
    what = part.document if part.kept else f"{part.size} bytes, not kept: send it again"
    return f"{part.id}  {part.received:%Y-%m-%d %H:%M}  {part.source}  {what}  {codes}"
