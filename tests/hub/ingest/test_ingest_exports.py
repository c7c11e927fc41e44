"""Exports of other municipalities, each fitted by a profile alone, through the whole ingest.

P6: of what SVOD does not cover nothing is anywhere: store, quarantine, log, receipts, files.
"""

import base64
import json
import zlib
from base64 import b64decode
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from adapters.incoming import OnDisk
from consent.facts import Kind
from hub.config.source import OwnerRule, Source
from hub.fhir.json_codec import decode
from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import Receipt
from hub.store.directory import load_sources
from mappings.located_yaml import read
from tests.hub.ingest.desk import FROM, HOUR, KOMMUN, NAMND, Desk, organisation
from tests.hub.ingest.exports.made import EXPORTS, MARK

PROFILES = read(Path(__file__).parent / "exports/profiles.yaml")
CONTRACTOR = "SE5599999977-0001"
RULES = (
    *(OwnerRule(id_, NAMND, None) for id_ in ("NAMND", "E7")),
    *(OwnerRule("N", owner, regime) for owner, regime in ((NAMND, "SoL"), (KOMMUN, "HSL"))),
    OwnerRule("F", CONTRACTOR, None),
)
EXPECTED = {
    "alvik": ({"Lugn kväll."}, {"order": 1}, {"EpisodeOfCare": 1, "Task": 1}),
    "boda": ({"Lugn kväll."}, {"order": 1}, {}),
    "dunby": ({"Lugn kväll."}, {}, {"Encounter": 1}),
    "elvsta": (set(), {"order": 2}, {}),
    "furby": ({'Lugn "kväll";\r\nsov gott.'}, {"order": 1}, {}),
    "gryt": ({"Lugn kväll.", "Sov gott."}, {}, {}),
    "hult": (set(), {"order": 1}, {"Task": 1}),
    "ivarsby": ({"Handläggarens rad.", "Sår på hälen.", "Utförarens rad."}, {}, {}),
}


def source(desk: Desk, name: str) -> Source:
    path = desk.folder / f"{name}.json"
    path.write_text(json.dumps(PROFILES[name]), "utf-8")
    owners = (NAMND, KOMMUN, CONTRACTOR)
    made = Source(name, EXPORTS[name][0], owners, RULES, profile=str(path))
    desk.load(organisation(CONTRACTOR, frozenset({Kind.OMSORGSGIVARE})))
    with desk.store.write() as connection:
        load_sources(connection, [made], FROM)
    return made


def take(desk: Desk, name: str, made: Source, content: bytes, away: Path) -> list[Receipt]:
    """Take an export in from a file that does not stand in the store's folder."""
    file = away / EXPORTS[name][1]
    file.write_bytes(content)
    desk.now += HOUR
    document = Document(file.name, OnDisk(file), made, desk.now)
    return list(ingest_document(desk.store, desk.key, document))


def nowhere(desk: Desk, receipts: list[Receipt]) -> None:
    """Check that the word is in no table, raw part, receipt or file, in any of its forms."""
    found = repr(desk.whole()) + repr([each.as_json() for each in receipts])
    for row in desk.rows("source_part"):
        found += zlib.decompress(row.content).decode()
    for row in desk.rows("resource"):
        found += row.body.decode()
    assert MARK not in found
    forms = {MARK.encode(e) for e in ("utf-8", "utf-16-le", "utf-16-be")}
    forms |= {base64.b64encode(b"x" * n + MARK.encode())[4:12] for n in range(3)}
    for file in desk.folder.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert not any(form in data for form in forms), file.name


def texts(bodies: list[dict[str, Any]]) -> set[str]:
    attachments = [
        content["attachment"]
        for body in bodies
        if body["resourceType"] == "DocumentReference"
        for content in body["content"]
    ]
    return {b64decode(each["data"]).decode() for each in attachments if "data" in each}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_fitted_by_its_profile_and_nothing_out_of_scope_is_anywhere(
    small_desk: Desk,
    name: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, away = small_desk, tmp_path_factory.mktemp("away")
    temporary = desk.folder / "temporary"
    temporary.mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(variable, str(temporary))
    made, content = source(desk, name), EXPORTS[name][2]
    receipts = take(desk, name, made, content, away)
    assert sorted(each.state.value for each in receipts) == ["rejected", "stored"]
    bodies = [decode(row.body) for row in desk.resources()]
    wanted, orders, kinds = EXPECTED[name]
    assert texts(bodies) == wanted
    requests = [body for body in bodies if body["resourceType"] == "ServiceRequest"]
    assert Counter(body["intent"] for body in requests) == orders
    counted = Counter(body["resourceType"] for body in bodies)
    assert {kind: counted[kind] for kind in kinds} == kinds
    nowhere(desk, receipts)
    assert {each.state.value for each in take(desk, name, made, content, away)} == {
        "rejected",
        "unchanged",
    }
    for part in (2, 3, 5):
        nowhere(desk, take(desk, name, made, content[: len(content) * (part - 1) // part], away))
    assert list(temporary.iterdir()) == []


def test_each_note_belongs_to_who_wrote_it(
    small_desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = small_desk
    made = source(desk, "ivarsby")
    take(desk, "ivarsby", made, EXPORTS["ivarsby"][2], tmp_path_factory.mktemp("away"))
    notes = {
        text: (row.owner, row.regime)
        for row in desk.resources()
        if row.type == "DocumentReference"
        for text in texts([decode(row.body)])
    }
    assert notes == {
        "Handläggarens rad.": (NAMND, "SoL"),
        "Sår på hälen.": (KOMMUN, "HSL"),
        "Utförarens rad.": (CONTRACTOR, "SoL"),
    }


def test_what_waits_in_quarantine_holds_nothing_out_of_scope(
    small_desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk, away = small_desk, tmp_path_factory.mktemp("away")
    for name in ("alvik", "boda", "elvsta", "furby"):
        made = source(desk, name)
        content = EXPORTS[name][2]
        if name == "furby":
            with desk.store.write() as connection:
                load_sources(
                    connection,
                    [Source(name, made.adapter, (KOMMUN,), (), profile=made.profile)],
                    FROM,
                )
            made = Source(name, made.adapter, (KOMMUN,), (), profile=made.profile)
        else:
            content = content.replace(b"194103122385", b"?").replace(b"410312-2385", b"?")
        receipts = take(desk, name, made, content, away)
        assert "quarantined" in {each.state.value for each in receipts}
        nowhere(desk, receipts)
    assert len(desk.rows("source_part", "state = 'quarantined'")) == 4
