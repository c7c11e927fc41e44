"""The facts file, read and checked: what is known about one person, and who that is.

Source: INTERFACES "Facts file": a scenario's `facts` with `person.identifier`, without the items. A
whole scenario file to which an identifier has been added is taken too: its items and requests
are read, so that mistakes in them are found, and left out. Organisations come from their own file;
those that a facts file lists are only names that it may use.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.facts import Facts
from hub.config.entry import Entry, Listed, Text, validated, wrong
from hub.config.problem import ConfigurationError, Problem
from hub.config.written import Place, Written, WrittenInteger, read_written
from hub.scenario.facts import facts_from, wrong_facts
from hub.scenario.facts_format import FactsEntry, PersonFact
from hub.scenario.request_format import RequestEntry
from mappings.personal_identity import Identity, NotAnIdentity, normalise


def _number(value: object) -> str:
    text = value.written if isinstance(value, WrittenInteger) else value
    if not isinstance(text, str):
        raise wrong("this is not an identifier", "write the number in quotes")
    return text


class _Identifier(Entry):
    system: Text
    value: Annotated[str, PlainValidator(_number)]


class _Person(PersonFact):
    identifier: _Identifier


class _Facts(FactsEntry):
    person: _Person


class _Whole(Entry):
    id: Text | None = None
    title: Text | None = None
    certainty: Text | None = None
    facts: _Facts
    requests: Listed[RequestEntry] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The facts of one person. `facts.organisations` is empty: the directory has them."""

    identity: Identity
    facts: Facts

    def __repr__(self) -> str:
        """Return nothing personal: this may end in a log."""
        return "PersonFacts(...)"


def read_facts(
    path: Path, today: date, organisations: Collection[str] | None = None
) -> PersonFacts:
    """Return the facts of a file; `organisations` are the ids that the hub knows, to be checked.

    Raises:
        ConfigurationError: with everything that is wrong, each with file, line, key and remedy.
    """
    return facts_of(read_written(path), today, organisations)


def facts_of(
    written: Written, today: date, organisations: Collection[str] | None = None
) -> PersonFacts:
    """Return the facts that written values are, as `read_facts`."""
    whole = isinstance(written.value, dict) and "facts" in written.value
    place: Place = ("facts",) if whole else ()
    entry = validated(_Whole, written).facts if whole else validated(_Facts, written)
    problems = list(wrong_facts(entry, written, place))
    if organisations is not None:
        problems += _unknown(entry, written, place, organisations)
    identifier = entry.person.identifier
    try:
        identity = normalise(identifier.value, identifier.system, today)
    except NotAnIdentity as why:
        here = (*place, "person", "identifier", "value")
        problems.append(written.problem(here, why.reason, "correct it"))
    if problems:
        raise ConfigurationError(problems)
    return PersonFacts(identity, replace(facts_from(entry), organisations={}))


def _unknown(
    entry: _Facts, written: Written, place: Place, organisations: Collection[str]
) -> Iterator[Problem]:
    known = {*organisations, *(each.id for each in entry.organisations)}
    named: list[tuple[str, str, list[str | None]]] = [
        ("relations", "organisation", [each.organisation for each in entry.relations]),
        ("consents", "organisation", [each.organisation for each in entry.consents]),
        ("blocks", "owner", [each.owner for each in entry.blocks]),
        ("lifts", "organisation", [each.organisation for each in entry.lifts]),
        ("assessments", "by", [each.by for each in entry.assessments]),
    ]
    for key, name, ids in named:
        for index, organisation in enumerate(ids):
            if organisation is not None and organisation not in known:
                here = (*place, key, index, name)
                remedy = "load it with `samvy organisations load`, or correct it"
                yield written.problem(here, "no organisation has this id", remedy)
