"""A change to a vendor's own resource, planned on one version and carried out on that one alone.

Source: DESIGN §5; FHIR R4 http.html#concurrency. Planned under the writer's scope, so that what the
writer may not see is as if it were not there (P3); carried out under the person's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from hub.api.access import (
    about,
)
from hub.api.call import Answer, Call
from hub.api.interaction.read import version_headers
from hub.api.own_documents import Own, settled
from hub.api.weighed import Access
from hub.audit.record import Shown
from hub.errors import Conflict, KeptAway, NoSuchResource, NotAllowed, operation_outcome
from hub.errors import Place as Said
from hub.running import Hub
from hub.store.counter import lock
from hub.store.directory import Directory
from hub.store.facts import facts_of, linked
from hub.store.incoming import Written, stamped
from hub.store.kept_away import API, kept_away
from hub.store.purged import purged_of
from hub.store.reading import Standing, own_row
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.schema.resource import RESOURCE
from hub.store.writing import delete, put


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of one resource: `own` as it will be, None where it is to be deleted.

    `version` is the one that it was planned on; 0: it is new.
    """

    person: str
    key: tuple[str, str]
    owner: str
    unit: str | None
    own: Own | None
    version: int

    @property
    def shown(self) -> Shown:
        """Return what the log says of it: the version that it makes."""
        kind, number = self.key
        return Shown(self.owner, self.unit, (f"{kind}/{number}/_history/{self.version + 1}",))


def creation(own: Own) -> Change:
    """Return the change that makes a new resource."""
    item = own.incoming.item
    return Change(own.person, own.incoming.key, item.owner, item.unit, own, 0)


def standing(
    hub: Hub, connection: Connection, call: Call, kind: str, number: str
) -> tuple[Access, Standing]:
    """Return the writer's own row, with what the writer may see of its person.

    Raises:
        NoSuchResource: there is none, or none that the writer may see.
        NotAllowed: it came from a source system, which is where it is changed.
        PreconditionFailed: it is at another version than If-Match names.
    """
    access = about(hub, connection, call, kind, number)
    found = own_row(connection, access.scope, access.persons, kind, number)
    if found is None:
        raise NoSuchResource
    if found.source != API:
        raise NotAllowed(
            "the resource came from a source system, and is changed there", code="from-a-source"
        )
    call.conditions.require(found.version)
    return access, found


def carry_out(
    hub: Hub, connection: Connection, known: Directory, changes: Sequence[Change], at: datetime
) -> list[Written]:
    """Write the changes and return what became of each; the caller holds the transaction.

    Raises:
        Conflict: a resource has changed since its change was planned; nothing may be kept.
        KeptAway: one of them was purged, and would be there again; nothing may be kept.
    """
    now = int(at.timestamp() * 1_000_000)
    persons = sorted({each.person for each in changes})
    lock(connection, PERSON_COUNTER, persons)
    for each in changes:
        _still(connection, each)
    keys = {person: linked(connection, [person]) for person in persons}
    _refuse_purged(hub, connection, keys, changes)
    written: dict[tuple[str, str], Written] = {}
    for person in persons:
        facts = facts_of(connection, keys[person])
        mine = [each for each in changes if each.person == person]
        for each in mine:
            if each.own is None:
                written[each.key] = delete(connection, person, each.key, now)
        incoming = [settled(each.own, known, facts, at) for each in mine if each.own is not None]
        for one in put(connection, person, incoming, now):
            written[one.type, one.id] = one
    return [written[each.key] for each in changes]


def _refuse_purged(
    hub: Hub, connection: Connection, keys: Mapping[str, Sequence[str]], changes: Sequence[Change]
) -> None:
    """Return if nothing that is to be written was purged.

    Raises:
        KeptAway: it was; says which, so that a transaction can tell the entries.
    """
    purged = {person: purged_of(connection, own) for person, own in keys.items()}
    found = [
        each.key
        for each in changes
        if each.own is not None
        and purged[each.person]
        and kept_away(
            connection,
            hub.identity_key,
            keys[each.person],
            purged[each.person],
            each.owner,
            each.own.incoming.resource,
        )
    ]
    if found:
        raise KeptAway(found)


def _still(connection: Connection, change: Change) -> None:
    """The version that the change was planned on is still the one that stands."""
    if not change.version:
        return
    row, (kind, number) = RESOURCE.c, change.key
    this = and_(row.person == change.person, row.type == kind, row.id == number)
    if connection.execute(select(row.version).where(this)).scalar() != change.version:
        raise Conflict(
            "the resource was changed by somebody else at the same time; read it again",
            code="version-conflict",
        )


def answer(call: Call, change: Change, written: Written) -> Answer:
    """Return the answer to a create or an update, with what Prefer asks for."""
    location = f"{call.fhir_root}/{written.type}/{written.id}/_history/{written.version}"
    headers = {"Location": location, **version_headers(written.version, written.last_updated)}
    status = 201 if written.created else 200
    if call.returns == "minimal":
        return Answer(status, b"", headers)
    if call.returns == "OperationOutcome":
        said = Said("informational", "written", "it has been written", severity="information")
        return Answer(status, operation_outcome([said]), headers)
    resource = change.own.incoming.resource if change.own else {}
    return Answer(status, stamped(resource, written.version, written.last_updated), headers)
