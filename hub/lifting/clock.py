"""The clock of requests to lift and of lifts: a thread that does what has become due, and logs it.

Source: SVOD 3:5; PDL 4:5; DESIGN P2. Durable: what is due stands in the store, is taken by a lease,
and is done by whichever process gets to it, after any crash. A lift has an end of its own, and
needs no clock to end (P4); the clock says that it has.
"""

from collections.abc import Callable
from datetime import datetime

from consent.facts import Lift, Sparr
from hub.audit.administration import administered
from hub.audit.course import Log
from hub.lifting.back import back
from hub.lifting.course import step_of
from hub.lifting.notice import lift_ended
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.facts import known_of
from hub.store.lift_alerts import AlertKind, alert
from hub.store.lift_requests import LiftRequest, LiftState, change, notify, request_of
from hub.store.lift_timer import Timer, keep_timer, set_timer, take_timer
from hub.worker import Worker

LOOKS = 2.0
"""Seconds between looks: an escalation is due to the minute."""
ALERTS = {LiftState.ASKED: AlertKind.ESCALATED, LiftState.LAPSED: AlertKind.LAPSED}
"""What the owner is alerted to, by where a request stands after time has moved it on."""


class LiftClock(Worker):
    """One thread that looks for what has become due."""

    def __init__(self, store: Store, log: Log, clock: Callable[[], datetime]) -> None:
        super().__init__("lift-clock", LOOKS)
        self._store = store
        self._log = log
        self._clock = clock

    def work_once(self) -> bool:
        """Do what one timer is for; False when none is due."""
        now = self._clock()
        timer = take_timer(self._store, self.name, now)
        if timer is None:
            return False
        with self._store.read() as connection:
            found = request_of(connection, timer.id)
        if found:
            self._go_on(timer, found[1], now)
        else:
            self._end(timer, now)
        return True

    def _go_on(self, timer: Timer, request: LiftRequest, now: datetime) -> None:
        """Escalate a request, let it lapse, or say that what it gave has ended."""
        with self._store.read() as connection:
            stands = back(connection, [timer.person, *request.about], request.lifts, now)
            step = step_of(request, directory(connection), now, stands)
        owner = request.owner
        whom = tuple(dict.fromkeys((timer.person, *request.about)))
        if step:  # the record comes first: should the write fail, the log says that it was due
            said = [administered(step.log, now, person=e, organisation=owner) for e in whom]
            self._log.append_all(said)
        with self._store.write() as connection:
            request_of(connection, timer.id)  # its row first, as whoever answers takes them
            if not keep_timer(connection, self.name, now, timer):
                return  # answered meanwhile, which has set the timer anew
            if step is None:
                set_timer(connection, timer, request.due)
                return
            change(connection, timer.person, step.request)
            if (kind := ALERTS.get(step.request.state)) is not None:
                number, level = step.request.id, step.request.level
                alert(connection, owner, kind, now, request=number, level=level)
            if step.told is not None:
                notify(connection, whom, owner, step.told, now)

    def _end(self, timer: Timer, now: datetime) -> None:
        """Say that a lift which nobody asked for here has ended, if its block still stands."""
        with self._store.read() as connection:
            entries = known_of(connection, [timer.person]).entries
            names = directory(connection).organisation_names
            stands = back(connection, [timer.person], [timer.id], now)
        contents = {each.id: each.content for each in entries}
        lift = contents.get(timer.id)
        blocks = [each for each in contents.values() if isinstance(each, Sparr)]
        block = next((b for b in blocks if isinstance(lift, Lift) and b.id == lift.block), None)
        if block is not None:
            said = f"lift/ended {timer.id} {block.id}"
            written = administered(said, now, person=timer.person, organisation=block.owner)
            self._log.append_all([written])
        with self._store.write() as connection:
            if not keep_timer(connection, self.name, now, timer):
                return
            set_timer(connection, timer, None)
            if isinstance(lift, Lift) and block is not None:
                told = lift_ended(lift, block.owner, names, stands)
                notify(connection, [timer.person], block.owner, told, now)
