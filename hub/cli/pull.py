"""samvy pull: fetch a person's documents from a source, with receipts as those of ingest.

Source: INTERFACES. The number is given as an option, in a file or on standard input, and stands
nowhere in what is printed. Exit 0 when all was taken, 1 when a source erred or something was
quarantined, 2 when it could not run.
"""

from typing import Annotated

import typer

from hub.audit.administration import administered
from hub.cli.administering import logged_before
from hub.cli.ingest import print_receipt, source_named
from hub.cli.on_terminal import Tally, progress
from hub.cli.opening import JsonOption, StoreOption, fail, opened
from hub.cli.persons import HELP, persons_given
from hub.ingest.pull import Asked, contracts_of, named, pull
from hub.running import now
from hub.store.identity import person_key
from hub.store.identity_key import identity_key


def pull_command(
    source: Annotated[str, typer.Argument(help="the source's id in the sources file")],
    person: Annotated[str, typer.Option(help=HELP)],
    contract: Annotated[
        list[str] | None,
        typer.Option(help="GetDiagnosis or 'GetDiagnosis 2.0'; may be repeated; otherwise all"),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch a person's documents from a source, and print a receipt for each part of them."""
    with opened(store) as hub_store:
        found = source_named(hub_store, source)
        how = found.pull
        if how is None:
            fail("the source has no `pull` in the sources file; add where and how it is asked")
        contracts = named(how, contract or ())
        if contracts is None:
            fail(f"the source is not asked for that; it is for: {', '.join(contracts_of(how))}")
        persons = list(persons_given(person))
        key = identity_key(hub_store)
        failed, tally = False, Tally()
        keys = [person_key(key, each.system, each.value) for each in persons]
        acts = [administered(f"pull {found.id}", now(), person=each) for each in keys]
        logged_before(hub_store, acts)
        with progress() as shown:
            for identity in shown.track(persons, description="Asking for persons"):
                for receipt in pull(hub_store, key, Asked(found, how, identity, contracts), now()):
                    failed = failed or receipt.state.failed
                    tally.add(receipt)
                    print_receipt(receipt, as_json=as_json)
        tally.tell()
    raise typer.Exit(1 if failed else 0)
