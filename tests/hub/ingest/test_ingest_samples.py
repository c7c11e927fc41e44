"""Every published mock answer through the ingest: resources, or a reason that stands in a receipt.

The samples name owners of many kinds, "?" and nothing among them: what is named stands for the
source's owner, and what is missing falls to it and is visible inside it alone.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.document import Part, Unreadable
from adapters.rivta import ADAPTER
from consent.facts import Regime
from hub.config.source import MISSING, OwnerRule, Source
from hub.ingest.receipt import Receipt, State
from hub.store.schema.resource import RESOURCE
from tests.hub.ingest.desk import Desk
from tests.hub.ingest.documents import NAMND, REGION

TAKEN = {State.STORED, State.REPLACED, State.UNCHANGED}


def _samples(shared: Path) -> list[tuple[Path, str]]:
    listing = shared / "rivta" / "VALIDATION.tsv"
    rows = [line.split("\t") for line in listing.read_text("utf-8").splitlines()]
    return [(shared / "rivta" / row[0], row[1]) for row in rows]


def _parts(content: bytes) -> list[Part]:
    try:
        return list(ADAPTER.read(content, "sample.xml", None).parts())
    except Unreadable:
        return []


def _source(samples: list[tuple[Path, str]]) -> Source:
    owners = {
        record.header.owner
        for path, _ in samples
        for part in _parts(path.read_bytes())
        for record in part.records
    }
    named = sorted(each for each in owners if each is not None and each not in MISSING)
    # what is given under SoL or LSS is the kommun's nämnd's, whatever the sample calls it
    social = [OwnerRule(each, NAMND, act) for each in named for act in (Regime.SOL, Regime.LSS)]
    rules = [OwnerRule(each, REGION) for each in named]
    return Source(
        "samples", "rivta", (REGION, NAMND), owner_of=(*social, *rules), fallback_owner=REGION
    )


def _of_the_namnd(source: Source) -> Source:
    """Return the source of a kommun: what names no owner is the nämnd's."""
    return replace(source, id="kommun", fallback_owner=NAMND)


@pytest.fixture
def taken(small_desk: Desk, shared: Path) -> list[tuple[str, list[Part], list[Receipt]]]:
    samples = _samples(shared)
    source = _source(samples)
    found = []
    for path, state in samples:
        content = path.read_bytes()
        given = _of_the_namnd(source) if "GetCareServices" in path.parts else source
        receipts = small_desk.take(content, given, str(path.relative_to(shared)))
        found.append((state, _parts(content), receipts))
    return found


def test_each_answer_becomes_resources_or_has_a_reason(
    taken: list[tuple[str, list[Part], list[Receipt]]],
) -> None:
    assert len(taken) > 200
    valid_with_persons = 0
    for state, parts, receipts in taken:
        assert receipts
        for part, receipt in zip(parts, receipts, strict=False):
            if state == "VALID" and part.person is not None:
                valid_with_persons += 1
                assert receipt.state in TAKEN, (receipt.document, receipt.issues)
                assert receipt.resources, receipt.document
                assert receipt.unmapped == (), receipt.document
        for receipt in receipts:
            if receipt.state in TAKEN and receipt.resources:
                continue
            assert receipt.issues, receipt.document
            assert all(note.place and note.text for note in receipt.issues)
    assert valid_with_persons > 90


def test_what_a_document_holds_beyond_the_tables_is_named(small_desk: Desk, shared: Path) -> None:
    samples = _samples(shared)
    path = next(p for p, s in samples if s == "VALID" and _parts(p.read_bytes())[:1])
    part = _parts(path.read_bytes())[0]
    name = ADAPTER.read(path.read_bytes(), "x", None).contract
    assert name is not None
    assert part.records
    content = path.read_bytes()
    mark = content.rindex(b"Body>")
    end = content.rindex(b"</", 0, mark)
    # the last body before the envelope's: an element of a later minor version
    inner = content.rindex(b"</", 0, content.rindex(b"Body>", 0, end))
    widened = content[:inner] + b'<x:later xmlns:x="urn:later">new</x:later>' + content[inner:]
    (receipt,) = small_desk.take(widened, _source(samples))[:1]
    assert any("later" in path for path in receipt.unmapped), receipt


def test_what_lacks_an_owner_or_a_unit_is_inside_the_owner_only(
    taken: list[tuple[str, list[Part], list[Receipt]]], small_desk: Desk
) -> None:
    assert taken
    lacking = _ids(taken, lambda header: not header.owner or not header.unit)
    whole = _ids(taken, lambda header: bool(header.owner and header.unit))
    with small_desk.store.engine.connect() as connection:
        available = {
            row.id: row.availability
            for row in connection.execute(select(RESOURCE.c.id, RESOURCE.c.availability))
        }
    only = lacking - whole
    assert only
    assert {available[each] for each in only} == {"none"}


def test_what_the_person_may_not_see_is_marked_in_column_and_body(
    taken: list[tuple[str, list[Part], list[Receipt]]], small_desk: Desk
) -> None:
    hidden = _ids(taken, lambda header: header.not_for_patient)
    shown = _ids(taken, lambda header: not header.not_for_patient)
    assert hidden - shown
    rows: dict[str, Any] = {row.id: row for row in small_desk.resources()}
    for each in hidden - shown:
        assert rows[each].secret_from_person
        security = json.loads(bytes(rows[each].body))["meta"]["security"]
        assert "NOPATIENT" in {label["code"] for label in security}
    for each in shown - hidden:
        assert not rows[each].secret_from_person


def _ids(taken: list[tuple[str, list[Part], list[Receipt]]], holds: Any) -> set[str]:  # noqa: ANN401 - of a header
    """Return the ids that parts gave whose every record's header holds."""
    return {
        number
        for _, parts, receipts in taken
        for part, receipt in zip(parts, receipts, strict=False)
        if part.records and all(holds(record.header) for record in part.records)
        for _, number in receipt.resources
    }
