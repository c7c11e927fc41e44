"""Reading sessions: what a reader stated in `$open`, kept for the requests that follow.

Source: DESIGN §5. Bound to token, assignment, person and purpose; judged anew at every request.
Without one, a request has the facts of its token only: nothing is asserted, no choice made.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from hub.stated import Stated, stated_from
from hub.store.schema.session import READING_SESSION
from hub.store.scope_sql import seconds


@dataclass(frozen=True, slots=True)
class Session:
    """A live reading session. `named`: the organisations that its answer named (U1)."""

    id: str
    person: str
    stated: Stated
    named: frozenset[str]
    expires: datetime


def save(connection: Connection, session: Session, opener: str, at: datetime) -> None:
    """Store a session of this opener's (hub.auth.reader)."""
    connection.execute(
        insert(READING_SESSION).values(
            person=session.person,
            id=session.id,
            token=opener,
            stated=session.stated.as_json(),
            named=json.dumps(sorted(session.named)),
            created=seconds(at),
            expires=seconds(session.expires),
        )
    )


def live(connection: Connection, session_id: str, opener: str, at: datetime) -> Session | None:
    """Return the session, if it lives and was opened by this opener; otherwise None."""
    statement = select(READING_SESSION).where(
        READING_SESSION.c.id == session_id,
        READING_SESSION.c.token == opener,
        READING_SESSION.c.expires > seconds(at),
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return Session(
        row.id,
        row.person,
        stated_from(json.loads(row.stated)),
        frozenset(json.loads(row.named)),
        datetime.fromtimestamp(row.expires, at.tzinfo),
    )


def named_before(
    connection: Connection, persons: Sequence[str], opener: str, at: datetime
) -> frozenset[str]:
    """Return the organisations that live sessions of this opener on this person have named."""
    statement = select(READING_SESSION.c.named).where(
        READING_SESSION.c.person.in_(persons),
        READING_SESSION.c.token == opener,
        READING_SESSION.c.expires > seconds(at),
    )
    named = connection.execute(statement).scalars()
    return frozenset(name for each in named for name in json.loads(each))
