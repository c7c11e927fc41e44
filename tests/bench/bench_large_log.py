"""A log of millions: the first page of each search, each page of the console, and proofs.

Source: issue of the log; DESIGN §6. SAMVY_BENCH_LOG names the database that large_log.py
beside this has filled, SAMVY_BENCH_LOG_KEYS the folder with its keys; without them there is
nothing to measure. Each figure is the slowest of three: the first reads what is in no cache.
"""

import base64
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from hub.audit.export import Selection, export
from hub.audit.verify_file import verify_export
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember
from hub.store.directory import load_organisations
from hub.store.schema.audit import audit_record, audit_tree
from hub.store.schema.review import REVIEW_ITEM
from tests.bench.large_log import LAST, SMALL, STAFF, person_of
from tests.bench.row import Row
from tests.hub.web.visiting import Visitor
from tests.worlds import hub_world
from tests.worlds.hub_world import AUDITOR, CLINIC, KOMMUN, NAMND, REGION, World, opened_world

URL, KEYS = os.environ.get("SAMVY_BENCH_LOG"), os.environ.get("SAMVY_BENCH_LOG_KEYS", "")
SECOND, TIMES = 1000, 3
MEDIUM = replace(AUDITOR, user="auditor-2", organisation=NAMND, unit=None)
SMALLEST = replace(AUDITOR, user="auditor-3", organisation=SMALL[0], unit=None)
AUTHORITY = replace(AUDITOR, user="inspector", organisation="SE2021000000-0001", unit=None)
READERS = {
    "the region's auditor": AUDITOR,
    "the board's auditor": MEDIUM,
    "a small firm's auditor": SMALLEST,
    "the authority's inspector": AUTHORITY,
}
PATIENT = {"patient": f"Patient/{person_of(17)}"}
SEARCHES: dict[str, dict[str, str]] = {
    "all": {},
    "a denial": {"outcome": "4"},
    "a failure": {"outcome": "8"},
    "what was done": {"outcome": "0"},
    "an agent": {"agent": f"{REGION[:12]}-P00017"},
    "an agent in a month": {"agent": f"{REGION[:12]}-P00017", "date": "2025-06"},
    "a month": {"date": "2025-03"},
    "a patient": PATIENT,
    "a patient's denials": {**PATIENT, "outcome": "4"},
    "an owner": {"entity": CLINIC},
    "several owners": {"entity": f"{CLINIC},{KOMMUN},{NAMND},{REGION}"},
    "an organisation": {"organisation": KOMMUN},
    "a common section": {"section": "PDL 4:1"},
    "another regime's section": {"section": "SoLPuL 6"},
    "a rare section": {"section": "SVOD 3:6"},
    "a section that nothing cites": {"section": "SVOD 3:3"},
    "a rare purpose": {"purpose": "kvalitet"},
    "a flag": {"flag": "no-relation"},
    "a unit": {"unit": f"{REGION[:12]}-0017"},
    "reads": {"action": "R"},
    "a rare act": {"action": "vread"},
    "what is executed": {"action": "E"},
    "a common section that was denied": {"section": "PDL 4:1", "outcome": "4"},
    "a rare purpose under a rare section": {"purpose": "kvalitet", "section": "SVOD 3:6"},
    "an owner, a section and a purpose": {
        "entity": CLINIC,
        "section": "SVOD 3:1",
        "purpose": "insats",
    },
    "a unit's reads of an owner's data": {
        "unit": f"{REGION[:12]}-0017",
        "entity": CLINIC,
        "action": "R",
    },
    "an owner's data seen by an organisation that hardly does": {
        "entity": CLINIC,
        "organisation": KOMMUN,
        "outcome": "4",
    },
    "denials of an owner's data": {"entity": CLINIC, "outcome": "4"},
    "reads of a unit in a month": {
        "unit": f"{REGION[:12]}-0017",
        "action": "R",
        "date": "2024-12",
    },
}


def rows() -> Iterator[Row]:
    """Yield each first page, each page of the console, and what a proof takes; milliseconds."""
    if URL is None:
        return
    with opened_world(URL, Path(KEYS)) as world:
        with world.store.read() as connection:
            size = (connection.scalar(select(func.max(audit_tree.c.leaf_index))) or 0) + 1
        yield Row("records", size, "")
        _with_readers(world)
        yield from _searches(world)
        yield from _pages(world)
        yield from _proofs(world)


def _with_readers(world: World) -> None:
    own = [_with_auditor(each) for each in hub_world.ORGANISATIONS]
    small = [_entry(name, "auditor-3") for name in SMALL]
    authority = replace(_entry(str(AUTHORITY.organisation), "inspector"), supervises=tuple(STAFF))
    with world.store.write() as connection:
        load_organisations(connection, (*own, *small, authority), hub_world.FROM)


def _with_auditor(entry: OrganisationEntry) -> OrganisationEntry:
    return replace(entry, staff=(*entry.staff, _auditor("auditor-2")))


def _entry(name: str, user: str) -> OrganisationEntry:
    return OrganisationEntry(name, f"Name of {name}", frozenset(), staff=(_auditor(user),))


def _auditor(user: str) -> StaffMember:
    assignment = Assignment(f"{user}-A", AUDITOR.as_, None, period=hub_world.SINCE)
    return StaffMember(user, "Invented", (assignment,))


def _searches(world: World) -> Iterator[Row]:
    for reader, who in READERS.items():
        for what, parameters in SEARCHES.items():

            def ask(found: dict[str, str] = parameters) -> None:
                assert world.get(who, "/fhir/AuditEvent", found).status == 200  # noqa: B023

            yield Row(f"{reader}: {what}", _slowest(ask), "ms", most=SECOND)


PAGES = (
    *("atkomster", "atkomster?outcome=4", "atkomster?fran=2024-06-01&till=2024-06-02"),
    *(f"atkomster?patient={person_of(17)}", f"utdrag?patient={person_of(17)}"),
    *("arbetslista?period=2025-05", "arbetslista?period=2025-05&lage=done"),
    *("manad?period=2025-05", "diagram?period=2025-05", "kunde-se", "sparr", "bevis"),
)


def _pages(world: World) -> Iterator[Row]:
    for reader in ("the region's auditor", "the authority's inspector"):
        visitor = Visitor(world)
        assert visitor.log_in(READERS[reader]).status == 303
        for page in (*PAGES, *_one_each(world)):

            def visit(page: str = page) -> None:
                assert visitor.get(f"/granskning/{page}").status == 200, page  # noqa: B023

            yield Row(f"{reader}: /{page[:40]}", _slowest(visit), "ms", most=SECOND)


def _one_each(world: World) -> tuple[str, ...]:
    """One access of the region's, what puts it on the worklist, and one that is there."""
    with world.store.read() as connection:
        query = select(audit_record.c.id).where(audit_record.c.organisation == REGION).limit(1)
        listed = select(REVIEW_ITEM.c.record).where(REVIEW_ITEM.c.organisation == REGION).limit(1)
        one, item = connection.scalar(query), connection.scalar(listed)
    return (f"atkomster/{one}", f"atkomster/{one}/granska", f"arbetslista/{item}")


def _proofs(world: World) -> Iterator[Row]:
    with world.store.read() as connection:
        middle = select(audit_tree).where(audit_tree.c.leaf_index == 4_321)
        row = connection.execute(middle).one()
    commitment = base64.b64encode(bytes(row.leaf_hash)).decode()
    path = f"/log/proof/{row.chain}.{row.position}"

    def prove() -> None:
        assert world.get(None, path, {"commitment": commitment}).status == 200

    yield Row("a record's place proven", _slowest(prove), "ms", most=SECOND)
    made = []

    def all_of_one() -> None:
        selection = Selection(persons=(person_of(17),))
        with world.store.read() as connection:
            made[:] = export(connection, world.hub.sequencer.signer, selection, LAST)

    yield Row("a person's export", _slowest(all_of_one), "ms", note=f"{len(made):,} lines")
    report = verify_export(made)
    assert report["verified"], report
    assert report["complete"], report
    yield Row("records in it, proven to be all", report["records"], "")


def _slowest(what: Callable[[], None]) -> float:
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        what()
        took.append(1000 * (time.perf_counter() - start))
    return max(took)
