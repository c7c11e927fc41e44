"""samvy purge: documentation out of the hub for good, on a decision that the log names.

Source: DESIGN §4 "Leaving"; PDL 3:17 (how long records are kept), 8:4 (IVO's decision that a record
is destroyed). The record of the purge is durable before anything is removed.
"""

import json
import sys
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from consent.period import STOCKHOLM
from hub.audit.administration import administered
from hub.audit.errors import AuditError
from hub.audit.record import AccessRecord, Shown
from hub.audit.writer import AuditWriter
from hub.cli.opening import JsonOption, StoreOption, fail, opened, say
from hub.cli.persons import HELP, persons_given
from hub.running import now
from hub.store.connect import Store
from hub.store.directory import directory
from hub.store.facts import linked
from hub.store.identity import person_key
from hub.store.identity_key import identity_key
from hub.store.kept_away import API
from hub.store.purge import Chosen, Doomed, doomed, persons_of_owner, scrub, settle
from hub.store.purge import purge as remove


class Because(StrEnum):
    """Why documentation leaves."""

    GALLRING = "gallring"
    IVO = "ivo"
    WRONG_PERSON = "wrong-person"


GROUND = {
    Because.GALLRING: ("PDL 3:17",),
    Because.IVO: ("PDL 8:4",),
    Because.WRONG_PERSON: (),
}
LONGEST = 200


def purge(
    because: Annotated[
        Because, typer.Option(help="the owner's gallring, IVO's decision, or error")
    ],
    decision: Annotated[
        str, typer.Option(help="the decision's reference and date, for the log; no personal value")
    ],
    person: Annotated[str | None, typer.Option(help=HELP)] = None,
    owner: Annotated[str | None, typer.Option(help="whose documentation: an organisation")] = None,
    source: Annotated[
        str | None, typer.Option(help="what this source has delivered; api: what vendors wrote")
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="what is about time before this day, such as 2014-01-01")
    ] = None,
    resources: Annotated[
        list[str] | None, typer.Option("--resource", help="Type/id; may be repeated")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would go, and stop")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove documentation: bodies, indexes, raw parts, all versions. The log keeps its tree."""
    chosen = Chosen(owner, source, _day(before), tuple(map(_key, resources or ())))
    _check(because, person, chosen)
    if not decision.strip() or len(decision) > LONGEST or not decision.isprintable():
        fail("--decision: write the decision's reference, at most 200 characters")
    with opened(store) as hub_store:
        _known(hub_store, chosen)
        secret = identity_key(hub_store)
        keys = _keys(hub_store, secret, person, owner)
        log = AuditWriter(hub_store)
        gone = 0
        try:
            for key in keys:
                gone += _purged(
                    hub_store,
                    log,
                    secret,
                    key,
                    chosen,
                    because,
                    decision,
                    dry_run=dry_run,
                    as_json=as_json,
                )
        except AuditError as problem:
            fail(str(problem))
        finally:
            log.close()
    if not as_json:
        say(f"{gone} resources {'would be' if dry_run else 'are'} purged")


def _purged(
    store: Store,
    log: AuditWriter,
    secret: bytes,
    person: str,
    chosen: Chosen,
    because: Because,
    decision: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    with store.write() as connection:
        found = doomed(connection, person, chosen)
    if not found.keys and not found.parts:
        return 0
    if not dry_run:
        log.append(_record(found, because, decision))
        with store.write() as connection:
            scrub(connection)
            # parts that came since the record was written may hold the same; nothing else goes
            parts = doomed(connection, person, chosen).parts
            everything = replace(found, parts=(*found.parts, *parts))
            remove(connection, secret, everything, because.value, now())
        settle(store)
    if as_json:
        _print(found)
    return len(found.keys)


def _record(found: Doomed, because: Because, decision: str) -> AccessRecord:
    return administered(
        f"purge/{because.value}",
        now(),
        person=found.person,
        organisation=found.by_owner[0][0] if len(found.by_owner) == 1 else None,
        shown=(
            Shown(owner, unit, tuple(f"{kind}/{number}" for kind, number in keys))
            for owner, unit, keys in found.by_owner
        ),
        grounds=GROUND[because],
        reason=decision.strip(),
    )


def _print(found: Doomed) -> None:
    line = {
        "person": found.person,
        "resources": [{"type": kind, "id": number} for kind, number in found.keys],
        "parts": len(found.parts),
    }
    sys.stdout.write(json.dumps(line) + "\n")


def _check(because: Because, person: str | None, chosen: Chosen) -> None:
    """Refuse a choice that is wider than its reason."""
    if because is Because.GALLRING and (chosen.owner is None or chosen.before is None):
        fail("gallring is an owner's: give --owner and --before, and --person for one person alone")
    if because is not Because.GALLRING and person is None:
        fail("name the person with --person")
    if because is Because.IVO and chosen.owner is None:
        fail("a decision of IVO is about a caregiver's record: give --owner")
    if because is Because.WRONG_PERSON and not (chosen.owner or chosen.source or chosen.resources):
        fail("say what was filed under the wrong person: --resource, --source or --owner")


def _known(store: Store, chosen: Chosen) -> None:
    with store.read() as connection:
        known = directory(connection)
    if chosen.owner is not None and chosen.owner not in known.entries:
        fail("--owner: there is no organisation of that id; see the organisations file")
    if chosen.source == API:
        if chosen.owner is None:
            fail("--source api: what vendors wrote is each organisation's own; give --owner too")
    elif chosen.source is not None and chosen.source not in known.sources:
        fail(
            "--source: there is no source of that id; see the sources file, or name api for what"
            " an organisation's own systems wrote, with --owner"
        )


def _keys(store: Store, secret: bytes, person: str | None, owner: str | None) -> list[str]:
    with store.read() as connection:
        if person is None:
            return persons_of_owner(connection, str(owner))
        asked = [person_key(secret, each.system, each.value) for each in persons_given(person)]
        return linked(connection, asked)


def _day(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=STOCKHOLM)
    except ValueError:
        fail("--before: give a day such as 2014-01-01")
    if day > now():
        fail("--before: give a day that has been")
    return int(day.timestamp())


def _key(text: str) -> tuple[str, str]:
    kind, slash, number = text.partition("/")
    if not slash or not kind.isalpha() or not number:
        fail("--resource: write Type/id, as in Condition/abc")
    return kind, number
