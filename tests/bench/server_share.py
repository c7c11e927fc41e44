"""What a run has cost in a PostgreSQL server on the same machine, in seconds of a core.

The server's processes that serve the database are looked at twice a second in /proc, since one
that ends takes its figure with it. Where there is no /proc, or the server is elsewhere, there is
no figure.
"""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import make_url

PROCESSES = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


class ServerShare:
    """Counts while it is entered; `seconds` is None when no process of the server was seen."""

    def __init__(self, url: str) -> None:
        """Prepare to count for the database of a URL."""
        address = make_url(url)
        postgres = address.get_backend_name() == "postgresql"
        self._name = f" {address.database} " if postgres else None
        self._first: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to count."""
        if self._name is not None:
            self._first = self._look()
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Have done."""
        self._done.set()
        if self._name is not None:
            self._thread.join()

    @property
    def seconds(self) -> float | None:
        """Return the seconds of a core that were seen."""
        if not self._last:
            return None
        return sum(used - self._first.get(each, 0) for each, used in self._last.items())

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            self._last |= self._look()

    def _look(self) -> dict[str, float]:
        """Return the seconds that each process which serves the database has used."""
        found = {}
        for folder in PROCESSES.glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                if command.startswith(b"postgres") and str(self._name).encode() in command:
                    fields = (folder / "stat").read_text().rpartition(")")[2].split()
                    found[folder.name] = (int(fields[11]) + int(fields[12])) / _TICKS
            except OSError:
                continue  # it has ended meanwhile
        return found
