"""The demo on the terminal: a table of who gets what, what the codes mean, and a curl line each."""

import shlex
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from hub.demo.reading import Opened, Reading

MEANING = {
    "U0": "unblocked data exist elsewhere",
    "U1": "who holds them",
    "B0": "blocked data exist",
    "B1": "who blocked",
    "I0": "data exist at another unit of the own care provider",
    "I1": "which unit",
}
TIMES = "\N{MULTIPLICATION SIGN}"
WIDEST = 18
"""Of a column beside the one that holds most, so that the table fits a terminal of 80."""


def show(console: Console, readings: Sequence[Reading], names: Mapping[str, str]) -> None:
    """Print the table and what its codes mean; `names` are those of organisations and units."""
    table = Table(title="What each reader gets of the same person's record", show_lines=True)
    table.add_column("Reader", max_width=WIDEST)
    table.add_column("Gets", overflow="fold")
    table.add_column("Is shown", max_width=WIDEST)
    table.add_column("Under", no_wrap=True)
    for reading in readings:
        table.add_row(
            reading.reader.name,
            _content(reading, names),
            "\n".join(_rung(rung, reading.last, names) for rung in reading.last.shows) or "nothing",
            "\n".join(reading.last.basis),
        )
    console.print(table)
    shown = {rung for reading in readings for rung in reading.last.shows}
    for rung, meaning in MEANING.items():
        if rung in shown:
            console.print(f"  {rung}  {meaning}", highlight=False)


def show_curl(console: Console, base: str, readings: Sequence[Reading]) -> None:
    """Print a line for each reader that can be pasted into a shell as it stands."""
    console.print("\nRead as each of them yourself (the tokens and sessions last an hour):")
    for reading in readings:
        console.print(f"\n[bold]{reading.reader.name}[/bold]", highlight=False)
        console.print(
            curl(base, reading), markup=False, highlight=False, soft_wrap=True, overflow="ignore"
        )


def curl(base: str, reading: Reading) -> str:
    """Return the command that reads the reader's example, with token and session."""
    words = [
        "curl",
        "--silent",
        "--header",
        f"Authorization: Bearer {reading.token}",
        "--header",
        f"X-Samvy-Session: {reading.last.session}",
        f"{base}/{reading.reader.example}?patient={reading.person}",
    ]
    return shlex.join(words)


def _content(reading: Reading, names: Mapping[str, str]) -> str:
    if not reading.sees:
        return "nothing"
    counts = ", ".join(f"{count}{TIMES}{kind}" for kind, count in sorted(reading.sees.items()))
    owners = "; ".join(sorted(names.get(each, each) for each in reading.owners))
    return f"{counts}\nfrom {owners}"


def _rung(rung: str, opened: Opened, names: Mapping[str, str]) -> str:
    named = sorted(names.get(each, each) for each in opened.names.get(rung, ()))
    return f"{rung}: {', '.join(named)}" if named else rung
