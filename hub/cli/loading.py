"""samvy organisations load, sources load, facts load: configuration into the store, with history.

Source: INTERFACES. A file that is not right changes nothing; its faults are told all at once.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hub.audit.administration import administered
from hub.audit.record import AccessRecord, Shown
from hub.cli.administering import logged_before
from hub.cli.opening import StoreOption, fail, opened, say
from hub.config.organisations_file import read_organisations
from hub.config.problem import ConfigurationError
from hub.config.source import Source
from hub.config.sources_file import read_sources
from hub.ingest.protection import mask_protected
from hub.ingest.restamp import restamp, restamp_person
from hub.local_clock import day
from hub.running import now
from hub.scenario.facts_file import read_facts
from hub.store.directory import Loaded, directory, load_organisations, load_sources
from hub.store.facts import facts_of, linked, load_facts
from hub.store.identity import person_key, record_identity
from hub.store.identity_key import identity_key
from mappings.source_profile import ProfileError
from mappings.source_profile import load as load_profile

FileArgument = Annotated[Path, typer.Argument(help="a YAML file")]

organisations = typer.Typer(help="organisations, units, staff and their assignments")
sources = typer.Typer(help="the systems that deliver documents")
facts = typer.Typer(help="relations, consents, blocks and other facts about a person")


@organisations.callback()
def _organisations_group() -> None:
    """Keep `load` a command of its own although it is the only one."""


@organisations.command("load")
def organisations_load(file: FileArgument, store: StoreOption = None) -> None:
    """Load an organisations file; what it says of an organisation replaces what was known."""
    with opened(store) as hub_store:
        identity_key(hub_store)
        with hub_store.read() as connection:
            try:
                entries = read_organisations(file, directory(connection).organisations)
            except ConfigurationError as error:
                fail(str(error))
        logged_before(
            hub_store,
            [administered("organisations/load", now(), organisation=each.id) for each in entries],
        )
        with hub_store.write() as connection:
            loaded = load_organisations(connection, entries, now())
            restamp(connection, directory(connection), [*loaded.added, *loaded.changed])
    _report("organisations", loaded)


@sources.callback()
def _sources_group() -> None:
    """Keep `load` a command of its own although it is the only one."""


@sources.command("load")
def sources_load(file: FileArgument, store: StoreOption = None) -> None:
    """Load a sources file."""
    with opened(store) as hub_store:
        with hub_store.read() as connection:
            try:
                entries = read_sources(file, directory(connection).kinds)
                found = [_with_profile(entry, file.parent) for entry in entries]
            except (ConfigurationError, ProfileError) as error:
                fail(str(error))
        logged_before(hub_store, [_of_source(each) for each in found])
        with hub_store.write() as connection:
            loaded = load_sources(connection, found, now())
    _report("sources", loaded)


@facts.callback()
def _facts_group() -> None:
    """Keep `load` a command of its own although it is the only one."""


@facts.command("load")
def facts_load(file: FileArgument, store: StoreOption = None) -> None:
    """Load a facts file: it becomes what is known about its person."""
    with opened(store) as hub_store:
        key = identity_key(hub_store)
        with hub_store.read() as connection:
            try:
                read = read_facts(file, day(now()), directory(connection).organisations)
            except ConfigurationError as error:
                fail(str(error))
        named = person_key(key, read.identity.system, read.identity.value)
        logged_before(hub_store, [administered("facts/load", now(), person=named)])
        with hub_store.write() as connection:
            person = record_identity(connection, key, read.identity)
            recorded = load_facts(connection, person, read.facts, now())
            persons = linked(connection, [person])
            restamp_person(connection, persons, facts_of(connection, persons))
            mask_protected(connection, person)
    say(
        f"facts: {recorded.added} added, {recorded.changed} changed, {recorded.ended} ended,"
        f" {recorded.unchanged} unchanged"
        + (f", {recorded.kept} left as they were changed since" if recorded.kept else "")
    )


def _with_profile(source: Source, beside: Path) -> Source:
    """The source with the whole path of its profile, which is told from the sources file's folder.

    Raises:
        ProfileError: there is no such profile, or it is not right.
    """
    if source.profile is None:
        return source
    load_profile(source.profile, beside)
    is_path = "/" in source.profile or source.profile.endswith((".yaml", ".yml"))
    return replace(source, profile=str((beside / source.profile).resolve())) if is_path else source


def _of_source(source: Source) -> AccessRecord:
    """The record for the organisations whose documents the source may deliver from now on."""
    owners = [Shown(owner, None, ()) for owner in source.owners]
    return administered(f"sources/load {source.id}", now(), shown=owners)


def _report(what: str, loaded: Loaded) -> None:
    say(
        f"{what}: {len(loaded.added)} added, {len(loaded.changed)} changed,"
        f" {len(loaded.unchanged)} unchanged"
    )
