"""One resource whose row is known: its content, if the scope permits the row.

Source: DESIGN P1, P3, §7. The decision is the scope's own for a single item, which is that of its
SQL (tests/consent); so that nothing is asked of what is hidden that is not asked of what is not
there, content is asked for only after it.
"""

from functools import cache

from sqlalchemy import Connection, Dialect, bindparam, select

from consent.scope import Scope
from hub.store.person_now import StandingRow
from hub.store.reading import Found
from hub.store.schema.resource import RESOURCE_VERSION
from hub.store.written_out import WrittenOut, write_out


def read_one(connection: Connection, scope: Scope, row: StandingRow) -> Found | None:
    """Return the resource at the version of its row, or None where the scope denies it.

    What has been deleted is without a body. None also for what has been purged since.
    """
    ground = scope.ground(row.item)
    if ground is None:
        return None
    kind, _, number = row.item.id.partition("/")
    named = {"person": row.key, "type": kind, "id": number, "version": row.version}
    for body, masked in _content(connection.dialect).rows(connection, named):
        return Found(
            row.key,
            kind,
            number,
            row.version,
            row.last_updated,
            body if masked is None else masked,
            masked is not None,
            ground,
            row.item.owner,
            row.item.unit,
        )
    return None


@cache
def _content(dialect: Dialect) -> WrittenOut:
    version = RESOURCE_VERSION.c
    named = [version[name] == bindparam(name) for name in ("person", "type", "id", "version")]
    return write_out(select(version.body, version.masked_body).where(*named), dialect)
