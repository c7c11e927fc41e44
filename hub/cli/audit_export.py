"""samvy audit export: a signed file of log records that verifies offline.

Source: INTERFACES; DESIGN §6. The export is itself an entry of the log. The person's number is
read from standard input where `-` is given, so that it need not stand in a shell's history.
"""

import os
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from consent.period import STOCKHOLM
from hub.audit.administration import operator
from hub.audit.errors import AuditError
from hub.audit.export import Selection, export
from hub.audit.key import open_signer
from hub.audit.record import AccessRecord, Action, Outcome, Shown, instant, new_id
from hub.audit.sequencer import Sequencer
from hub.audit.writer import AuditWriter
from hub.cli.opening import StoreOption, fail, opened, say
from hub.store.connect import Store
from hub.store.facts import linked
from hub.store.identity import person_key
from hub.store.identity_key import identity_key
from mappings.personal_identity import NotAnIdentity, normalise


def audit_export(
    to: Annotated[Path, typer.Option("--to", help="the file to write; it must not exist")],
    person: Annotated[
        str | None, typer.Option(help="a person's number, or - to read it from standard input")
    ] = None,
    organisation: Annotated[
        str | None,
        typer.Option(help="an organisation: its staff's accesses, and those to its data"),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(help="days as FROM/TO, both included, such as 2026-01-01/2026-01-31"),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write records with the proofs that they were logged; for a person, that they are all."""
    if not (person or organisation or period):
        fail("say what to export: --person, --organisation, --period, or several of them")
    start, end = _period(period) if period else (None, None)
    with opened(store) as hub_store:
        persons = _persons(hub_store, person) if person else ()
        selection = Selection(persons, organisation, start, end)
        try:
            count = _write(hub_store, selection, to)
        except AuditError as problem:
            fail(str(problem))
        except FileExistsError:
            fail(f"{to} exists already; name a new file")
        except OSError as problem:
            fail(f"{to} cannot be written ({problem.strerror})")
    say(f"{to}: {count} lines; check it with: samvy audit verify {to}")


def _write(store: Store, selection: Selection, to: Path) -> int:
    signer = open_signer(store)
    log = AuditWriter(store)
    try:
        log.append_all([_record(selection, each) for each in selection.persons or (None,)])
    finally:
        log.close()
    Sequencer(store, signer).sequence_now()  # the export is itself an access, and in the file
    lines = 0
    with to.open("xb") as file, store.read() as connection:
        for line in export(connection, signer, selection, datetime.now(UTC)):
            file.write(line)
            lines += 1
        file.flush()
        os.fsync(file.fileno())
    return lines


def _record(selection: Selection, person: str | None) -> AccessRecord:
    shown = (Shown(selection.organisation, None, ()),) if selection.organisation else ()
    asked = ["person"] if selection.persons else []
    asked += [selection.organisation] if selection.organisation else []
    if selection.start and selection.end:
        asked.append(f"{instant(selection.start)}/{instant(selection.end)}")
    return AccessRecord(
        id=new_id(),
        recorded=datetime.now(UTC),
        action=Action.EXPORT,
        outcome=Outcome.PERMIT,
        person=person,
        shown=shown,
        user=operator(),
        query=" ".join(["audit export", *asked]),
    )


def _persons(store: Store, given: str) -> tuple[str, ...]:
    value = sys.stdin.readline().strip() if given == "-" else given
    try:
        identity = normalise(value, None, datetime.now(STOCKHOLM).date())
    except NotAnIdentity as problem:
        fail(f"--person: {problem}")
    key = person_key(identity_key(store), identity.system, identity.value)
    with store.read() as connection:
        return tuple(linked(connection, [key]))


def _period(text: str) -> tuple[datetime, datetime]:
    """Return the instants from the first day's midnight to that after the last, Swedish time."""
    first, slash, last = text.partition("/")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last if slash else first)
    except ValueError:
        fail(f"--period {text}: give two days as 2026-01-01/2026-01-31")
    if days[1] < days[0]:
        fail(f"--period {text}: the last day is before the first")
    after = date.fromordinal(days[1].toordinal() + 1)
    midnight = [datetime.combine(day, time(), STOCKHOLM) for day in (days[0], after)]
    return midnight[0], midnight[1]
