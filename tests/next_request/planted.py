"""`samvy` with the check of P4 taken out in one way or another, for the test that must see it.

python -m tests.next_request.planted FAULT ARGUMENTS…
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from consent.period import Period
from hub.api import access
from hub.cli.main import run
from hub.store import directory

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
    access.facts_of = _kept(access.facts_of, lambda _, persons, *__: tuple(persons))


def _kept_directory() -> None:
    directory.directory_counter = _kept(directory.directory_counter, lambda *_: None)


def _endless_periods() -> None:
    def holds(period: Period, at: Any) -> bool:  # noqa: ANN401 -- as in Period
        return period.start is None or period.start <= at

    Period.holds = holds  # type: ignore[method-assign]  # the fault


FAULTS = {
    "kept-facts": _kept_facts,
    "kept-directory": _kept_directory,
    "endless-periods": _endless_periods,
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.argv = ["samvy", *sys.argv[2:]]
    run()
