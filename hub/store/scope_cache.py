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
from hub.store.person_now import Moved, PersonNow

SCOPES_KEPT = 4096
LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Made:
    """A scope with what it was made from. `related`: facts bear out that the reader takes part."""

    situation: Situation
    scope: Scope
    related: bool
    persons: tuple[str, ...]
    directory: int
    counters: Mapping[str, int]

    def stands(self, now: Moved) -> bool:
        """Tell whether it was made from what is so in a snapshot: every key, every counter."""
        return (now.directory, frozenset(now.persons), now.counters) == (
            self.directory,
            frozenset(self.persons),
            self.counters,
        )


class ScopeCache:
    """The scopes of one process."""

    def __init__(self, size: int = SCOPES_KEPT) -> None:
        """Keep at most so many."""
        self._kept: Kept[Hashable, Made] = Kept(size)
        self._persons: Kept[str, tuple[str, ...]] = Kept(size)

    def unproved(self, key: Hashable, person: str, at: datetime) -> Made | None:
        """Return the scope that was kept for what is known of a person under this key, if any.

        Whether it holds is for the caller to find out, by what its own statement tells.
        """
        persons = self._persons.get(person, at.timestamp())
        return None if persons is None else self._kept.get((key, persons), at.timestamp())

    def get(self, key: Hashable, now: PersonNow, at: datetime) -> Made | None:
        """Return the scope that holds in this snapshot and at this instant, if one was kept."""
        made = self._kept.get((key, now.persons), at.timestamp())
        return made if made is not None and made.stands(now) else None

    def put(self, key: Hashable, made: Made, at: datetime, known: Directory) -> None:
        """Keep a scope that was made for the instant `at`; one in which a rule raised is not."""
        if made.scope.errors:
            return
        ends = [at + LONGEST, made.scope.valid_until, *_beginnings(known, at)]
        until = min(each for each in ends if each is not None)
        self._kept.put((key, made.persons), made, at.timestamp(), until.timestamp())
        if made.persons:
            self._persons.put(made.persons[0], made.persons, at.timestamp(), until.timestamp())


def _beginnings(known: Directory, at: datetime) -> list[datetime]:
    """When an owner that does not yet makes available does so: rows say it, and no fact."""
    declared = (known.availability(name).makes_available_from for name in known.entries)
    return [each for each in declared if each is not None and each > at]
