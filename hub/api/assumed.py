"""The directory that a reading request takes for granted until its own statement has borne it out.

Source: DESIGN P4, §7. Who asks is held against the directory of this moment. A request that only
reads asks what the directory's counter is together with what it reads, so until then it takes the
directory that this process read last. Where another has come since, nothing has been answered or
logged, and the request begins again with a directory that was asked for first.
"""

from dataclasses import dataclass


class DirectoryMoved(Exception):  # what happened; nobody is told of it
    """The directory is another than the request took for granted, or was never asked about."""


@dataclass(slots=True)
class Assumed:
    """What a request took for granted: the directory's counter; None when it was asked for."""

    counter: int | None = None
    borne_out: bool = False

    def bear_out(self, counter: int) -> None:
        """Note what the directory's counter is in the snapshot that is read.

        Raises:
            DirectoryMoved: it is another.
        """
        if self.counter is not None and counter != self.counter:
            raise DirectoryMoved
        self.borne_out = True

    def require(self) -> None:
        """Return if what was taken for granted has been borne out.

        Raises:
            DirectoryMoved: no statement has told.
        """
        if self.counter is not None and not self.borne_out:
            raise DirectoryMoved
