"""`make fuzz`: mutated documents for a given time; what fails is written to a file and told."""

import sys
import time
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))
from fuzz_ingest import Hub
from fuzz_rivta import feed, mutations


def main() -> int:
    """Run for as many seconds as the first argument says; return 1 when something failed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    seed = int(time.time())
    end, failed, done = time.monotonic() + seconds, 0, 0
    with TemporaryDirectory() as folder:
        hub = Hub(Path(folder))
        for done, content in zip(count(1), mutations(seed), strict=False):
            try:
                feed(content)
                hub.feed(content)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                failed += 1
                found = Path(f"fuzz-{seed}-{done}.xml")
                found.write_bytes(content)
                sys.stderr.write(f"{type(error).__name__} at {found}: {str(error)[:300]}\n")
            if time.monotonic() > end:
                break
        hub.close()
    said = ", ".join(f"{number} {state}" for state, number in sorted(hub.states.items()))
    sys.stdout.write(f"fuzz: {done} mutated messages (seed {seed}), {failed} failed; {said}\n")
    return 1 if failed else 0


raise SystemExit(main())
