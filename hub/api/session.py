"""Reading sessions: what a reader stated in `$open`, kept for the requests that follow.

Source: DESIGN §5. Bound to token, assignment, person and purpose; judged anew at every request.
Without one, a request has the facts of its token only: nothing is asserted, no choice made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from consent.facts import (
    ActiveChoice,
    Assessment,
    Danger,
    Emergency,
    Purpose,
    Reader,
    Request,
)
from hub.store.schema.session import READING_SESSION
from hub.store.scope_sql import seconds

NO_EMERGENCY = Emergency()


@dataclass(frozen=True, slots=True)
class Attitude:
    """What the reader has found of the attitude of somebody who cannot consent (SVOD 3:3, 3:4)."""

    clarified: bool
    reason_to_think_opposed: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """What the reader stated for this reading (INTERFACES, `$open`)."""

    purpose: Purpose | None = None
    active_choice: ActiveChoice = ActiveChoice.NONE
    relevance: bool = False
    reason: str | None = None
    takes_part: bool = False
    patient_requested: bool = False
    necessary: bool = False
    organisations: frozenset[str] = frozenset()
    emergency: Emergency = NO_EMERGENCY
    attitude: Attitude | None = None

    def judged(self, organisation: str | None) -> tuple[Assessment, ...]:
        """Return the reader's judgement of the person's attitude, as the organisation's own."""
        if self.attitude is None or organisation is None:
            return ()
        clarified, opposed = self.attitude.clarified, self.attitude.reason_to_think_opposed
        return (Assessment(organisation, clarified, opposed),)

    def request(self, reader: Reader, at: datetime, purpose: Purpose) -> Request:
        """Return what a reader who states this asks for."""
        return Request(
            reader=reader,
            at=at,
            purpose=purpose,
            patient_requested=self.patient_requested,
            relevance=self.relevance,
            active_choice=self.active_choice,
            necessary=self.necessary,
            emergency=self.emergency,
            chosen=self.organisations,
        )

    def as_json(self) -> str:
        """Return it as text for the store."""
        return json.dumps(
            {
                "purpose": self.purpose,
                "active_choice": self.active_choice,
                "relevance": self.relevance,
                "reason": self.reason,
                "takes_part": self.takes_part,
                "patient_requested": self.patient_requested,
                "necessary": self.necessary,
                "organisations": sorted(self.organisations),
                "emergency": {
                    "danger": self.emergency.danger,
                    "consent_obtainable": self.emergency.consent_obtainable,
                    "can_request_lift": self.emergency.can_request_lift,
                    "absolutely_needed": self.emergency.absolutely_needed,
                },
                "attitude": None
                if self.attitude is None
                else [self.attitude.clarified, self.attitude.reason_to_think_opposed],
            }
        )


NOTHING_STATED = Stated()


@dataclass(frozen=True, slots=True)
class Session:
    """A live reading session. `named`: the organisations that its answer named (U1)."""

    id: str
    person: str
    stated: Stated
    named: frozenset[str]
    expires: datetime


def stated_from(fields: Mapping[str, Any]) -> Stated:
    """Return what was stated from its stored form."""
    emergency = fields["emergency"]
    return Stated(
        Purpose(fields["purpose"]) if fields["purpose"] else None,
        ActiveChoice(fields["active_choice"]),
        fields["relevance"],
        fields["reason"],
        fields["takes_part"],
        fields["patient_requested"],
        fields["necessary"],
        frozenset(fields["organisations"]),
        Emergency(
            Danger(emergency["danger"]),
            emergency["consent_obtainable"],
            emergency["can_request_lift"],
            emergency["absolutely_needed"],
        ),
        Attitude(*attitude) if (attitude := fields.get("attitude")) else None,
    )


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
