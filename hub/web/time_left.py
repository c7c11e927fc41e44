"""How long a log-in still lasts, said in time to go on or to finish what is being written.

Source: WCAG 2.1 2.2.1 (a limit of time is told of beforehand, and can be moved with one step); ASVS
5.0 7.3 (sessions end all the same). Asking how much is left is no use of the session.
"""

from datetime import timedelta

from hub.web.visit import WARNED, Page, Shown, Visit

PATH = "/tid"
AGAIN = timedelta(seconds=30)


def left(visit: Visit) -> Shown:
    """Return the warning where it is time for it, and when to ask the next time."""
    remains = visit.ends - visit.call.at
    asks = max(remains - WARNED, AGAIN)
    context = {
        "warned": remains <= WARNED + timedelta(seconds=5),
        "asks": int(asks.total_seconds()),
        "minutes": max(1, round(remains / timedelta(minutes=1))),
        "moves": visit.moves,
    }
    return Page("time.html", "Inloggningens tid", context, "_time.html")
