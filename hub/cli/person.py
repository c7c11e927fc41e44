"""samvy person link, unlink: numbers that are one person, such as a samordningsnummer of before.

Source: DESIGN §4. Blocks and consents of either number apply to both from then on.
"""

from typing import Annotated

import typer

from hub.audit.administration import administered
from hub.cli.administering import logged_before
from hub.cli.opening import StoreOption, fail, opened, say
from hub.cli.persons import HELP, pairs_given, persons_given, read_person
from hub.ingest.former import link, unlink
from hub.running import now
from hub.store.connect import Store
from hub.store.identity import person_key
from hub.store.identity_key import identity_key
from mappings.personal_identity import Identity

person = typer.Typer(help="numbers that are one person", no_args_is_help=True)


@person.command("link")
def person_link(
    first: Annotated[
        str | None, typer.Option(help="the number whose Patient id both have from now on")
    ] = None,
    other: Annotated[str | None, typer.Option(help="a former or another number of theirs")] = None,
    pairs: Annotated[
        str | None,
        typer.Option(help="instead: @FILE or - (standard input), first and other on each line"),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Make two numbers one person."""
    if pairs is not None and first is None and other is None:
        if pairs[:1] not in "@-":
            fail("--pairs: give @FILE, or - for standard input")
        wanted = list(pairs_given(pairs))
    elif pairs is None and first is not None and other is not None:
        wanted = [(read_person(first, "--first"), read_person(other, "--other"))]
    else:
        fail("give --first and --other, or --pairs")
    if any(one == two for one, two in wanted):
        fail("a number is linked to another one, not to itself")
    with opened(store) as hub_store:
        key = identity_key(hub_store)
        done = 0
        for one, two in wanted:
            _logged(hub_store, key, "person/link", (one, two))
            with hub_store.write() as connection:
                done += link(connection, key, one, two, now())
    say(f"{done} linked, {len(wanted) - done} were so already")


@person.command("unlink")
def person_unlink(
    who: Annotated[str, typer.Option("--person", help=HELP)], store: StoreOption = None
) -> None:
    """Make a number a person of its own again."""
    persons = list(persons_given(who))
    with opened(store) as hub_store:
        key = identity_key(hub_store)
        done = 0
        for each in persons:
            _logged(hub_store, key, "person/unlink", (each,))
            with hub_store.write() as connection:
                done += unlink(connection, key, each, now())
    say(f"{done} parted, {len(persons) - done} were linked to nothing")


def _logged(store: Store, key: bytes, act: str, persons: tuple[Identity, ...]) -> None:
    """Write the record of the act, one for each number, before it is done."""
    keys = [person_key(key, each.system, each.value) for each in persons]
    logged_before(store, [administered(act, now(), person=each) for each in keys])
