"""What this caller may see of this person now: facts, session and law made into one scope.

Source: DESIGN P1, P4, §3, §5. Made in the same snapshot as the data are read in, so that a fact
acknowledged before the request arrived is always part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from consent.facts import Capacity, Purpose, Reader
from consent.scope import scope
from hub.api.assignment_ceiling import within_rights
from hub.api.call import Call
from hub.api.session import Session, live
from hub.api.weighed import Access
from hub.auth.reader import Caller
from hub.errors import NotAllowed
from hub.running import Hub
from hub.situated import known_now, situated
from hub.stated import NOTHING_STATED
from hub.store.directory import directory, writes
from hub.store.identity import person_key
from hub.store.person_now import (
    Moved,
    PersonNow,
    StandingRow,
    person_now,
    resource_now,
)
from hub.store.reading import persons_of
from hub.store.scope_cache import Made


def weigh(
    hub: Hub, connection: Connection, call: Call, now: PersonNow, *, session: Session | None = None
) -> Access:
    """Return what the caller may see of a person of whom this is known, at the call's instant."""
    call.weighed.assumed.bear_out(now.directory)
    stated = session.stated if session else NOTHING_STATED
    purpose = stated.purpose or call.caller.purpose or Purpose.VARD
    key = call.caller, stated
    made = None if writes(connection) else hub.scopes.get(key, now, call.at)
    if made is None:
        known = directory(connection, counter=now.directory)
        before = known_now(now.known().facts, known)
        reader = reader_as(hub, call, purpose, now.persons)
        situation, related = situated(before, reader, stated, call.at, purpose)
        allowed = within_rights(scope(situation), call.caller)
        made = Made(situation, allowed, related, now.persons, known.counter, now.counters)
        if not writes(connection):
            hub.scopes.put(key, made, call.at, known)
    access = _access(call, made, session)
    call.weighed.access = access
    return access


def _access(call: Call, made: Made, session: Session | None) -> Access:
    request = replace(made.situation.request, at=call.at)
    situation = replace(made.situation, request=request)
    claimed = request.reader.takes_part and not made.related
    return Access(situation, made.scope, made.persons, session, claimed)


@dataclass(frozen=True, slots=True)
class Unproved:
    """An access by a scope that was kept, of which it is not yet known whether it still holds."""

    access: Access
    _call: Call
    _made: Made

    def stands(self, now: Moved) -> bool:
        """Tell whether it does, by what the statement told that read with it; then it counts.

        Raises:
            DirectoryMoved: the request took another directory for granted.
        """
        if not self._made.stands(now):
            return False
        self._call.weighed.assumed.bear_out(now.directory)
        self._call.weighed.access = self.access
        return True


def unproved(hub: Hub, connection: Connection, call: Call, person: str) -> Unproved | None:
    """Return the access that was kept for this caller and person, for a statement to prove.

    Raises:
        NotAllowed: the reading session does not live.
    """
    session = session_of(connection, call)
    stated = session.stated if session else NOTHING_STATED
    made = hub.scopes.unproved((call.caller, stated), person, call.at)
    if made is None or (session is not None and session.person not in made.persons):
        return None
    return Unproved(_access(call, made, session), call, made)


def about(hub: Hub, connection: Connection, call: Call, resource_type: str, number: str) -> Access:
    """Return what the caller may see of the person whom a resource is about.

    With a reading session that is the session's person. As many statements are asked of what is
    hidden, and of what is not there, as of what is shown (P3).
    """
    access, _ = about_one(hub, connection, call, resource_type, number)
    if access.scope.empty:  # nothing is then asked of the store: as many statements (P3)
        persons_of(connection, resource_type, number)
    return access


def about_one(
    hub: Hub, connection: Connection, call: Call, resource_type: str, number: str
) -> tuple[Access, list[StandingRow]]:
    """Return the same with the rows that the resource has, as `resource_now` gives them.

    One statement finds both, be the resource shown, hidden or not there (P3).
    """
    session = session_of(connection, call)
    person = session.person if session else None
    now, rows = resource_now(connection, resource_type, number, person)
    return weigh(hub, connection, call, now, session=session), rows


def about_person(hub: Hub, connection: Connection, call: Call, person: str) -> Access:
    """Return what the caller may see of a person, under every key that is theirs.

    Raises:
        NotAllowed: the reading session does not live, or is about somebody else.
    """
    now = person_now(connection, [person])
    session = session_about(connection, call, now.persons)
    return weigh(hub, connection, call, now, session=session)


def session_about(connection: Connection, call: Call, persons: Sequence[str]) -> Session | None:
    """Return the call's reading session, which is about the person with these keys.

    Raises:
        NotAllowed: it does not live, another token opened it, or it is about somebody else.
    """
    session = session_of(connection, call)
    if session is not None and session.person not in persons:
        raise NotAllowed(
            "the reading session is about another person; open one for this person",
            code="session-of-another-person",
        )
    return session


def session_of(connection: Connection, call: Call) -> Session | None:
    """Return the call's reading session, None when it names none.

    Raises:
        NotAllowed: it names one that does not live, or that another token opened.
    """
    if call.session is None:
        return None
    caller = call.caller
    carried = caller.opened_by is not None and call.session == caller.session
    opened_by = (caller.opened_by or "") if carried else caller.opener
    session = live(connection, call.session, opened_by, call.at)
    if session is None:
        raise NotAllowed(
            "the reading session has ended or is not this token's; open a new one with $open",
            code="session-not-live",
        )
    return session


def reader_as(hub: Hub, call: Call, purpose: Purpose, persons: Sequence[str]) -> Reader:
    """Return the caller as the law sees them; facts are asked whether they take part."""
    caller = call.caller
    return Reader(
        user=caller.user,
        organisation=caller.organisation,
        as_=_capacity(hub, caller, persons),
        authority=caller.authority,
        unit=caller.unit,
        process=caller.process,
        assignment_valid=caller.valid_for(purpose),
        strong_auth=caller.strong_auth,
        takes_part=False,
    )


def _capacity(hub: Hub, caller: Caller, persons: Sequence[str]) -> Capacity:
    """A token that is about one person says nothing about any other."""
    if caller.person is None:
        return caller.capacity
    own = person_key(hub.identity_key, caller.person.system, caller.person.value)
    return caller.capacity if own in persons else Capacity.OTHER
