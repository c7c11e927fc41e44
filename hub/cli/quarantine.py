"""samvy quarantine: what could not be taken in, why, and trying again.

Source: DESIGN P1, P6. Reasons and sizes are shown, never content.
"""

import json
import sys
from typing import Annotated

import typer

from hub.cli.opening import JsonOption, StoreOption, fail, opened
from hub.ingest.quarantine import retry
from hub.running import now
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
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        found = quarantined(connection, part)
    if not found:
        fail("no part of that id is in quarantine; see samvy quarantine list", 1)
    lines = [
        _line(found[0]),
        *(f"  {n.severity}: {n.code} at {n.place}: {n.text}" for n in found[0].reasons),
    ]
    sys.stdout.write((_json(found[0]) if as_json else "\n".join(lines)) + "\n")


@quarantine.command("retry")
def quarantine_retry(
    part: Annotated[str | None, typer.Argument(help="one part's id; otherwise all")] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try again, after the cause has been mended; what fails again stays."""
    failed = 0
    with opened(store) as hub_store:
        key = identity_key(hub_store)
        for receipt in retry(hub_store, key, part, now()):
            failed += receipt.state.failed
            text = json.dumps(receipt.as_json(), ensure_ascii=False)
            sys.stdout.write(
                (text if as_json else f"{receipt.state.value} {receipt.document}") + "\n"
            )
    raise typer.Exit(1 if failed else 0)


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
            "reasons": [
                {"severity": n.severity, "code": n.code, "place": n.place, "text": n.text}
                for n in part.reasons
            ],
        },
        ensure_ascii=False,
    )


def _line(part: Quarantined) -> str:
    codes = ", ".join(dict.fromkeys(n.code for n in part.reasons if n.severity == "error"))
    return f"{part.id}  {part.received:%Y-%m-%d %H:%M}  {part.source}  {part.document}  {codes}"
