"""What a reader stated for a reading, of which the hub itself knows nothing.

Source: INTERFACES, `$open`; SVOD 3:3, 3:4, 3:6. Kept with the reading session, and decided by again
when a past access is (P8).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.facts import (
    ActiveChoice,
    Assessment,
    Danger,
    Emergency,
    Purpose,
    Reader,
    Request,
)

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
