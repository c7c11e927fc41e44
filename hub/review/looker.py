"""The log looked through in the background, so that the worklist waits for nobody's visit.

Source: PDL 4:3, HSLF-FS 2016:40 4 kap. (checks that are systematic and recurrent). Each process
that serves has one; a lease in the store lets one of them work at a time, and another goes on
within seconds when it dies. It also commits to the samples of the months to come.
"""

from datetime import datetime, timedelta

from hub.review.looking import AT_A_TIME, look, release, take, waiting
from hub.review.sample import commit
from hub.running import Hub
from hub.worker import Worker

LOOKS = 2.0
"""Seconds between looks at the tree once all of it has been looked through."""
COMMITS = timedelta(hours=1)
"""How soon an organisation's first reviewer gets a sample; months are committed to long before."""


class Looker(Worker):
    """One thread that looks; any number may work on one store."""

    def __init__(self, hub: Hub, *, at_a_time: int = AT_A_TIME, looks: float = LOOKS) -> None:
        super().__init__("review", looks)
        self._hub = hub
        self._at_a_time = at_a_time
        self._committed: datetime | None = None

    def work_once(self) -> bool:
        """Take a step, if there is one and nobody else has the log; True where more remains."""
        now = self._hub.clock()
        commits = self._committed is None or now - self._committed >= COMMITS
        with self._hub.store.read() as connection:
            idle = not commits and waiting(connection) == 0
        if idle or not take(self._hub, self.name):
            return False
        if commits:
            commit(self._hub)
            self._committed = now
        return look(self._hub, at_a_time=self._at_a_time).remaining > 0

    def stop(self) -> None:
        """Begin no further step, and leave the log to others at once."""
        super().stop()
        release(self._hub, self.name)
