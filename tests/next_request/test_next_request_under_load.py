"""P4 with four served processes on PostgreSQL: no answer is older than what was acknowledged.

`make test` asks for 50,000 answers, which two cores with nothing else to do give in about two
minutes, and takes what comes in four; SAMVY_P4_ANSWERS asks for so many, however long they take.
`python -m tests.next_request 1000000` is the run by hand.
"""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.next_request.channels import Channel, channels
from tests.next_request.seen import Seen, kept
from tests.next_request.served import PLAIN, planted, processes
from tests.next_request.timeline import State, Timeline
from tests.next_request.watch import watched
from tests.worlds.hub_world import opened_world

ANSWERS = os.environ.get("SAMVY_P4_ANSWERS")
WANTED = int(ANSWERS or 50_000)
SECONDS = None if ANSWERS else 240.0
LEAST_OF_EACH = 5
"""Decisive answers through each channel, also on a machine that is very busy."""


@contextmanager
def _watch(
    url: str, folder: Path, program: Sequence[str], count: int, kinds: Sequence[str] = ()
) -> Iterator[Seen]:
    chosen: list[Channel] = [each for each in channels() if not kinds or each.kind in kinds]
    with (
        opened_world(url, folder) as world,
        processes(count, url, folder, program) as addresses,
    ):
        yield watched(world, addresses, chosen, WANTED, seconds=SECONDS)


def test_no_answer_is_older_than_what_was_acknowledged(
    postgres_store_url: str, tmp_path: Path
) -> None:
    with _watch(postgres_store_url, tmp_path, PLAIN, 4) as seen:
        print(seen)  # noqa: T201  # pytest -s shows the figure
    assert seen.wrong == [], str(seen)
    for each in channels():
        assert seen.acts[each.kind], each.kind
        assert seen.decisive[each.kind] >= LEAST_OF_EACH, each.kind
    assert seen.soon.total() > LEAST_OF_EACH


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("kept-facts", ("block", "consent", "relation")),
        ("kept-directory", ("assignment",)),
        ("kept-past-their-end", ("lift", "relation runs out", "consent runs out")),
        ("endless-periods", ("lift", "relation runs out", "consent runs out")),
    ],
)
def test_a_check_that_is_taken_out_is_noticed(
    postgres_store_url: str, tmp_path: Path, fault: str, kinds: tuple[str, ...]
) -> None:
    """The faults, planted: a scope or the directory is kept, or a period has no end."""
    with _watch(postgres_store_url, tmp_path, planted(fault), 2, kinds) as seen:
        assert {each.split(":")[0].partition(" through ")[2] for each in seen.wrong} <= set(kinds)
        assert seen.wrong, str(seen)


def test_what_an_answer_may_show() -> None:
    timeline = Timeline()
    assert timeline.allowed(0, 1, 2) == {True}
    timeline.begin(State(open=False))
    assert timeline.allowed(0, 1, 2) == {True, False}
    timeline.acknowledge()
    assert timeline.allowed(timeline.acknowledged, 1, 2) == {False}
    timeline.begin(State(open=True, until=5))
    timeline.acknowledge()
    since = timeline.acknowledged
    assert timeline.allowed(since, 3, 4) == {True}
    assert timeline.allowed(since, 4, 5) == {True, False}
    assert timeline.allowed(since, 5, 6) == {False}


def test_a_figure_is_kept_and_added_to(tmp_path: Path) -> None:
    file = tmp_path / "figure.json"
    first = Seen(3, Counter(block=2), Counter(block=1), Counter(block=1), ["x"], 1.5)
    first.keep(file)
    (first + kept(file)).keep(file)
    assert kept(file) == Seen(
        6, Counter(block=4), Counter(block=2), Counter(block=2), ["x", "x"], 3.0
    )
    assert kept(tmp_path / "none.json") == Seen()
