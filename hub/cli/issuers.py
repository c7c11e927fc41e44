"""samvy issuers load, list: whose tokens the hub believes.

Source: docs/tokens.md. The file is the whole list; a hub that is running believes it from its next
request on, without being started again.
"""

import sys

import msgspec
import typer

from hub.audit.administration import administered
from hub.auth.issuers_file import read_issuers
from hub.cli.administering import logged_before
from hub.cli.loading import FileArgument
from hub.cli.opening import JsonOption, StoreOption, fail, opened, say
from hub.config.problem import ConfigurationError
from hub.running import now
from hub.store.directory import directory, load_issuers

issuers = typer.Typer(help="identity providers whose tokens the hub believes")


@issuers.command("load")
def issuers_load(file: FileArgument, store: StoreOption = None) -> None:
    """Load an issuers file: these are believed from now on, and no others."""
    with opened(store) as hub_store:
        with hub_store.read() as connection:
            try:
                found = read_issuers(file, directory(connection).organisations)
            except ConfigurationError as error:
                fail(str(error))
        logged_before(hub_store, [administered("issuers/load", now())])
        with hub_store.write() as connection:
            loaded = load_issuers(connection, found, now())
    say(
        f"issuers: {len(loaded.added)} added, {len(loaded.changed)} changed,"
        f" {len(loaded.unchanged)} unchanged, {len(loaded.removed)} no longer believed"
    )


@issuers.command("list")
def issuers_list(json: JsonOption = False, store: StoreOption = None) -> None:
    """List the issuers that are believed."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        known = directory(connection).issuers.values()
    for each in known:
        where = each.keys.discovery or each.keys.jwks or "a file"
        if json:
            line = {
                "id": each.id,
                "audience": each.audience,
                "keys": where,
                "speaks_for": each.speaks_for,
            }
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        else:
            said = ", ".join(each.speaks_for)
            sys.stdout.write(f"{each.id}  for {said}  keys from {where}\n")
