"""A thread that calls owners' alarms, tries again what did not arrive, and logs each try.

Source: SVOD 3:5; DESIGN P2. Durable as the clock of requests is: what is to be said stands in the
store, is taken by a lease, and is said by whichever process gets to it. An alarm may be called
twice for one alert, never not at all; `id` tells which.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from hub.audit.administration import administered
from hub.audit.course import Log
from hub.audit.record import Outcome
from hub.lifting.hook import NotDelivered, call
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.lift_alerts import Alert, AlertKind, AlertState, done, put_off, take_alert
from hub.store.lift_requests import LiftState, request_of
from hub.worker import Worker

LOGGER = logging.getLogger(__name__)
LOOKS = 1.0
"""Seconds between looks: life may be in danger."""
UNANSWERED = frozenset({AlertKind.ASKED, AlertKind.ESCALATED})


@dataclass(frozen=True, slots=True)
class Served:
    """Where the hub is known to be; `dev`: an alarm may be called over http at 127.0.0.1."""

    base: str
    dev: bool


class Alerter(Worker):
    """One thread that calls."""

    def __init__(
        self, store: Store, log: Log, clock: Callable[[], datetime], served: Served
    ) -> None:
        super().__init__("lift-alerts", LOOKS)
        self._store = store
        self._log = log
        self._clock = clock
        self._served = served

    def work_once(self) -> bool:
        """Send one alert that is due; False when there is none."""
        now = self._clock()
        alert = take_alert(self._store, self.name, now)
        if alert is None:
            return False
        address = self._address(alert, now)
        if address is not None:
            try:
                self._send(address, alert, now)
            except NotDelivered as why:
                self._failed(alert, str(why), now)
                return True
        with self._store.write() as connection:
            done(connection, self.name, alert)
        return True

    def _address(self, alert: Alert, now: datetime) -> str | None:
        """Where it is sent; None: nowhere any more, or nobody has to answer any more."""
        with self._store.read() as connection:
            entry = directory(connection).entries.get(alert.owner)
            found = request_of(connection, alert.request or "")
        if alert.kind in UNANSWERED and (
            found is None or found[1].standing(now) is not LiftState.ASKED
        ):
            return None
        return entry.lift_alert if entry else None

    def _send(self, address: str, alert: Alert, now: datetime) -> None:
        said = f"lift/alerted {alert.kind} {_about(alert)} try {alert.attempts + 1}"
        self._log.append_all([administered(said, now, organisation=alert.owner)])
        call(address, alert, self._served.base, dev=self._served.dev)

    def _failed(self, alert: Alert, why: str, now: datetime) -> None:
        with self._store.write() as connection:
            state = put_off(connection, self.name, alert, why, now)
        over = ", given up; see samvy alerts" if state is AlertState.GIVEN_UP else ""
        said = f"lift/alert-failed {alert.kind} {_about(alert)} {why}{over}"
        found = administered(said, now, organisation=alert.owner)
        self._log.append_all([replace(found, outcome=Outcome.ERROR)])
        LOGGER.warning("an alert to %s did not arrive: %s%s", alert.owner, why, over)


def _about(alert: Alert) -> str:
    return f"Task/{alert.request}" if alert.request else f"alert {alert.id}"
