"""samvy switches load, list: how this hub decides what the statutes leave open.

Source: DESIGN §3, P8; docs/law.md. A hub that is running decides so from its next request on, and
names it behind the version of the law in its log and in receipts.
"""

import sys

import msgspec
import typer

from consent.situation import DEFAULTS
from hub.audit.administration import administered
from hub.cli.administering import logged_before
from hub.cli.loading import FileArgument
from hub.cli.opening import JsonOption, StoreOption, fail, opened, say
from hub.config.problem import ConfigurationError
from hub.config.switches_file import read_switches
from hub.running import now
from hub.store.directory import directory, load_switches

switches = typer.Typer(help="how what the statutes leave open is decided here")


@switches.command("load")
def switches_load(file: FileArgument, store: StoreOption = None) -> None:
    """Load a switches file: so it is decided from now on, and the rest by default."""
    with opened(store) as hub_store:
        try:
            found = read_switches(file)
        except ConfigurationError as error:
            fail(str(error))
        written = (f"{each}={_word(on)}" for each, on in sorted(found.switches.items()))
        act = " ".join(["switches/load", *written])
        logged_before(hub_store, [administered(act, now(), reason=found.decision)])
        with hub_store.write() as connection:
            changed = load_switches(connection, found.switches, now()).changed
    say(f"switches: {len(changed)} changed{''.join(f' {each}' for each in changed)}")


@switches.command("list")
def switches_list(json: JsonOption = False, store: StoreOption = None) -> None:
    """List every switch, how it stands and its default."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        known = directory(connection).switches
    for each, default in DEFAULTS.items():
        stands = known[each]
        if json:
            line = {"id": each.value, "on": stands, "default": default}
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        else:
            other = "" if stands is default else f"  (default: {_word(default)})"
            sys.stdout.write(f"{each}  {_word(stands)}{other}\n")


def _word(on: bool) -> str:  # noqa: FBT001 - the switch's own value
    return "yes" if on else "no"
