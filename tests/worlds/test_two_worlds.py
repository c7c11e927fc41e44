"""P3: invisible means indistinguishable, on every path that there is."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy.engine import make_url

from tests.worlds.hub_world import SIGNE_HERSELF, World, opened_world
from tests.worlds.two_worlds import Case, Player, Record, differences, never_shown
from tests.worlds.two_worlds_strategies import cases

KEY = "5a" * 32
NUMBERS = count()
Pair = tuple[World, World]


def _urls(url: str, folder: Path) -> tuple[str, str]:
    """Two empty stores of the kind that the URL names."""
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'more.db'}", f"sqlite:///{folder / 'less.db'}"
    server = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA more")
        connection.execute("CREATE SCHEMA less")
    more, less = (
        make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
        for schema in ("more", "less")
    )
    return more.render_as_string(hide_password=False), less.render_as_string(hide_password=False)


@pytest.fixture
def pair(store_url: str, tmp_path: Path) -> Iterator[Pair]:
    """Two hubs with the same identity key, so that both give the same ids."""
    with ExitStack() as stack:
        worlds = []
        for name, url in zip(("more", "less"), _urls(store_url, tmp_path), strict=True):
            (tmp_path / name).mkdir()
            worlds.append(stack.enter_context(opened_world(url, tmp_path / name, key=KEY)))
        yield worlds[0], worlds[1]


def _numbers() -> tuple[str, str]:
    """The numbers of two persons whom no earlier example was about."""
    first, second = (date(1930, 1, 1) + timedelta(days=next(NUMBERS)) for _ in range(2))
    return f"{first:%Y%m%d}2380", f"{second:%Y%m%d}2390"


def play(pair: Pair, case: Case) -> tuple[Player, Player]:
    """Ask the same of both worlds."""
    number, other = _numbers()
    if case.reader == SIGNE_HERSELF:
        case = _about(case, number)
    players = Player(pair[0], case, number, other), Player(pair[1], case, number, other)
    for player, record in zip(players, (case.more, case.less), strict=True):
        player.fill(record)
        player.play()
    return players


def _about(case: Case, number: str) -> Case:
    from dataclasses import replace

    from mappings.personal_identity import PERSONNUMMER

    return replace(case, reader=replace(case.reader, person=f"{PERSONNUMMER}|{number}"))


def test_what_is_hidden_changes_no_answer(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    for world in pair:
        world.look_up(SIGNE_HERSELF)  # what is read once and kept is read now

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(cases())
    def indistinguishable(case: Case) -> None:
        assume(case.more != case.less)
        more, less = play(pair, case)
        assert differences(more.answers, less.answers) == []
        markers = [f"zqx{row.resource['id']}x" for row in never_shown(case.reader, case.more)]
        told = "".join(answer.body + str(answer.headers) for answer in more.answers)
        assert not [each for each in markers if each in told]

    with caplog.at_level(logging.DEBUG):
        indistinguishable()
    assert "zqx" not in caplog.text


__all__ = ["Record"]
