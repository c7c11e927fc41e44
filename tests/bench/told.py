"""The receipts of a long run, counted as they come; how far it has come is told on the way.

A rate that falls from line to line says that something grows with what has been taken.
"""

import io
import json
import sys
import time
from resource import RUSAGE_SELF, getrusage

LINES = 50
"""So many lines of progress a run, at the most."""


class Told(io.TextIOBase):
    """A standard output that receipts are written to, one a line; it keeps nothing of them."""

    def __init__(self, name: str, persons: int, *, ours: bool) -> None:
        """Begin a run of that name over so many persons; `ours`: in this process."""
        self._name, self._persons, self._ours = name, persons, ours
        self._each = max(persons // LINES, 1)
        self._receipts = self._resources = 0
        self._since = time.perf_counter()

    def write(self, text: str) -> int:
        """Count a receipt."""
        if text.strip():
            self._receipts += 1
            receipt = json.loads(text)
            if receipt["state"] in ("stored", "replaced"):
                self._resources += len(receipt["resources"])
            if self._receipts % self._each == 0:
                self._tell()
        return len(text)

    def figures(self) -> dict[str, float]:
        """Return how many receipts there were, and how many resources they say were written."""
        return {"receipts": self._receipts, "resources": self._resources}

    def _tell(self) -> None:
        now = time.perf_counter()
        rate = self._each / (now - self._since)
        self._since = now
        used = ""
        if self._ours:
            memory = getrusage(RUSAGE_SELF).ru_maxrss / 1024
            used = f"; {time.process_time():,.0f} s of a core and {memory:.0f} MB"
        far = f"{self._receipts:,} of {self._persons:,} persons, {rate:.3g} a second"
        sys.stderr.write(f"{self._name}: {far}{used}\n")
        sys.stderr.flush()
