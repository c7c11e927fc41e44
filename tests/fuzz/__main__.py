"""`make fuzz`: mutated documents for a given time; what fails is written to files and told.

The second argument is the database: `sqlite`, or `postgresql` on the server that
SAMVY_TEST_POSTGRES names.
"""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
from fuzz_ingest import LOT, Hub, opened
from fuzz_known_forms import BothWays, texts
from fuzz_rivta import feed, mutations


def main(seconds: float, database: str) -> int:
    """Run for so many seconds; return 1 when something failed."""
    seed = int(time.time())
    end, failed, done = time.monotonic() + seconds, 0, 0
    messages, damaged, ways = mutations(seed), texts(seed), BothWays()
    with opened(database) as hub:
        while time.monotonic() < end:
            lot = list(islice(messages, LOT))
            pairs = list(islice(damaged, LOT))
            failures = [*_failures(hub, lot), *_differing(ways, pairs)]
            for number, (contents, error) in enumerate(failures):
                failed += 1
                found = Path(f"fuzz-{seed}-{done}-{number}")
                found.mkdir()
                for place, content in enumerate(contents):
                    (found / f"{place}.xml").write_bytes(content)
                said = f"{type(error).__name__} at {found}: {str(error)[:300]}"
                sys.stderr.write(f"{said}\n")
            done += len(lot)
        states = ", ".join(f"{number} {state}" for state, number in sorted(hub.states.items()))
    sys.stdout.write(
        f"fuzz on {database}: {done} mutated messages (seed {seed}), and as many texts both ways"
        f" ({ways.quick} known), {failed} failed; {states}\n"
    )
    return 1 if failed else 0


def _failures(hub: Hub, lot: list[bytes]) -> Iterator[tuple[list[bytes], Exception]]:
    """Yield what failed with its messages: one by itself, or the whole lot in the store."""
    for content in lot:
        try:
            feed(content)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            yield [content], error
    try:
        hub.feed(lot)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        yield lot, error


def _differing(
    ways: BothWays, pairs: list[tuple[bytes, bytes]]
) -> Iterator[tuple[list[bytes], Exception]]:
    for whole, damaged in pairs:
        try:
            if not ways.agree(whole, damaged):
                yield [damaged], AssertionError("known by its form it gives something else")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            yield [damaged], error


raise SystemExit(
    main(float(sys.argv[1]) if sys.argv[1:] else 600, sys.argv[2] if sys.argv[2:] else "sqlite")
)
