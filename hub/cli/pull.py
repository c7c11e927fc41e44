"""samvy pull: fetch a person's documents from a source, with receipts as those of ingest.

Source: INTERFACES. The number is given as an option, in a file or on standard input, and stands
nowhere in what is printed. Exit 0 when all was taken, 1 when a source erred or something was
quarantined, 2 when it could not run.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from consent.period import STOCKHOLM
from hub.cli.ingest import print_receipt, source_named
from hub.cli.opening import JsonOption, StoreOption, fail, opened
from hub.ingest.pull import Asked, contracts_of, named, pull
from hub.running import now
from hub.store.identity_key import identity_key
from mappings.personal_identity import Identity, NotAnIdentity, normalise

LARGEST = 1024 * 1024


def pull_command(
    source: Annotated[str, typer.Argument(help="the source's id in the sources file")],
    person: Annotated[
        str,
        typer.Option(
            help="a person number, or system|value; @FILE reads a file with one on each line, and"
            " - standard input, so that no number stands in the list of processes"
        ),
    ],
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
        persons = list(_persons(person))
        key = identity_key(hub_store)
        failed = False
        for identity in persons:
            for receipt in pull(hub_store, key, Asked(found, how, identity, contracts), now()):
                failed = failed or receipt.state.failed
                print_receipt(receipt, as_json=as_json)
    raise typer.Exit(1 if failed else 0)


def _persons(given: str) -> Iterator[Identity]:
    today = now().astimezone(STOCKHOLM).date()
    for number, line in enumerate(_lines(given), 1):
        text = line.strip()
        if not text:
            continue
        system, bar, value = text.rpartition("|")
        try:
            yield normalise(value, system if bar else None, today)
        except NotAnIdentity as why:
            place = "--person" if given[:1] not in "@-" else f"line {number} of the persons"
            fail(f"{place}: {why.reason}; write it with twelve digits, or as system|value")


def _lines(given: str) -> list[str]:
    if given == "-":
        text = sys.stdin.read(LARGEST + 1)
    elif given.startswith("@"):
        try:
            with Path(given[1:]).open(encoding="utf-8-sig") as file:
                text = file.read(LARGEST + 1)
        except (OSError, ValueError):
            fail("the file of persons cannot be read; give a text file with one number on a line")
    else:
        return [given.strip() or "?"]
    if len(text) > LARGEST:
        fail("there are too many persons at once; divide them")
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        fail("no person is named; give one number on each line")
    return lines
