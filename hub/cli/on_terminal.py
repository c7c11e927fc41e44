"""What a long command shows of itself while receipts go to standard output, and at its end.

Source: INTERFACES (messages for people go to standard error, with progress when it is a terminal).
"""

import sys
from collections import Counter

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from hub.cli.opening import say
from hub.ingest.receipt import Receipt, State

_REMEDY = "; samvy quarantine list tells what waits, samvy quarantine retry tries it again"


def progress() -> Progress:
    """Return what shows, on a terminal, how far a command has come.

    Standard output is left alone unless it is the terminal too: rich otherwise writes to the
    terminal what was to go into a file.
    """
    console = Console(stderr=True, soft_wrap=True)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    return Progress(
        *columns,
        console=console,
        disable=not console.is_terminal,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    )


class Tally:
    """How many parts had each state: said at the end, when there were several."""

    def __init__(self) -> None:
        """Begin with none."""
        self._states: Counter[State] = Counter()

    def add(self, receipt: Receipt) -> None:
        """Count a receipt."""
        self._states[receipt.state] += 1

    def tell(self) -> None:
        """Say it, in the order in which the states are listed."""
        if self._states.total() > 1:
            counts = [f"{self._states[each]} {each.value}" for each in State if self._states[each]]
            remedy = _REMEDY if self._states[State.QUARANTINED] else ""
            say(f"{self._states.total()} receipts: {', '.join(counts)}{remedy}")
