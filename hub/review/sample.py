"""A random sample that nobody could choose: its seed is committed to in the log beforehand.

Source: HSLF-FS 2016:40 4 kap. (systematic checks by sample). Whoever reviews must not pick what is
reviewed, and whoever reads must not know what will be. The seed of an organisation's month comes
from the store's key; its hash is in the log before the month begins. When the month is over the
seed is shown, and anybody can then draw the sample again.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select

from consent.facts import Capacity
from consent.period import STOCKHOLM
from hub.api.log import write
from hub.audit.administration import administered
from hub.running import Hub
from hub.store.counter import insert_once
from hub.store.directory import directory
from hub.store.instant import at_micros, micros
from hub.store.schema.review import REVIEW_SAMPLE

ONE_IN = 100
AHEAD = 3
"""Months that are committed to beforehand, so that a hub that stands still loses none."""
_RANGE = 2**64


@dataclass(frozen=True, slots=True)
class Commitment:
    """What was committed to: the hash of the seed, the log record that says so, and when."""

    organisation: str
    period: str
    hash: str
    record: str
    at: datetime

    @property
    def in_time(self) -> bool:
        """Tell whether it was made before the month began."""
        return self.at < begins(self.period)


def period_of(at: datetime) -> str:
    """Return the Swedish month of an instant: 2026-03."""
    return at.astimezone(STOCKHOLM).strftime("%Y-%m")


def begins(period: str) -> datetime:
    """Return when a month begins."""
    year, month = period.split("-")
    return datetime(int(year), int(month), 1, tzinfo=STOCKHOLM)


def following(period: str, months: int = 1) -> str:
    """Return the month so many months later (or earlier)."""
    first = begins(period)
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1).strftime("%Y-%m")


def seed(hub: Hub, organisation: str, period: str) -> bytes:
    """Return a month's seed; it is shown to nobody before the month is over."""
    message = f"review-sample {organisation} {period}".encode()
    return hmac.digest(hub.identity_key, message, "sha256")


def drawn(month_seed: bytes, record_id: str) -> bool:
    """Tell whether a record is in the sample: one in a hundred, by the seed alone."""
    digest = hmac.digest(month_seed, record_id.encode(), "sha256")
    return int.from_bytes(digest[:8]) * ONE_IN < _RANGE


def commit(hub: Hub, organisations: Iterable[str] = ()) -> int:
    """Commit to the samples of this month and the next, where it has not been done; count them.

    Of the organisations given, or of all that have reviewers.
    """
    with hub.store.read() as connection:
        known = directory(connection)
        rows = connection.execute(select(REVIEW_SAMPLE.c.organisation, REVIEW_SAMPLE.c.period))
        done = {tuple(row) for row in rows}
    reviewed = set(organisations) or {
        employer
        for (employer, _), member in known.staff.items()
        if any(each.as_ is Capacity.AUDITOR for each in member.assignments)
    }
    this = period_of(hub.clock())
    months = [following(this, each) for each in range(AHEAD + 1)]
    wanted = [(o, p) for o in sorted(reviewed) for p in months if (o, p) not in done]
    for organisation, period in wanted:
        _commit(hub, organisation, period)
    return len(wanted)


def _commit(hub: Hub, organisation: str, period: str) -> None:
    commitment = sha256(seed(hub, organisation, period)).hexdigest()
    at = hub.clock()
    said = administered(
        f"review-sample {period} one in {ONE_IN} sha256:{commitment}", at, organisation=organisation
    )
    write(hub.log, said)
    row = {
        "organisation": organisation,
        "period": period,
        "commitment": commitment,
        "record": said.id,
        "committed": micros(at),
    }
    with hub.store.write() as connection:
        connection.execute(insert_once(connection, REVIEW_SAMPLE, row))


def commitment_of(hub: Hub, organisation: str, period: str) -> Commitment | None:
    """Return what was committed to for a month, None if nothing was."""
    with hub.store.read() as connection:
        row = connection.execute(
            select(REVIEW_SAMPLE).where(
                REVIEW_SAMPLE.c.organisation == organisation, REVIEW_SAMPLE.c.period == period
            )
        ).one_or_none()
    if row is None:
        return None
    at = at_micros(row.committed)
    return Commitment(organisation, period, row.commitment, row.record, at)
