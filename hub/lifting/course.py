"""What time does with a request to lift: the next are asked, nobody is any more, the block is back.

Source: SVOD 3:5; PDL 4:5. Pure: what is to be done about a request at an instant, and nothing done.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from hub.lifting import notice
from hub.lifting.back import Back
from hub.lifting.duty import turn_from
from hub.store.directory import Directory
from hub.store.lift_requests import LiftRequest, LiftState


@dataclass(frozen=True, slots=True)
class Step:
    """Where the request stands after it, how the log says it, and what the person is told."""

    request: LiftRequest
    log: str
    told: str | None = None


def step_of(request: LiftRequest, known: Directory, at: datetime, stands: Back) -> Step | None:
    """Return what is due by an instant, None where nothing is.

    `stands`: for whom the blocks that it lifted stand once they are lifted by it no more.
    """
    if request.due is None or at < request.due:
        return None
    name, names = f"Task/{request.id}", known.organisation_names
    if request.state is not LiftState.ASKED:
        after = replace(request, ended=at)
        told = notice.ended(request, names, stands)
        return Step(after, f"lift/ended {name} {' '.join(request.lifts)}".strip(), told)
    if at >= request.lapses:
        after = replace(request, state=LiftState.LAPSED)
        return Step(after, f"lift/lapsed {name}", notice.lapsed(request, names))
    turn = turn_from(known, request.owner, request.level + 1, at)
    after = replace(
        request,
        level=turn.level,
        addressed=turn.officers,
        escalated=at,
        escalates=None if turn.within is None else at + turn.within,
    )
    whom = " ".join(turn.officers) or "every officer"
    return Step(after, f"lift/escalated {name} to {whom}: not answered since {request.due}")
