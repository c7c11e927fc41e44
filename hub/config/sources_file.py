"""The sources file, read and checked: which systems deliver, for whom, and how owners are told.

Source: INTERFACES "Sources file".
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.facts import OMSORGSGIVARE_REGIMES, VARDGIVARE_REGIMES, Kind, Regime
from hub.config.entry import Entry, Identifier, Listed, Text, one_of, validated, wrong
from hub.config.notified_entry import NotifiedEntry, wrong_notified
from hub.config.organisations_file import duplicates
from hub.config.problem import ConfigurationError, Problem
from hub.config.pull_entry import PullEntry, with_paths, wrong_pull
from hub.config.source import MISSING, OwnerRule, Source
from hub.config.written import Place, Written, WrittenInteger, read_written

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_SOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)

Organisations = Mapping[str, frozenset[Kind]]
"""The organisations that the hub knows, and their capacities."""


def _adapter(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise wrong("this is not the name of an adapter", "write a name such as rivta or fhir_r4")
    return value


def _source_id(value: object) -> str:
    text = value.written if isinstance(value, WrittenInteger) else value
    if not isinstance(text, str) or not _SOURCE_ID.fullmatch(text):
        remedy = "use letters, digits, dots, dashes and underscores, at most 64"
        raise wrong("the id cannot stand in addresses and file names", remedy)
    return text


class _OwnerRule(Entry):
    hsa: Text
    regime: Annotated[Regime, PlainValidator(one_of(Regime))] | None = None
    owner: Identifier


class _Fallback(Entry):
    owner: Identifier
    unit: Identifier | None = None


class _Source(Entry):
    id: Annotated[str, PlainValidator(_source_id)]
    adapter: Annotated[str, PlainValidator(_adapter)]
    owners: Annotated[list[Identifier], Field(min_length=1)]
    owner_of: Listed[_OwnerRule] = Field(default_factory=list)
    fallback: _Fallback | None = None
    client: Identifier | None = None
    profile: Text | None = None
    complete: bool = False
    pull: PullEntry | None = None
    notified: NotifiedEntry | None = None
    relations: bool = False

    def value(self, beside: Path) -> Source:
        return Source(
            id=self.id,
            adapter=self.adapter,
            owners=tuple(self.owners),
            owner_of=tuple(OwnerRule(r.hsa, r.owner, r.regime) for r in self.owner_of),
            fallback_owner=self.fallback.owner if self.fallback else None,
            fallback_unit=self.fallback.unit if self.fallback else None,
            client=self.client,
            profile=self.profile,
            complete=self.complete,
            pull=with_paths(self.pull.value(), beside) if self.pull else None,
            notified=self.notified.value(beside) if self.notified else None,
            relations=self.relations,
        )


class _File(Entry):
    sources: Annotated[list[_Source], Field(min_length=1)]


def read_sources(path: Path, organisations: Organisations | None = None) -> tuple[Source, ...]:
    """Return the sources of a file; `organisations` are those that the hub knows.

    Without `organisations` it is not checked that the owners exist.

    Raises:
        ConfigurationError: with everything that is wrong, each with file, line, key and remedy.
    """
    return sources_of(read_written(path), organisations)


def sources_of(written: Written, organisations: Organisations | None = None) -> tuple[Source, ...]:
    """Return the sources that written values are, as `read_sources`."""
    entries = validated(_File, written).sources
    problems = [
        *duplicates([entry.id for entry in entries], written, ("sources",)),
        *(
            problem
            for number, entry in enumerate(entries)
            for problem in _wrong(entry, written, ("sources", number), organisations)
        ),
    ]
    if problems:
        raise ConfigurationError(problems)
    return tuple(entry.value(Path(written.file).parent) for entry in entries)


def _wrong(
    entry: _Source, written: Written, place: Place, organisations: Organisations | None
) -> Iterator[Problem]:
    for index, owner in enumerate(entry.owners):
        here = (*place, "owners", index)
        if owner in entry.owners[:index]:
            yield written.problem(here, "the owner is named twice", "remove one")
        if organisations is not None and owner not in organisations:
            what = "no organisation has this id"
            yield written.problem(here, what, "load it with `samvy organisations load`, or correct")
    if entry.fallback is not None and entry.fallback.owner not in entry.owners:
        here = (*place, "fallback", "owner")
        yield written.problem(here, "the owner is not among `owners`", "add it there")
    beside, pulled = Path(written.file).parent, entry.pull is not None
    if entry.notified is not None:
        here = (*place, "notified")
        yield from wrong_notified(entry.notified, beside, written, here, pulled=pulled)
    if entry.pull is not None:
        yield from wrong_pull(entry.pull, entry.adapter, beside, written, (*place, "pull"))
    seen: set[tuple[str, Regime | None]] = set()
    for index, rule in enumerate(entry.owner_of):
        here = (*place, "owner_of", index)
        if (rule.hsa, rule.regime) in seen:
            yield written.problem(here, "the id and regime are mapped twice", "remove one of them")
        seen.add((rule.hsa, rule.regime))
        yield from _wrong_rule(entry, rule, written, here, organisations)


def _wrong_rule(
    entry: _Source,
    rule: _OwnerRule,
    written: Written,
    place: Place,
    organisations: Organisations | None,
) -> Iterator[Problem]:
    if rule.hsa in MISSING:
        here = (*place, "hsa")
        yield written.problem(here, "this stands for a missing owner", "use `fallback` for those")
    if rule.owner not in entry.owners:
        here = (*place, "owner")
        yield written.problem(here, "the owner is not among `owners`", "add it there")
    kinds = (organisations or {}).get(rule.owner)
    needed = _needed(rule.regime)
    if kinds is not None and needed is not None and needed not in kinds:
        what = f"the owner is no {needed}, which documents under this act have"
        yield written.problem((*place, "regime"), what, "map it to another owner or regime")


def _needed(regime: Regime | None) -> Kind | None:
    if regime in VARDGIVARE_REGIMES:
        return Kind.VARDGIVARE
    return Kind.OMSORGSGIVARE if regime in OMSORGSGIVARE_REGIMES else None
