"""samvy audit key: the log's public key, and its handover to a new one.

Source: DESIGN P9; docs/log-keys.md.
"""

import sys
from typing import Annotated

import typer

from hub.audit.errors import AuditError
from hub.audit.handover import Ended, hand_over
from hub.audit.key import open_signer
from hub.cli.opening import StoreOption, fail, opened, say
from hub.running import now

key = typer.Typer(help="the log's public key, and its handover to a new one")


@key.callback(invoke_without_command=True)
def audit_key(context: typer.Context, store: StoreOption = None) -> None:
    """Print the log's public key, for whoever verifies to keep outside."""
    if context.invoked_subcommand is not None:
        return
    with opened(store) as hub_store:
        sys.stdout.write(open_signer(hub_store).verifier.text() + "\n")


@key.command("rotate")
def audit_key_rotate(
    store: StoreOption = None,
    *,
    stolen: Annotated[
        bool, typer.Option("--stolen", help="somebody else may have the key that signs now")
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="nobody has the key that signed until now")
    ] = False,
) -> None:
    """Hand over to a new key: it signs from now on, also in the processes that serve."""
    if stolen and lost:
        fail(
            "--stolen and --lost: a key that is there hands over (--stolen); one that is not"
            " there cannot (--lost)"
        )
    ended = Ended.STOLEN if stolen else Ended.LOST if lost else None
    with opened(store) as hub_store:
        try:
            verifier, size = hand_over(hub_store, now(), ended)
        except AuditError as problem:
            fail(str(problem))
    sys.stdout.write(verifier.text() + "\n")
    say(f"the old key has signed its last checkpoint, of {size} records; back up the new key")
    if ended is not None:
        say("give this line to all who verify the log: from the old key nothing leads to it")
    if lost:
        say("every witness has to be told: samvy audit witness trust --instead KEY")
