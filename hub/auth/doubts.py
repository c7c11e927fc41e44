"""What a token of the built-in issuer will meet in the directory: said when it is made.

Source: INTERFACES, Token; PDL 4:1, 4:2. A token says under which assignment somebody wants to act,
and it is the directory that has it: whoever tries a hub learns here, and not from a refusal of
their first request, what is missing there.
"""

from collections.abc import Iterator
from datetime import datetime

from hub.auth.built_in import TokenRequest, purpose_of
from hub.config.organisation import ASSIGNED, Assignment
from hub.store.directory import Directory

FILE = "the organisations file (samvy organisations load)"


def doubts(asked: TokenRequest, known: Directory, at: datetime) -> Iterator[str]:
    """Yield why requests with such a token will be refused, or nothing."""
    if asked.as_ not in ASSIGNED:
        return
    entry = known.entries.get(asked.organisation)
    if entry is None:
        yield f"the token names an organisation that is not in {FILE}; with it requests are refused"
        return
    held = known.assignments(asked.organisation, asked.user)
    if not held:
        yield f"--user is no staff of the organisation in {FILE}; with it requests are refused"
        return
    fitting = [each for each in held if each.as_ is asked.as_ and asked.unit in (None, each.unit)]
    if not fitting:
        places = sorted({f"--as {each.as_} --unit {each.unit or '-'}" for each in held})
        yield f"--user has no such assignment; there are: {'; '.join(places)}"
    elif not any(each.period.holds(at) for each in fitting):
        yield "the assignment has ended or not begun; see from and to in the organisations file"
    else:
        yield from _of_purpose(asked, fitting)


def _of_purpose(asked: TokenRequest, fitting: list[Assignment]) -> Iterator[str]:
    purpose = purpose_of(asked)
    allowed = {each for assignment in fitting for each in assignment.purposes}
    if purpose is not None and purpose not in allowed:
        names = ", ".join(sorted(each.value for each in allowed)) or "none"
        yield f"the assignment is not for {purpose}; it is for: {names}"
