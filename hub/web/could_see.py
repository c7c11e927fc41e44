"""The page "Vem kunde se vad", asked by a form whose answer names nobody in its address.

Source: hub/review/could_see.py. The question is logged as a reading about the person.
"""

from datetime import datetime, time

from consent.facts import Purpose
from hub.api.log import record, write
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest
from hub.review.could_see import Question, could_see
from hub.store.facts import linked
from hub.web.asked import day, midnight
from hub.web.person import person_given
from hub.web.swedish import INFO_TYPES, PURPOSES
from hub.web.visit import Page, Shown, Visit

TITLE = "Vem kunde se vad"


def page(visit: Visit) -> Shown:
    """Return the empty form."""
    return _page(visit, {})


def answered(visit: Visit) -> Shown:
    """Return the form with its answer."""
    question, person = _question(visit), person_given(visit)
    query = (
        f"console could-see {question.organisation} {question.user} {question.purpose}"
        f" {question.at.isoformat()}{' emergency' if question.emergency else ''}"
    )
    with visit.hub.store.read() as connection:
        persons = linked(connection, [person])
        owners = visit.mandate.organisations
        could = could_see(connection, visit.known, persons, owners, question)
    write(
        visit.hub.log,
        *(
            record(visit.call, Action.LOG_READ, Outcome.PERMIT, person=each, query=query)
            for each in persons
        ),
    )
    return _page(visit, {"could": could, "question": question})


def _page(visit: Visit, more: dict[str, object]) -> Page:
    own = sorted(visit.mandate.organisations)
    context = {
        "could": None,
        "question": None,
        "purposes": PURPOSES,
        "info_types": INFO_TYPES,
        "given": dict(visit.call.parameters),
        "organisations": sorted(visit.names.organisations.items(), key=lambda pair: pair[1]),
        "own": own[0] if own else "",
    }
    return Page("could_see.html", TITLE, {**context, **more}, "_could_see.html" if more else None)


def _question(visit: Visit) -> Question:
    """Read the form.

    Raises:
        BadRequest: a field cannot be understood.
    """
    on = day(visit.call, "dag")
    try:
        clock = time.fromisoformat(visit.value("kl") or "12:00")
        purpose = Purpose(visit.value("andamal"))
    except ValueError:
        raise BadRequest("the time or the purpose cannot be read", code="bad-value") from None
    user, organisation = visit.value("anvandare"), visit.value("organisation")
    if on is None or not user or organisation not in visit.known.entries or clock.tzinfo:
        raise BadRequest("a field is missing", code="bad-value")
    at = datetime.combine(on, clock, midnight(on).tzinfo)
    return Question(user, organisation, purpose, at, bool(visit.value("nod")))
