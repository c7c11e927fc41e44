"""The parameters of an AuditEvent search, read into what the log is searched for.

Source: FHIR R4 auditevent.html#search; `organisation`, `section`, `flag` and `unit` are parameters
of ours. A code's system is not looked at: each parameter has one kind of value.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from hub.api.call import Call
from hub.audit.balp_codes import OUTCOMES
from hub.audit.record import Action, Outcome
from hub.audit.search import Wanted
from hub.audit.term import Term
from hub.errors import BadRequest
from hub.fhir.time_span import span

DEFAULT_COUNT, MOST_ON_A_PAGE = 50, 500
TERMS = {
    "agent": Term.USER,
    "entity": Term.OWNER,
    "organisation": Term.CONCERNS,
    "purpose": Term.PURPOSE,
    "section": Term.GROUND,
    "flag": Term.FLAG,
    "unit": Term.UNIT,
}
KNOWN = frozenset({*TERMS, "patient", "date", "action", "outcome", "_count", "_after", "_format"})
LETTERS = {
    "C": {Action.CREATE},
    "R": {Action.READ, Action.VREAD},
    "U": {Action.UPDATE},
    "D": {Action.DELETE},
}
EXECUTE = frozenset(Action) - {each for letter in LETTERS.values() for each in letter}
_DATE = re.compile(r"(eq|ge|gt|le|lt|sa|eb)?(\d.*)")
_PATIENT = re.compile(r"(?:Patient/)?([A-Za-z0-9.-]{1,64})")


def patients_asked(call: Call) -> tuple[str, ...]:
    """Return the ids of the Patients that the search is about, none if it names none."""
    return tuple(_matched(_PATIENT, value, "patient")[1] for value in _values(call, "patient"))


def wanted(call: Call, persons: Sequence[str]) -> Wanted:
    """Return what is searched for; `persons` are the keys of those whom `patient` names.

    Raises:
        BadRequest: a parameter is not known, stands twice, or cannot be understood.
    """
    unknown = {name for name, _ in call.parameters} - KNOWN
    if unknown or any(len(call.values(name)) > 1 for name in KNOWN - {"date"}):
        raise BadRequest(
            "a parameter of an AuditEvent search is not known, or stands more than once",
            code="unknown-parameter",
            expression="http",
        )
    terms = [(term, _values(call, name)) for name, term in TERMS.items() if call.values(name)]
    if call.values("patient"):
        terms.append((Term.PERSON, tuple(persons)))
    actions = frozenset(each for value in _values(call, "action") for each in _actions(value))
    outcomes = frozenset(each for value in _values(call, "outcome") for each in _outcomes(value))
    found = Wanted(tuple(terms), actions, outcomes)
    for value in call.values("date"):
        found = _within(found, value)
    return found


def _values(call: Call, name: str) -> tuple[str, ...]:
    """Return the values that are separated by commas; a token's system is not looked at."""
    given = ",".join(call.values(name))
    values = tuple(each.rpartition("|")[2] for each in given.split(",")) if given else ()
    if any(not value for value in values) or (call.values(name) and not values):
        raise BadRequest(f"{name} has no value", code="no-value", expression=f"http.{name}")
    return values


def _actions(value: str) -> frozenset[Action]:
    if value == "E":
        return EXECUTE
    if value in LETTERS:
        return frozenset(LETTERS[value])
    if value in {each.value for each in Action}:
        return frozenset({Action(value)})
    raise BadRequest(
        "action is C, R, U, D or E, or a code of the hub's own acts",
        code="unknown-code",
        expression="http.action",
    )


def _outcomes(value: str) -> frozenset[Outcome]:
    found = frozenset(outcome for outcome, code in OUTCOMES.items() if code == value)
    if not found:
        raise BadRequest(
            "outcome is 0 (done), 4 (denied) or 8 (failed)",
            code="unknown-code",
            expression="http.outcome",
        )
    return found


def _within(found: Wanted, value: str) -> Wanted:
    prefix, text = _matched(_DATE, value, "date").groups()
    try:
        first, last = span(text)
    except ValueError:
        raise _bad("date") from None
    start, end = {
        "ge": (first, None),
        "gt": (last, None),
        "sa": (last, None),
        "le": (None, last),
        "lt": (None, first),
        "eb": (None, first),
    }.get(prefix, (first, last))
    starts = [each for each in (found.start, start) if each is not None]
    ends = [each for each in (found.end, end) if each is not None]
    return replace(found, start=max(starts, default=None), end=min(ends, default=None))


def _matched(pattern: re.Pattern[str], value: str, name: str) -> re.Match[str]:
    matched = pattern.fullmatch(value)
    if matched is None:
        raise _bad(name)
    return matched


def _bad(name: str) -> BadRequest:
    return BadRequest(f"{name} cannot be understood", code="bad-value", expression=f"http.{name}")


def page_size(call: Call) -> int:
    """Return how many records a page has."""
    given = call.values("_count")
    if not given:
        return DEFAULT_COUNT
    if not re.fullmatch(r"[1-9][0-9]{0,5}", given[0]):
        raise _bad("_count")
    return min(int(given[0]), MOST_ON_A_PAGE)
