"""samvy audit witness: who co-signs our checkpoints, and whose we co-sign.

Source: C2SP tlog-witness; DESIGN P9. Keys are exchanged outside the hub, as one line each.
"""

import sys
from typing import Annotated

import typer
from sqlalchemy import select

from hub.audit.administration import administered
from hub.audit.cosigned import Cosigner, ask_witness
from hub.audit.key import open_signer
from hub.audit.note import NoteError, Verifier
from hub.audit.witness import trust_log
from hub.cli.administering import logged_before
from hub.cli.opening import StoreOption, fail, opened, say
from hub.config.address import secure
from hub.running import now
from hub.store.schema.audit import audit_cosignature, audit_witness

witness = typer.Typer(help="who co-signs this log, and which logs this hub co-signs")


@witness.command("ask")
def witness_ask(
    key: Annotated[str, typer.Argument(help="the witness's key: its samvy audit witness key")],
    url: Annotated[str, typer.Argument(help="what /add-checkpoint is appended to")],
    store: StoreOption = None,
) -> None:
    """Have a witness asked to co-sign every checkpoint from now on, and ask it now."""
    if not secure(url, dev=True):
        fail("the witness's address must be https:// (http:// only on 127.0.0.1)")
    with opened(store) as hub_store:
        try:
            named = Verifier.parse_witness(key)
        except NoteError as problem:
            fail(f"the witness's key: {problem}")
        act = f"audit/witness ask {named.origin}"
        logged_before(hub_store, [administered(act, now())])
        with hub_store.write() as connection:
            ask_witness(connection, named, url)
        fault = Cosigner(hub_store).ask_now()[named.origin]
    say(fault or "the witness has co-signed the latest checkpoint, if there is one")


@witness.command("trust")
def witness_trust(
    key: Annotated[str, typer.Argument(help="the other log's key: its samvy audit key")],
    store: StoreOption = None,
    *,
    instead: Annotated[
        bool, typer.Option("--instead", help="its key was lost, and this one is in its place")
    ] = False,
) -> None:
    """Co-sign another log's checkpoints from now on, when it asks."""
    with opened(store) as hub_store:
        try:
            named = Verifier.parse(key)
            act = f"audit/witness trust {'instead ' if instead else ''}{named.origin}"
            logged_before(hub_store, [administered(act, now())])
            with hub_store.write() as connection:
                new = trust_log(connection, named, instead=instead)
        except NoteError as problem:
            fail(f"the log's key: {problem}")
    say(f"{named.origin} is witnessed {'from now on' if new else 'already'}")


@witness.command("key")
def witness_key(store: StoreOption = None) -> None:
    """Print the key by which this hub's cosignatures are verified."""
    with opened(store) as hub_store:
        sys.stdout.write(open_signer(hub_store).verifier.witness_text() + "\n")


@witness.command("list")
def witness_list(store: StoreOption = None) -> None:
    """List the witnesses that are asked, what each has signed last, and what is wrong."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        for row in connection.execute(select(audit_witness).order_by(audit_witness.c.name)):
            size = connection.scalar(
                select(audit_cosignature.c.size)
                .where(audit_cosignature.c.witness == row.name)
                .order_by(audit_cosignature.c.size.desc())
                .limit(1)
            )
            signed = "has signed nothing" if size is None else f"has signed {size} records"
            fault = f"; {row.fault}" if row.fault else ""
            sys.stdout.write(f"{row.name} {row.url} {signed}{fault}\n")
