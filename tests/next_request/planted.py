"""`samvy` with the check of P4 taken out in one way or another, for the test that must see it.

python -m tests.next_request.planted FAULT ARGUMENTS…
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from consent.period import Period
from hub.api.assumed import Assumed
from hub.cli.main import run
from hub.store import directory
from hub.store.scope_cache import LONGEST, Made, ScopeCache

KEPT_FOR = 1.5
"""Seconds: as a careless cache would keep what it has read."""


def _kept(function: Callable[..., Any], key: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[Any, tuple[float, Any]] = {}

    def kept(*given: Any, **named: Any) -> Any:  # noqa: ANN401 -- whatever the function takes
        at, name = time.monotonic(), key(*given)
        if name not in known or known[name][0] + KEPT_FOR < at:
            known[name] = (at, function(*given, **named))
        return known[name][1]

    return kept


def _kept_facts() -> None:
    """A scope that was made before is used whatever the counters say."""
    Made.stands = lambda *_: True  # type: ignore[method-assign]  # the fault


def _kept_past_their_end() -> None:
    """A scope is used until another is made, also when something that it rests on has ended."""

    def put(scopes: Any, key: Any, made: Any, at: Any, _: Any) -> None:  # noqa: ANN401 -- as above
        until = (at + LONGEST).timestamp()
        scopes._kept.put((key, made.persons), made, at.timestamp(), until)
        scopes._persons.put(made.persons[0], made.persons, at.timestamp(), until)

    ScopeCache.put = put  # type: ignore[method-assign]  # the fault


def _borne_out(assumed: Assumed, _counter: int) -> None:
    """Whatever the directory's counter is."""
    assumed.borne_out = True


def _kept_directory() -> None:
    Assumed.bear_out = _borne_out  # type: ignore[method-assign]  # the fault
    directory.directory_counter = _kept(directory.directory_counter, lambda *_: None)


def _endless_periods() -> None:
    def holds(period: Period, at: Any) -> bool:  # noqa: ANN401 -- as in Period
        return period.start is None or period.start <= at

    Period.holds = holds  # type: ignore[method-assign]  # the fault


FAULTS = {
    "kept-facts": _kept_facts,
    "kept-directory": _kept_directory,
    "kept-past-their-end": _kept_past_their_end,
    "endless-periods": _endless_periods,
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.argv = ["samvy", *sys.argv[2:]]
    run()
