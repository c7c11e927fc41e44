"""P4 by hand: python -m tests.next_request [ANSWERS, otherwise 1000000] [FILE of the figure].

SAMVY_TEST_POSTGRES names the server. The answers come in rounds, each on a store and processes of
its own, so that a long run does not gather history that no hub has. FILE holds the figure so far: a
run that was broken off goes on from it. The figure goes into docs/performance.md.
"""

import os
import sys
import tempfile
from pathlib import Path

from hub.store.connect import Store
from hub.store.migrate import upgrade
from tests.bench.bench_api import database
from tests.next_request.channels import channels
from tests.next_request.seen import Seen, kept
from tests.next_request.served import processes
from tests.next_request.watch import watched
from tests.worlds.hub_world import opened_world

ROUND = 100_000
FIGURE = Path("p4.json")


def main(answers: int, file: Path) -> int:
    """Return the exit status: 0 when no answer was wrong."""
    seen = kept(file)
    if seen.answers:
        _say(seen, f"before, from {file}")
    while seen.answers < answers and not seen.wrong:
        seen += _round(min(ROUND, answers - seen.answers), seen, file)
        seen.keep(file)
    _say(seen, f"in all, kept in {file}")
    for each in seen.wrong:
        print(each)  # noqa: T201  # a command
    return 1 if seen.wrong else 0


def _round(answers: int, before: Seen, file: Path) -> Seen:
    def report(seen: Seen) -> None:
        (before + seen).keep(file)
        _say(before + seen)

    with database() as url, tempfile.TemporaryDirectory() as folder:
        store = Store(url)
        upgrade(store)
        store.close()
        with (
            opened_world(url, Path(folder)) as world,
            processes(4, url, Path(folder)) as addresses,
        ):
            return watched(world, addresses, channels(), answers, report=report)


def _say(seen: Seen, what: str = "") -> None:
    load = f"(load {os.getloadavg()[0]:.0f})"
    print(what, seen, load, flush=True)  # noqa: T201  # a command


if __name__ == "__main__":
    given = sys.argv[1:]
    wanted = int(given[0]) if given else 1_000_000
    sys.exit(main(wanted, Path(given[1]) if len(given) > 1 else FIGURE))
