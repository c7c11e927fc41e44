"""A temporary folder that is removed however the demo ends, also if it is interrupted at once."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ENDINGS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield the folder. A signal that comes while it is made waits until it can be removed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    folder = tempfile.TemporaryDirectory(prefix="samvy-demo-")
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
        yield Path(folder.name)
    finally:
        folder.cleanup()
