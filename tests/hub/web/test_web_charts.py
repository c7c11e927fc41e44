"""The charts: what they count, and that each says in words and in a table what it draws."""

import re
from datetime import datetime

from consent.period import STOCKHOLM
from hub.review.figures import AT_ONCE, figures
from hub.review.looking import look
from hub.store.instant import micros
from hub.web.charts import HEIGHT, WIDTH, drawn
from tests.hub.web.conftest import LogIn
from tests.hub.web.visiting import Visitor, access, text_of
from tests.worlds.hub_world import AUDITOR, CLINIC, OTHER_REGION, REGION, World


def test_a_month_is_counted_by_swedish_days(logged: World) -> None:
    midnight = datetime(2026, 4, 1, tzinfo=STOCKHOLM)
    edges = (
        *(midnight.replace(month=3), midnight.replace(month=3, day=4)),
        *(datetime(2026, 3, 31, 23, 59, tzinfo=STOCKHOLM), midnight),
    )
    assert micros(edges[1]) - micros(edges[0]) == AT_ONCE  # it lies between two of what is counted
    logged.hub.log.append_all(
        [access(logged, 300 + n, recorded=at, grounds=("SVOD 3:6",)) for n, at in enumerate(edges)]
    )
    logged.hub.sequencer.sequence_now()
    while look(logged.hub).remaining:
        pass
    with logged.store.read() as connection:
        march = figures(connection, frozenset({REGION}), "2026-03")
        april = figures(connection, frozenset({REGION}), "2026-04")
        both = figures(connection, frozenset({REGION, OTHER_REGION}), "2026-03")
        clinic = figures(connection, frozenset({CLINIC}), "2026-03")
    counted = dict(march.accesses)
    assert len(counted) == 31
    assert (counted["2026-03-01"], counted["2026-03-31"], counted["2026-03-10"]) == (1, 1, 7)
    assert counted["2026-03-04"] == 1
    assert dict(march.emergencies)["2026-03-10"] == 1
    assert sum(number for _, number in march.emergencies) == 4
    assert dict(march.grounds)["SVOD 3:6"] == 4
    assert dict(april.accesses)["2026-04-01"] == 1
    assert dict(both.accesses)["2026-03-10"] == 8  # what concerns both counts once
    assert dict(clinic.accesses)["2026-03-10"] == 3
    assert dict(march.unexplained)["2026-03-10"] == round(100 / 7, 1)
    assert march.progress[-1].period == "2026-03"
    assert march.progress[-1].total >= 3


def test_a_chart_stays_inside_its_picture() -> None:
    chart = drawn("x", "X", "åtkomster", (("a", 5), ("b", 0), ("c", 10)))
    assert max(bar.x + bar.width for bar in chart.bars) <= WIDTH
    assert [bar.height for bar in chart.bars] == [HEIGHT / 2, 0, HEIGHT]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)
    assert chart.summary == "X. Sammanlagt 15. Flest: c, 10."
    assert drawn("x", "X", "åtkomster", ()).summary == "X: inga."
    many = drawn("x", "X", "åtkomster", (("a", 1_234_567), ("b", 999))).summary
    assert " ".join(many.split()) == "X. Sammanlagt 1 235 566. Flest: a, 1 234 567."
    assert drawn("x", "X", "procent", (("a", 5.5),)).summary == "X. Högst: a, 5,5 procent."


def test_a_share_is_drawn_against_the_whole() -> None:
    chart = drawn("x", "X", "procent", (("a", 2), ("b", 50)))
    assert [bar.height for bar in chart.bars] == [HEIGHT / 50, HEIGHT / 2]
    assert chart.top == 100


def test_each_picture_has_words_and_a_table(reviewer: Visitor) -> None:
    reply = reviewer.get("/granskning/diagram?period=2026-03")
    body = reply.body.decode()
    assert len(re.findall(r'<svg role="img" aria-label="[^"]+"', body)) == 5
    assert body.count("<caption>") == 6
    assert "Sammanlagt 7. Flest: 2026-03-10, 7." in text_of(reply)
    assert reviewer.get("/granskning/diagram?period=x").status == 400


def test_an_empty_month_is_a_month(log_in: LogIn) -> None:
    assert "Nödöppningar: inga." in text_of(
        log_in(AUDITOR).get("/granskning/diagram?period=2025-01")
    )
