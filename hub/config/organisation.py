"""What the organisations file says, as frozen values.

Source: INTERFACES "Organisations file"; SVOD 2:2 (informed), 2:4 (made available), 4:2 (own
access); PDL 4:1, 4:2 (staff read under an assignment).
"""

from dataclasses import dataclass, field
from datetime import datetime

from consent.facts import Capacity, Kind, Organisation, Purpose
from consent.period import ALWAYS, Period

ASSIGNED = (
    Capacity.VARDPERSONAL,
    Capacity.OMSORGSPERSONAL,
    Capacity.OFFICER,
    Capacity.AUDITOR,
)
"""The capacities that somebody has only by an assignment in the directory."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of an organisation, and the care processes that are run there."""

    id: str
    name: str
    processes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """What somebody may act as, where, and for which purposes, while its period holds."""

    id: str
    as_: Capacity
    unit: str | None = None
    authority: str | None = None
    process: str | None = None
    purposes: frozenset[Purpose] = frozenset()
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works for an organisation. The name is for its own lists and the log.

    `number` and `address` are for the review of the log alone: whether somebody read about a
    colleague, or about whoever lives at the same address.
    """

    id: str
    name: str | None = None
    assignments: tuple[Assignment, ...] = ()
    number: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LiftDuty:
    """Who is asked to lift a block, and for how many minutes before the next are (SVOD 3:5).

    `officers` are staff; none: every officer of the organisation's.
    """

    officers: tuple[str, ...] = ()
    minutes: int = 15


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """One organisation as written: a legal body in one or both capacities.

    `operates_hub`: it runs the hub, and its auditors review what is nobody else's to review.
    `four_eyes` are the reasons of a review (hub/review/signals.py) that two reviewers must judge.
    `lift_duty`: who is asked to lift a block, one after the other. `lift_alert`: the address at
    which the organisation is alerted to that, a part of which may be a secret.
    """

    id: str
    name: str
    kind: frozenset[Kind]
    part_of: str | None = None
    informs_from: datetime | None = None
    makes_available_from: datetime | None = None
    connected: bool = True
    offers_own_access: bool = True
    contractor_for: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    staff: tuple[StaffMember, ...] = ()
    supervises: tuple[str, ...] = ()
    four_eyes: tuple[str, ...] = ()
    operates_hub: bool = False
    lift_duty: tuple[LiftDuty, ...] = ()
    lift_alert: str | None = field(default=None, repr=False)

    def as_fact(self) -> Organisation:
        """Return what a decision asks about an organisation."""
        return Organisation(
            id=self.id,
            kind=self.kind,
            part_of=self.part_of,
            connected=self.connected,
            offers_own_access=self.offers_own_access,
        )

    def informs(self, at: datetime) -> bool:
        """Tell whether the person is informed before data are made available (SVOD 2:2)."""
        return self.informs_from is not None and self.informs_from <= at

    def makes_available(self, at: datetime) -> bool:
        """Tell whether the organisation makes its data available through the hub (SVOD 2:4)."""
        return self.makes_available_from is not None and self.makes_available_from <= at
