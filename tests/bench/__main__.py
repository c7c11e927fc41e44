"""`make bench`: run the measurements and print them beside their budgets (DESIGN §7).

Each module `bench_<subject>.py` has `rows()`, which yields a Row for each figure. A name on the
command line picks subjects; without one all run. The exit status is 0 whatever was measured: a
figure is for reading, and a slow machine is no failure.
"""

import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.row import Row

FOLDER = Path(__file__).parent


def subjects() -> list[str]:
    """Return the subjects that can be measured, by the names of their modules."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def main(wanted: list[str]) -> int:
    """Measure the subjects and print a table for each."""
    known = subjects()
    if unknown := [name for name in wanted if name not in known]:
        print(f"bench: there is no {', '.join(unknown)}; there are {', '.join(known)}")  # noqa: T201  # a command's answer
        return 2
    console = Console()
    for subject in wanted or known:
        module = importlib.import_module(f"tests.bench.bench_{subject}")
        console.print(_table(subject, _as_they_come(module.rows())))
    return 0


def _as_they_come(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, each told on standard error at once: a long run that ends early told much."""
    for row in rows:
        print(f"{row.what}: {row.figure:,.4g} {row.unit} {row.note}", file=sys.stderr, flush=True)  # noqa: T201  # how far it has come
        yield row


def _table(subject: str, rows: Iterable[Row]) -> Table:
    table = Table("what", "figure", "budget", "within", "note", title=subject)
    for row in rows:
        bounds = [("≤", row.most), ("≥", row.least)]
        budget = " and ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)
        verdict = {None: "", True: "yes", False: "NO"}[row.within]
        table.add_row(row.what, f"{row.figure:,.4g} {row.unit}", budget, verdict, row.note)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
