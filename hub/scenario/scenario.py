"""A scenario as frozen values: the facts, the items, the requests and what is expected of each.

Source: the page of the scenario format. Used by `samvy decide`, the tests of the law, and, for its
facts, by `samvy facts load`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.decision import Obligation, Outcome
from consent.facts import Emergency, Facts, Item, Reader, Request, Target
from consent.period import instant
from hub.config.entry import Entry, Identifier, Listed, Text, one_of, validated
from hub.config.organisations_file import duplicates
from hub.config.problem import ConfigurationError, Problem
from hub.config.written import Place, Written, read_written
from hub.scenario.facts import facts_from, item_from, wrong_facts
from hub.scenario.facts_format import FactsEntry
from hub.scenario.request_format import ReaderEntry, RequestEntry


class Certainty(StrEnum):
    """What a scenario's answer rests on."""

    TEXT = "text"
    INTERP = "interp"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class ExpectedItem:
    """What is expected for one item; every section of `basis` is to be among those cited."""

    outcome: Outcome
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of an answer: `shows` and `masked` exactly, `obligations` at least."""

    items: Mapping[str, ExpectedItem]
    shows: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    obligations: frozenset[Obligation] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a scenario. `items` are the ids that it is about, in the scenario's order."""

    id: str
    request: Request
    items: tuple[str, ...]
    expect: Expectation | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A situation, what is asked, and what the law answers."""

    id: str
    title: str | None
    certainty: Certainty
    facts: Facts
    items: Mapping[str, Item]
    requests: tuple[Asked, ...]


class ScenarioEntry(Entry):
    """A scenario file as written."""

    id: Identifier
    title: Text | None = None
    certainty: Annotated[Certainty, PlainValidator(one_of(Certainty))] = Certainty.TEXT
    facts: FactsEntry = FactsEntry()
    requests: Listed[RequestEntry] = Field(default_factory=list)


def read_scenario(path: Path) -> Scenario:
    """Return the scenario of a file.

    Raises:
        ConfigurationError: with everything that is wrong, each with file, line, key and remedy.
    """
    return scenario_of(read_written(path))


def scenario_of(written: Written) -> Scenario:
    """Return the scenario that written values are, as `read_scenario`."""
    if isinstance(written.value, list):
        what = "this is a list, and a scenario is one mapping"
        remedy = "give a scenario in each file; deadlines under LUS are not decided by this command"
        raise ConfigurationError([written.problem((), what, remedy)])
    entry = validated(ScenarioEntry, written)
    problems = [*wrong_facts(entry.facts, written, ("facts",)), *_wrong(entry, written)]
    if problems:
        raise ConfigurationError(problems)
    items = {each.id: item_from(each) for each in entry.facts.items}
    return Scenario(
        id=entry.id,
        title=entry.title,
        certainty=entry.certainty,
        facts=facts_from(entry.facts),
        items=items,
        requests=tuple(_asked(each, tuple(items)) for each in entry.requests),
    )


def _asked(entry: RequestEntry, every: tuple[str, ...]) -> Asked:
    return Asked(
        id=entry.id,
        request=_request(entry),
        items=every if entry.items is None else tuple(entry.items),
        expect=_expectation(entry),
    )


def _target(entry: RequestEntry) -> Target:
    block, given = entry.block, entry.answer
    if given is not None:
        return Target(given.organisation, conveyed=given.conveyed)
    if block is None:
        return Target()
    terms = frozenset(block.terms)
    return Target(block.owner, block.kind, block.across_persons, terms, block.conveyed)


def _request(entry: RequestEntry) -> Request:
    return Request(
        reader=_reader(entry.reader),
        at=instant(entry.at),
        op=entry.op,
        purpose=entry.purpose,
        patient_requested=entry.patient_requested,
        relevance=entry.relevance,
        active_choice=entry.active_choice,
        necessary=entry.necessary,
        emergency=Emergency(
            danger=entry.emergency.danger,
            consent_obtainable=entry.emergency.consent_obtainable,
            can_request_lift=entry.emergency.can_request_lift,
            absolutely_needed=entry.emergency.absolutely_needed,
        ),
        registers_reachable=entry.registers_reachable,
        target=_target(entry),
    )


def _reader(entry: ReaderEntry) -> Reader:
    return Reader(
        user=entry.user or "",
        organisation=entry.organisation,
        as_=entry.as_,
        authority=entry.authority,
        unit=entry.unit,
        process=entry.process,
        assignment_valid=entry.assignment_valid,
        strong_auth=entry.strong_auth,
        takes_part=entry.takes_part_in_care,
    )


def _expectation(entry: RequestEntry) -> Expectation | None:
    expect = entry.expect
    if expect is None:
        return None
    return Expectation(
        items={
            name: ExpectedItem(each.outcome, tuple(each.basis))
            for name, each in expect.items.items()
        },
        shows=frozenset(expect.shows),
        masked=frozenset(expect.masked),
        obligations=frozenset(expect.obligations),
    )


def _wrong(entry: ScenarioEntry, written: Written) -> Iterator[Problem]:
    yield from duplicates([each.id for each in entry.requests], written, ("requests",))
    known = [each.id for each in entry.facts.items]
    for number, request in enumerate(entry.requests):
        place: Place = ("requests", number)
        asked = known if request.items is None else request.items
        for index, name in enumerate(request.items or ()):
            if name not in known:
                here = (*place, "items", index)
                yield written.problem(here, "no item has this id", "name one of the items above")
        for name in request.expect.items if request.expect else ():
            if name not in asked:
                here = (*place, "expect", "items", name)
                what = "the request is not about this item"
                yield written.problem(here, what, "add it to the request's items, or remove it")
