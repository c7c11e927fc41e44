"""The organisations file, read and checked: who documents and reads, and who works where.

Source: INTERFACES "Organisations file".
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.facts import Capacity, Kind, Purpose
from consent.period import instant
from hub.config.entry import (
    Entry,
    Identifier,
    Listed,
    Text,
    When,
    between,
    one_of,
    reversed_dates,
    secure_url,
    validated,
    wrong,
)
from hub.config.organisation import (
    ASSIGNED,
    Assignment,
    LiftDuty,
    OrganisationEntry,
    StaffMember,
    Unit,
)
from hub.config.problem import ConfigurationError, Problem
from hub.config.written import Place, Written, read_written
from hub.local_clock import opening

NEEDS = {
    Capacity.VARDPERSONAL: Kind.VARDGIVARE,
    Capacity.OMSORGSPERSONAL: Kind.OMSORGSGIVARE,
}
LONGEST_WAIT = 24 * 60
"""Minutes: by then a request to lift has lapsed."""
_kind = one_of(Kind)
_capacity = one_of(Capacity)


def _kinds(value: object) -> frozenset[Kind]:
    if value == "none":
        return frozenset()
    if not isinstance(value, list):
        return frozenset({_kind(value)})
    if not value:
        raise wrong("the list is empty", "write vardgivare, omsorgsgivare or both; or none")
    return frozenset(_kind(each) for each in value)


def _assigned(value: object) -> Capacity:
    capacity = _capacity(value)
    if capacity not in ASSIGNED:
        words = ", ".join(ASSIGNED)
        raise wrong("nobody is assigned in this capacity", f"write one of {words}")
    return capacity


Kinds = Annotated[frozenset[Kind], PlainValidator(_kinds)]


class _Assignment(Entry):
    id: Identifier
    unit: Identifier | None = None
    authority: Identifier | None = None
    process: Identifier | None = None
    as_: Annotated[Capacity, PlainValidator(_assigned)]
    purposes: Listed[Annotated[Purpose, PlainValidator(one_of(Purpose))]] = Field(
        default_factory=list
    )
    from_: When | None = None
    to: When | None = None

    def value(self) -> Assignment:
        return Assignment(
            id=self.id,
            as_=self.as_,
            unit=self.unit,
            authority=self.authority,
            process=self.process,
            purposes=frozenset(self.purposes),
            period=opening(self.from_, self.to),
        )


class _Staff(Entry):
    id: Identifier
    name: Text | None = None
    assignments: Listed[_Assignment] = Field(default_factory=list)
    number: Text | None = None
    address: Text | None = None


class _Unit(Entry):
    id: Identifier
    name: Text | None = None
    processes: Listed[Identifier] = Field(default_factory=list)


class _LiftDuty(Entry):
    officers: Listed[Identifier] = Field(default_factory=list)
    minutes: Annotated[int, between(1, LONGEST_WAIT)]


class _Organisation(Entry):
    id: Identifier
    name: Text
    kind: Kinds
    part_of: Text | None = None
    informs_from: When | None = None
    makes_available_from: When | None = None
    connected: bool = True
    offers_own_access: bool = True
    contractor_for: Listed[Identifier] = Field(default_factory=list)
    units: Listed[_Unit] = Field(default_factory=list)
    staff: Listed[_Staff] = Field(default_factory=list)
    supervises: Listed[Identifier] = Field(default_factory=list)
    four_eyes: Listed[Identifier] = Field(default_factory=list)
    operates_hub: bool = False
    lift_duty: Listed[_LiftDuty] = Field(default_factory=list)
    lift_alert: Annotated[str, PlainValidator(secure_url)] | None = None

    def value(self) -> OrganisationEntry:
        return OrganisationEntry(
            id=self.id,
            name=self.name,
            kind=self.kind,
            part_of=self.part_of,
            informs_from=instant(self.informs_from) if self.informs_from else None,
            makes_available_from=(
                instant(self.makes_available_from) if self.makes_available_from else None
            ),
            connected=self.connected,
            offers_own_access=self.offers_own_access,
            contractor_for=tuple(self.contractor_for),
            units=tuple(Unit(u.id, u.name or u.id, tuple(u.processes)) for u in self.units),
            staff=tuple(
                StaffMember(
                    s.id, s.name, tuple(a.value() for a in s.assignments), s.number, s.address
                )
                for s in self.staff
            ),
            supervises=tuple(self.supervises),
            four_eyes=tuple(self.four_eyes),
            operates_hub=self.operates_hub,
            lift_duty=tuple(LiftDuty(tuple(d.officers), d.minutes) for d in self.lift_duty),
            lift_alert=self.lift_alert,
        )


class _File(Entry):
    organisations: Annotated[list[_Organisation], Field(min_length=1)]


def read_organisations(path: Path, known: Collection[str] = ()) -> tuple[OrganisationEntry, ...]:
    """Return the organisations of a file; `known` are ids that the store already has.

    Raises:
        ConfigurationError: with everything that is wrong, each with file, line, key and remedy.
    """
    return organisations_of(read_written(path), known)


def organisations_of(
    written: Written, known: Collection[str] = ()
) -> tuple[OrganisationEntry, ...]:
    """Return the organisations that written values are, as `read_organisations`."""
    entries = validated(_File, written).organisations
    problems = list(_wrong(entries, written, known))
    if problems:
        raise ConfigurationError(problems)
    return tuple(entry.value() for entry in entries)


def _wrong(
    entries: list[_Organisation], written: Written, known: Collection[str]
) -> Iterator[Problem]:
    yield from duplicates([e.id for e in entries], written, ("organisations",))
    ids = {entry.id for entry in entries} | set(known)
    for number, entry in enumerate(entries):
        place: Place = ("organisations", number)
        if entry.part_of == entry.id:
            here = (*place, "part_of")
            yield written.problem(here, "an organisation is not part of itself", "write null")
        for index, principal in enumerate(entry.contractor_for):
            here = (*place, "contractor_for", index)
            if principal not in ids:
                yield written.problem(here, "no organisation has this id", "add it, or correct it")
            elif principal == entry.id:
                yield written.problem(here, "nobody is their own contractor", "remove it")
        yield from duplicates([u.id for u in entry.units], written, (*place, "units"))
        yield from duplicates([s.id for s in entry.staff], written, (*place, "staff"))
        for index, member in enumerate(entry.staff):
            yield from _wrong_assignments(entry, member, written, (*place, "staff", index))
        yield from _wrong_duty(entry, written, (*place, "lift_duty"))


def _wrong_duty(entry: _Organisation, written: Written, place: Place) -> Iterator[Problem]:
    officers = {
        member.id
        for member in entry.staff
        if any(each.as_ is Capacity.OFFICER for each in member.assignments)
    }
    for number, duty in enumerate(entry.lift_duty):
        for index, each in enumerate(duty.officers):
            if each not in officers:
                here = (*place, number, "officers", index)
                what = "nobody of the staff with this id has an assignment as officer"
                yield written.problem(here, what, "give one, or correct the id")


def _wrong_assignments(
    entry: _Organisation, member: _Staff, written: Written, place: Place
) -> Iterator[Problem]:
    listed = (*place, "assignments")
    yield from duplicates([a.id for a in member.assignments], written, listed)
    for index, assignment in enumerate(member.assignments):
        here = (*listed, index)
        if reversed_dates(assignment.from_, assignment.to):
            at = (*here, "to")
            yield written.problem(at, "the assignment ends before it begins", "correct the dates")
        needed = NEEDS.get(assignment.as_)
        if needed is not None and needed not in entry.kind:
            what = f"the organisation is no {needed}"
            yield written.problem((*here, "as"), what, f"add {needed} to its kind, or change `as`")


def duplicates(ids: list[str], written: Written, place: Place) -> Iterator[Problem]:
    """Yield a problem for each id that stands in the list at `place` for a second time."""
    first: dict[str, int] = {}
    for index, each in enumerate(ids):
        here = (*place, index, "id")
        if each in first:
            what = f"the id stands already on line {first[each]}"
            yield written.problem(here, what, "give each its own, or remove one")
        else:
            first[each] = written.line(here)
