"""A month of review in figures: what was to be looked at, what came of it, and what remains.

Source: HSLF-FS 2016:40 4 kap. (the checks are documented and followed up).
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hub.review.judgement import ACTIONS, VERDICTS
from hub.review.listing import DONE, SECOND
from hub.review.signals import BY_CODE, TITLES
from hub.store.schema.review import REVIEW_ITEM, REVIEW_JUDGEMENT


@dataclass(frozen=True, slots=True)
class Month:
    """The figures; names in Swedish, in a fixed order."""

    period: str
    total: int
    unexplained: int
    done: int
    second: int
    reasons: tuple[tuple[str, int, int], ...]
    verdicts: tuple[tuple[str, int], ...]
    actions: tuple[tuple[str, int], ...]

    @property
    def remaining(self) -> int:
        """Return how many nobody has judged yet."""
        return self.total - self.done - self.second


def month(connection: Connection, organisations: frozenset[str], period: str) -> Month:
    """Return the figures of some organisations' month.

    Each reason has the number of accesses that have it, and of those that are done. Verdicts and
    actions are those of the latest judgement of each access.
    """
    own = sorted(organisations)
    rows = connection.execute(
        select(REVIEW_ITEM.c.reasons, REVIEW_ITEM.c.state, func.count().label("items"))
        .where(REVIEW_ITEM.c.organisation.in_(own), REVIEW_ITEM.c.period == period)
        .group_by(REVIEW_ITEM.c.reasons, REVIEW_ITEM.c.state)
    ).all()
    latest = {
        (row.organisation, row.record): (row.verdict, row.action)
        for row in connection.execute(
            select(REVIEW_JUDGEMENT)
            .where(REVIEW_JUDGEMENT.c.organisation.in_(own), REVIEW_JUDGEMENT.c.period == period)
            .order_by(REVIEW_JUDGEMENT.c.number)
        )
    }
    each: Counter[str] = Counter()
    done: Counter[str] = Counter()
    states: Counter[str] = Counter()
    missing = 0
    for row in rows:
        codes = row.reasons.split(",")
        each.update(dict.fromkeys(codes, row.items))
        done.update(dict.fromkeys(codes, row.items) if row.state == DONE else ())
        states[row.state] += row.items
        missing += row.items if unexplained(codes) else 0
    verdicts = Counter(verdict for verdict, _ in latest.values())
    actions = Counter(action for _, action in latest.values())
    return Month(
        period,
        states.total(),
        missing,
        states[DONE],
        states[SECOND],
        tuple((title, each[code], done[code]) for code, title in TITLES.items() if each[code]),
        tuple((title, verdicts[code]) for code, title in VERDICTS.items()),
        tuple((title, actions[code]) for code, title in ACTIONS.items() if actions[code]),
    )


def unexplained(codes: list[str]) -> bool:
    """Tell whether evidence is missing, rather than that the law asks for a look."""
    return any(code in BY_CODE and BY_CODE[code].unexplained for code in codes)
