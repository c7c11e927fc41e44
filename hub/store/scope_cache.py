"""Scopes kept between requests, and used only while everything that they were made from stands.

Source: DESIGN §4, P4. What one is kept by is who asks, as the directory bears it out at this
instant, what they stated, and whom they ask about. It is used only while the counters in the
request's own snapshot are those that it was made with, and until the nearest instant at which
something that it rests on begins or ends.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.scope import Scope
from consent.situation import Situation
from hub.kept import Kept
from hub.store.directory import Directory
from hub.store.person_now import PersonNow

SCOPES_KEPT = 4096
LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Made:
    """A scope with what it was made from. `related`: facts bear out that the reader takes part."""

    situation: Situation
    scope: Scope
    related: bool
    directory: int
    counters: Mapping[str, int]


class ScopeCache:
    """The scopes of one process."""

    def __init__(self, size: int = SCOPES_KEPT) -> None:
        """Keep at most so many."""
        self._kept: Kept[Hashable, Made] = Kept(size)

    def get(self, key: Hashable, now: PersonNow, at: datetime) -> Made | None:
        """Return the scope that holds in this snapshot and at this instant, if one was kept."""
        made = self._kept.get(key, at.timestamp())
        if made is None or made.directory != now.directory or made.counters != now.counters:
            return None
        return made

    def put(self, key: Hashable, made: Made, at: datetime, known: Directory) -> None:
        """Keep a scope that was made for the instant `at`; one in which a rule raised is not."""
        if made.scope.errors:
            return
        ends = [at + LONGEST, made.scope.valid_until, *_beginnings(known, at)]
        until = min(each for each in ends if each is not None)
        self._kept.put(key, made, at.timestamp(), until.timestamp())


def _beginnings(known: Directory, at: datetime) -> list[datetime]:
    """When an owner that does not yet makes available does so: rows say it, and no fact."""
    declared = (known.availability(name).makes_available_from for name in known.entries)
    return [each for each in declared if each is not None and each > at]
