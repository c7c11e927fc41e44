"""history: every version of a resource, or of what a person's record holds, the newest first.

Source: FHIR R4 http.html#history. Of one resource; of a type or of everything for one person, whom
the request names as a search does (DESIGN §3), or for an organisation's own system of its own data,
across persons (docs/decisions/0010). What the reader may not see now has no history for them, and
counts in no total (P3).
"""

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, not_, select, true

from hub.api.access import about
from hub.api.bundle import history
from hub.api.call import Answer, Call
from hub.api.log import record, records, write
from hub.api.search.page import HISTORY, MOST_IN_A_SET, PageSet, few_enough, link, save
from hub.api.search.reach import Reach, reach
from hub.audit.record import Action, Outcome
from hub.auth.scopes import Interaction
from hub.errors import BadRequest, NotFound
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.time_span import span
from hub.running import Hub
from hub.store.reading import Found, Key, at_versions, versions
from hub.store.schema.resource import RESOURCE_VERSION

DEFAULT_COUNT, MOST_ON_A_PAGE = 50, 500
_NUMBER = re.compile(r"[0-9]{1,10}")


def history_instance(hub: Hub, call: Call, resource_type: str, number: str) -> Answer:
    """Return a resource's versions as a history Bundle.

    Raises:
        NotFound: there is none, or none that the reader may see.
        BadRequest: a parameter cannot be understood.
        Unavailable: the access cannot be logged.
    """
    version = RESOURCE_VERSION.c
    this = and_(version.type == resource_type, version.id == number)
    path = f"{resource_type}/{number}/_history"
    with hub.store.read() as connection:
        access = about(hub, connection, call, resource_type, number)
        reached = Reach(access, access.persons, next(iter(access.persons), ""))
        # that nothing was changed since then is told of what is there, and of nothing else
        there = (access.scope, access.persons, this)
        own = call.caller.own_system
        seen = versions(connection, *there, limit=1, own=own) if _is_narrowed(call) else None
        asked = None if seen == [] else _asked(connection, call, reached, this)
    if asked is None or not (asked.keys or seen):
        write(hub.log, record(call, Action.HISTORY, Outcome.DENY, access=access, query=path))
        raise NotFound
    return _answer(hub, call, reached, asked, path)


def history_person(hub: Hub, call: Call, resource_type: str | None) -> Answer:
    """Return the versions of what the request's person has, or the system's own organisation.

    Raises:
        TooBroad: the parameters do not name exactly one person, as anybody but a system must.
        BadRequest: a parameter cannot be understood.
        Unavailable: the access cannot be logged.
    """
    wanted = [resource_type] if resource_type else TYPES_IN_USE
    types = [name for name in wanted if call.caller.allows(name, Interaction.HISTORY_TYPE)]
    with hub.store.read() as connection:
        reached = reach(hub, connection, call, resource_type or "Resource")
        asked = _asked(connection, call, reached, RESOURCE_VERSION.c.type.in_(types))
    path = f"{resource_type}/_history" if resource_type else "_history"
    return _answer(hub, call, reached, asked, path)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The versions that were asked for, how many a page has, and those of the first page."""

    keys: tuple[Key, ...]
    count: int
    found: tuple[Found, ...]


def _asked(
    connection: Connection, call: Call, reached: Reach, where: ColumnElement[bool]
) -> _Asked:
    scope, persons, own = reached.access.scope, reached.persons, call.caller.own_system
    count = _count(call)
    wanted = and_(where, _since(call), _at(call))
    keys = versions(connection, scope, persons, wanted, limit=MOST_IN_A_SET + 1, own=own)
    few_enough(keys)
    page = keys[:count]
    found = at_versions(connection, scope, persons, page, history=True, own=own)
    return _Asked(tuple(keys), count, tuple(found))


def _answer(hub: Hub, call: Call, reached: Reach, asked: _Asked, path: str) -> Answer:
    links = [("self", f"{call.fhir_root}/{path}")]
    if 0 < asked.count < len(asked.keys):
        pages = PageSet(reached.whom, asked.keys, asked.count, HISTORY)
        with hub.store.write() as connection:
            links.append(("next", link(call, save(connection, call, pages), 1)))
    found = asked.found
    write(hub.log, *records(call, Action.HISTORY, Outcome.PERMIT, reached.access, found, path))
    return Answer(200, history(call.fhir_root, found, links, len(asked.keys)))


def _count(call: Call) -> int:
    given = call.values("_count")
    if not given:
        return DEFAULT_COUNT
    if not _NUMBER.fullmatch(given[0]):
        raise BadRequest("_count takes a whole number", code="bad-count", expression="http._count")
    return min(int(given[0]), MOST_ON_A_PAGE)


def _is_narrowed(call: Call) -> bool:
    return bool(call.values("_since") or call.values("_at"))


def _since(call: Call) -> ColumnElement[bool]:
    """Versions from an instant on (`_since`)."""
    given = call.values("_since")
    return RESOURCE_VERSION.c.last_updated >= _span(given[0], "_since")[0] if given else true()


def _at(call: Call) -> ColumnElement[bool]:
    """Versions that were the current one at some moment of a time (`_at`)."""
    given = call.values("_at")
    if not given:
        return true()
    start, end = _span(given[0], "_at")
    this, after = RESOURCE_VERSION.c, RESOURCE_VERSION.alias("after")
    replaced = (
        select(after.c.version)
        .where(
            after.c.person == this.person,
            after.c.type == this.type,
            after.c.id == this.id,
            after.c.version == this.version + 1,
            after.c.last_updated <= start,
        )
        .exists()
    )
    return and_(this.last_updated < end, not_(replaced))


def _span(written: str, name: str) -> tuple[int, int]:
    try:
        return span(written)
    except ValueError:
        raise BadRequest(
            f"{name} takes a date or an instant, such as 2026-03-10T10:00:00+01:00",
            code="bad-date",
            expression=f"http.{name}",
        ) from None
