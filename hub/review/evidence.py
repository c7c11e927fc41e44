"""What is known around one access when it is judged whether anything explains it.

Source: PDL 4:3, HSLF-FS 2016:40 4 kap. Names and addresses are read through the scope of the
organisation's own system on its own data (PDL 2:4) and only compared: none of them leaves here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from consent.facts import Capacity, Facts, Purpose, Reader, Request
from consent.period import STOCKHOLM
from consent.scope import scope
from hub.audit.record import AccessRecord, instant
from hub.config.organisation import StaffMember
from hub.fhir.json_codec import decode
from hub.situated import KnownNow, known_now
from hub.store.directory import Directory
from hub.store.facts import facts_of, linked
from hub.store.identity import person_key
from hub.store.reading import find
from hub.store.schema.audit import audit_record
from hub.store.schema.resource import RESOURCE
from mappings.personal_identity import NotAnIdentity, normalise


@dataclass(frozen=True, slots=True)
class Evidence:
    """One access and what surrounds it.

    `looked_up`: how many persons the user took part of the data of on that day.
    """

    record: AccessRecord
    facts: Facts = field(default_factory=Facts)
    member: StaffMember | None = None
    surnames: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    colleague: bool = False
    looked_up: int = 0


class Gatherer:
    """Gathers evidence in one snapshot; what several accesses share is asked for once."""

    def __init__(self, connection: Connection, known: Directory, key: bytes) -> None:
        """Prepare; `key` makes the keys of staff who are patients themselves."""
        self._connection = connection
        self._known = known
        self._key = key
        self._persons: dict[tuple[str, str], tuple[Facts, frozenset[str], frozenset[str]]] = {}
        self._days: dict[tuple[str, str], int] = {}
        self._staff: dict[str, frozenset[str]] = {}

    def of(self, record: AccessRecord) -> Evidence:
        """Return what surrounds a record that is about a person and made by somebody's staff."""
        organisation, person = record.organisation or "", record.person or ""
        found = self._persons.get((organisation, person))
        if found is None:
            found = self._persons[organisation, person] = self._person(organisation, person)
        facts, surnames, addresses = found
        return Evidence(
            record,
            facts,
            self._known.staff.get((organisation, record.user or "")),
            surnames,
            addresses,
            person in self._colleagues(organisation),
            self._looked_up(record),
        )

    def _person(
        self, organisation: str, person: str
    ) -> tuple[Facts, frozenset[str], frozenset[str]]:
        persons = linked(self._connection, [person])
        known = known_now(facts_of(self._connection, persons), self._known)
        bodies = self._demographics(known, organisation, persons)
        return known.facts, _surnames(bodies), _addresses(bodies)

    def _demographics(
        self, known: KnownNow, organisation: str, persons: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        reader = Reader("review", organisation, Capacity.SYSTEM)
        request = Request(reader, datetime.now(STOCKHOLM), purpose=Purpose.TILLSYN)
        own = scope(known.asked(request))
        found = find(self._connection, own, persons, RESOURCE.c.type == "Patient")
        return [decode(each.body) for each in found]

    def _colleagues(self, organisation: str) -> frozenset[str]:
        if organisation not in self._staff:
            today = datetime.now(STOCKHOLM).date()
            keys = set()
            for (employer, _), member in self._known.staff.items():
                if employer != organisation or member.number is None:
                    continue
                try:
                    identity = normalise(member.number, None, today)
                except NotAnIdentity:
                    continue
                keys.add(person_key(self._key, identity.system, identity.value))
            self._staff[organisation] = frozenset(linked(self._connection, keys) if keys else ())
        return self._staff[organisation]

    def _looked_up(self, record: AccessRecord) -> int:
        day = record.recorded.astimezone(STOCKHOLM).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        key = (record.user or "", instant(day))
        if key not in self._days:
            self._days[key] = (
                self._connection.scalar(
                    select(func.count(func.distinct(audit_record.c.person))).where(
                        audit_record.c.user_id == record.user,
                        audit_record.c.recorded >= instant(day),
                        audit_record.c.recorded < instant(day + timedelta(days=1)),
                    )
                )
                or 0
            )
        return self._days[key]


def words(text: str) -> str:
    """Return a name or an address as it is compared: letters and digits, small."""
    kept = (each if each.isalnum() else " " for each in text.casefold())
    return " ".join("".join(kept).split())


def _surnames(bodies: Collection[Mapping[str, Any]]) -> frozenset[str]:
    names = [name for body in bodies for name in body.get("name", ())]
    return frozenset(words(each["family"]) for each in names if each.get("family"))


def _addresses(bodies: Collection[Mapping[str, Any]]) -> frozenset[str]:
    found = [address for body in bodies for address in body.get("address", ())]
    written = (" ".join([*each.get("line", ()), each.get("postalCode", "")]) for each in found)
    return frozenset(filter(None, map(words, written)))
