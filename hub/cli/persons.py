"""Persons as commands are told of them: by option, in a file or on standard input.

Source: INTERFACES. A number in a file or on standard input stands in no list of processes; none is
ever printed.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from consent.period import STOCKHOLM
from hub.cli.opening import fail
from hub.running import now
from mappings.personal_identity import Identity, NotAnIdentity, normalise

LARGEST = 1024 * 1024
HELP = (
    "a person number, or system|value; @FILE reads a file with one on each line, and - standard"
    " input, so that no number stands in the list of processes"
)


def persons_given(given: str) -> Iterator[Identity]:
    """Yield the persons; what names none ends the command, with its place and without its value."""
    for number, line in enumerate(_lines(given), 1):
        if line.strip():
            place = "--person" if given[:1] not in "@-" else f"line {number} of the persons"
            yield read_person(line, place)


def pairs_given(given: str) -> Iterator[tuple[Identity, Identity]]:
    """Yield the two persons of each line, with white space between."""
    for number, line in enumerate(_lines(given), 1):
        place = f"line {number} of the pairs"
        words = line.split()
        if not words:
            continue
        if len(words) != 2:  # noqa: PLR2004 - a pair
            fail(f"{place}: there are not two numbers; write both with white space between")
        yield read_person(words[0], place), read_person(words[1], place)


def read_person(text: str, place: str) -> Identity:
    """Return the person that a text names."""
    system, bar, value = text.strip().rpartition("|")
    try:
        return normalise(value, system if bar else None, now().astimezone(STOCKHOLM).date())
    except NotAnIdentity as why:
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
