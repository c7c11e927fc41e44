"""The page of charts: each a picture that is drawn here, and the same numbers as a table.

Source: WCAG 2.1 1.1.1, 1.4.1 (nothing is said by the picture or by colour alone).
"""

from dataclasses import dataclass

from hub.api.audit_event.log_reading import readings
from hub.api.log import write
from hub.review.figures import Bars, figures
from hub.review.sample import following
from hub.web.swedish import number
from hub.web.visit import Page, Shown, Visit
from hub.web.worklist import period_asked

WIDTH, HEIGHT, ROOM, WIDEST = 620, 160, 0.8, 80
SHARE, WHOLE = "procent", 100
"""A share is drawn against the whole, so that two percent look like two."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the picture's own units."""

    label: str
    value: float
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: what it shows, what is counted, the value at its top and its bars."""

    id: str
    title: str
    unit: str
    top: float
    bars: tuple[Bar, ...]
    by: str = "Dag"

    @property
    def summary(self) -> str:
        """Return the chart in a sentence, for those who do not see it."""
        top = max(self.bars, key=lambda bar: bar.value, default=None)
        if top is None or not top.value:
            return f"{self.title}: inga."
        if self.unit == SHARE:
            return f"{self.title}. Högst: {top.label}, {number(top.value)} {SHARE}."
        total = sum(bar.value for bar in self.bars)
        return f"{self.title}. Sammanlagt {number(total)}. Flest: {top.label}, {number(top.value)}."


def drawn(name: str, title: str, unit: str, rows: Bars, by: str = "Dag") -> Chart:
    """Return a chart of rows of label and number."""
    most = max((value for _, value in rows), default=0)
    most = WHOLE if unit == SHARE else most
    step = WIDTH / max(len(rows), 1)
    bars = tuple(
        Bar(
            label,
            value,
            round(number * step, 2),
            round(HEIGHT - (height := HEIGHT * value / most if most else 0), 2),
            round(min(step * ROOM, WIDEST), 2),
            round(height, 2),
        )
        for number, (label, value) in enumerate(rows)
    )
    return Chart(name, title, unit, most, bars, by)


def page(visit: Visit) -> Shown:
    """Return the month's charts."""
    period = period_asked(visit)
    with visit.hub.store.read() as connection:
        found = figures(connection, visit.mandate.organisations, period)
    write(visit.hub.log, *readings(visit.call, visit.mandate, (), (), f"console charts {period}"))
    progress = tuple(
        (each.period, round(100 * each.done / each.total) if each.total else 0)
        for each in found.progress
    )
    charts = [
        drawn("atkomster", "Åtkomster", "åtkomster", found.accesses),
        drawn("grund", "Åtkomster efter grund", "åtkomster", found.grounds, "Grund"),
        drawn("nod", "Nödöppningar", "åtkomster", found.emergencies),
        drawn("oforklarat", "Andel utan underlag som förklarar", SHARE, found.unexplained),
        drawn("granskat", "Andel klar granskning", SHARE, progress, "Månad"),
    ]
    context = {
        "charts": charts,
        "progress": found.progress,
        "period": period,
        "before": following(period, -1),
        "after": following(period),
        "width": WIDTH,
        "height": HEIGHT,
    }
    return Page("charts.html", "Diagram", context)
