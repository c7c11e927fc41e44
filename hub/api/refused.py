"""The record of a request that was refused or failed, whatever it was refused for.

Source: DESIGN §6; HSLF-FS 2016:40 4 kap. 9 §; ASVS 5.0 16.3. An interaction that weighs an access
and denies it writes that itself. Whatever else ends in an error (a scope too narrow, a version that
no longer stands, criteria that find nothing, a rule of FHIR) is written here, with whom it was
about as far as that was found out. What the reader typed is not part of it: a refused search for
somebody may hold their number.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from hub.api.assumed import DirectoryMoved
from hub.api.call import Answer, Call
from hub.api.log import own_person, record, write
from hub.api.receipt import refusals_receipt, wants_receipt, with_receipt
from hub.api.search.search_person import without_person_numbers
from hub.api.weighed import Weighed
from hub.audit.course import REFUSED, Course
from hub.audit.receipt import Logged
from hub.audit.record import AccessRecord, Action, Outcome
from hub.errors import HubError, Unavailable
from hub.running import Hub

LONGEST_PATH = 512
CONSOLE = "granskning"
OPERATIONS = {
    "$open": Action.OPEN,
    "$register-block": Action.BLOCK,
    "$lift-block": Action.LIFT,
    "$lift-block-temporarily": Action.LIFT,
    "$void-block": Action.LIFT,
    "$end-lift": Action.BLOCK,
    "$request-lift": Action.LIFT,
    "$answer-lift-request": Action.LIFT,
}
WRITING = {"PUT": Action.UPDATE, "PATCH": Action.UPDATE, "DELETE": Action.DELETE}
_NAME = re.compile(r"[A-Za-z_.:-]{1,64}")
_UNFIT = re.compile(r"[^!-~]")


def answered(hub: Hub, call: Call, carry_out: Callable[[Hub, Call], Answer]) -> Answer:
    """Return the answer of what carries the call out; an error has its record before it leaves.

    Raises:
        HubError: the one that it was refused for, or Unavailable: that could not be logged.
        DirectoryMoved: what the request took for granted no longer stands; nothing was logged.
    """
    with refusals_logged(hub, call) as (own, course, asked_for):
        answer = carry_out(own, asked_for)
        asked_for.weighed.assumed.require()
        if wants_receipt(asked_for):
            return with_receipt(hub, asked_for, answer, course)
        return answer


@contextmanager
def refusals_logged(hub: Hub, call: Call) -> Iterator[tuple[Hub, Course, Call]]:
    """Yield a hub and a call to carry out; an error that ends it has its record before it goes on.

    Raises:
        Unavailable: it could not be logged.
    """
    assumed = call.weighed.assumed
    course = Course(hub.log, assumed.require)
    call = replace(call, weighed=Weighed(assumed=assumed))
    try:
        yield replace(hub, log=course), course, call
    except (Unavailable, DirectoryMoved):
        raise  # the log or the store itself: there is nowhere to write; or it begins again
    except HubError as error:
        assumed.require()
        if not course.refused:
            write(course, _refusal(hub, call, Outcome.DENY, error.code))
        if wants_receipt(call):
            error.headers |= _receipt(hub, call, course)
        raise
    except SQLAlchemyError:
        raise
    except Exception:
        assumed.require()
        if not course.refused:
            with suppress(HubError):  # the answer is an error either way
                write(hub.log, _refusal(hub, call, Outcome.ERROR, "failed"))
        raise


def _receipt(hub: Hub, call: Call, course: Course) -> dict[str, str]:
    """Return the headers of the refusal's receipt; none while nothing can be signed."""
    refused = [Logged(*each) for each in course.logged if each[0].outcome in REFUSED]
    alike = replace(refused[-1].record, action=action_of(call))
    with suppress(Unavailable):
        return refusals_receipt(hub, call, replace(refused[-1], record=alike))
    return {}


def _refusal(hub: Hub, call: Call, outcome: Outcome, why: str) -> AccessRecord:
    access, person = call.weighed.access, own_person(hub, call)
    action = action_of(call)
    found = record(call, action, outcome, access=access, person=person, query=asked(call))
    return replace(found, refusal=why)


def asked(call: Call) -> str:
    """Return method, path and the names of the parameters; no value that somebody typed."""
    names = [name for name, _ in call.parameters if _NAME.fullmatch(name)]
    return named(call.method, call.path) + (f"?{'&'.join(dict.fromkeys(names))}" if names else "")


def named(method: str, path: str) -> str:
    """Return a request's method and path as the log holds them: printable, without a number."""
    return f"{method} {_UNFIT.sub('?', without_person_numbers(path))[:LONGEST_PATH]}"


def action_of(call: Call) -> Action:
    """Return what the request would have done, by its method and path."""
    first, *segments = [each for each in call.path.split("/") if each] or [""]
    last = segments[-1] if segments else ""
    if first == "ingest":
        return Action.CREATE
    if first == CONSOLE:
        return Action.LOG_READ
    if last.startswith("$"):
        return OPERATIONS.get(last, Action.OPERATION)
    if segments[:1] == ["AuditEvent"]:
        return Action.LOG_READ
    if "_history" in segments:
        return Action.HISTORY if last == "_history" else Action.VREAD
    if call.method in WRITING:
        return WRITING[call.method]
    if call.method == "POST" and last != "_search":
        return Action.CREATE if segments else Action.TRANSACTION
    return Action.READ if len(segments) == _INSTANCE and last != "_search" else Action.SEARCH


_INSTANCE = 2
