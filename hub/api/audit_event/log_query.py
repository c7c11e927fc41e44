"""The parameters of an AuditEvent search, read into what the log is searched for.

Source: FHIR R4 auditevent.html#search; `organisation`, `section`, `flag` and `unit` are parameters
of ours. A code's system is not looked at: each parameter has one kind of value.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from consent.facts import Capacity
from hub.api.call import Call
from hub.audit.balp_codes import OUTCOMES, PURPOSES
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
OF_ACT_REASON = {code: purpose for purpose, code in PURPOSES.items()}
_RESOURCE = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.-]{1,64}")
_PATIENT = re.compile(r"(?:Patient/)?([A-Za-z0-9.-]{1,64})")


def patients_asked(call: Call) -> tuple[str, ...]:
    """Return the ids of the Patients that the search is about, none if it names none."""
    named = [value for value in _values(call, "entity") if value.startswith("Patient/")]
    return tuple(
        _matched(_PATIENT, value, "patient")[1] for value in (*_values(call, "patient"), *named)
    )


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
    references, others = _entities(call)
    terms = [
        (term, others if name == "entity" else _coded(term, _values(call, name)))
        for name, term in TERMS.items()
        if call.values(name) and (name != "entity" or others)
    ]
    about = bool(patients_asked(call))
    if about:
        terms.append((Term.PERSON, tuple(persons)))
    if references and not about and call.caller.capacity is not Capacity.INDIVIDUAL:
        raise BadRequest(
            "a search for a resource names its person too; add patient=Patient/{id}",
            code="entity-needs-patient",
            expression="http.entity",
        )
    actions = frozenset(each for value in _values(call, "action") for each in _actions(value))
    outcomes = frozenset(each for value in _values(call, "outcome") for each in _outcomes(value))
    found = Wanted(tuple(terms), actions, outcomes, references)
    for value in call.values("date"):
        found = _within(found, value)
    return found


def _entities(call: Call) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what of `entity` are resources, and what are owners; a Patient is asked for apart."""
    values = [each for each in _values(call, "entity") if not each.startswith("Patient/")]
    references = tuple(each for each in values if "/" in each)
    owners = tuple(each for each in values if "/" not in each)
    if references and owners:
        raise BadRequest(
            "entity is resources or owners, not both at once", code="bad-value", expression="entity"
        )
    return tuple(_matched(_RESOURCE, each, "entity")[0] for each in references), owners


def _coded(term: Term, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return values as the log has them: a purpose may be asked for by FHIR's code."""
    if term is not Term.PURPOSE:
        return values
    return tuple(OF_ACT_REASON.get(each, each) for each in values)


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
