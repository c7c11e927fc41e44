"""P4 by hand: python -m tests.next_request [ANSWERS, otherwise 1000000] [SECONDS at most].

SAMVY_TEST_POSTGRES names the server. The figure goes into docs/performance.md.
"""

import os
import sys
import tempfile
from pathlib import Path

from hub.store.connect import Store
from hub.store.migrate import upgrade
from tests.bench.bench_api import database
from tests.next_request.channels import channels
from tests.next_request.served import processes
from tests.next_request.watch import Seen, watched
from tests.worlds.hub_world import opened_world


def main(answers: int, seconds: float | None) -> int:
    """Return the exit status: 0 when no answer was wrong."""
    with database() as url, tempfile.TemporaryDirectory() as folder:
        store = Store(url)
        upgrade(store)
        store.close()
        with (
            opened_world(url, Path(folder)) as world,
            processes(4, url, Path(folder)) as addresses,
        ):
            seen = watched(world, addresses, channels(), answers, seconds=seconds, report=_say)
    _say(seen)
    for each in seen.wrong:
        print(each)  # noqa: T201  # a command
    return 1 if seen.wrong else 0


def _say(seen: Seen) -> None:
    print(seen, f"(load {os.getloadavg()[0]:.0f})", flush=True)  # noqa: T201  # a command


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]]
    sys.exit(main(int(given[0]) if given else 1_000_000, given[1] if len(given) > 1 else None))
