"""Exports of municipalities that nobody fitted before, each by a profile alone, read over FHIR.

What the case officer's system and the nurse's read is written out line by line in
unseen/expected.yaml: reviewed by hand, and nothing else is there.
"""

import base64
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from hub.config.source import OwnerRule, Source
from hub.store.directory import load_organisations, load_sources
from hub.store.identity import person_key
from mappings.located_yaml import read
from mappings.personal_identity import SAMORDNINGSNUMMER
from tests.hub.ingest.desk import FROM, ORGANISATIONS
from tests.hub.ingest.documents import KOMMUN, NAMND
from tests.hub.ingest.unseen.exports import ADA, BERT, COORDINATION, EXPORTS
from tests.hub.ingest.unseen.odd_exports import ODD
from tests.hub.ingest.unseen.told import told
from tests.worlds.hub_world import World, opened_world

ALL = {**EXPORTS, **ODD}
HERE = Path(__file__).parent / "unseen"
EXPECTED = read(HERE / "expected.yaml")
OFFICER = TokenRequest("officers-system", NAMND, Capacity.SYSTEM)
NURSE = TokenRequest("nurses-system", KOMMUN, Capacity.SYSTEM)
KINDS = (
    *("RelatedPerson", "ServiceRequest", "Task", "DocumentReference", "Observation"),
    *("CarePlan", "Goal", "ClinicalImpression", "EpisodeOfCare"),
)


def source(name: str) -> Source:
    rules = (OwnerRule("N", NAMND, None), OwnerRule("K", KOMMUN, None))
    profile = str(HERE / f"{name}.yaml")
    made = Source(name, ALL[name][0], (NAMND, KOMMUN), rules, profile=profile)
    return replace(made, client="officers-system", complete=True)


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(sqlite_url, tmp_path) as opened:
        with opened.store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [source(name) for name in ALL], FROM)
        yield opened


def deliver(world: World, name: str, content: bytes) -> list[dict[str, Any]]:
    adapter, file, _ = ALL[name]
    path = f"/ingest/{adapter}?source={name}&name={file}"
    reply = world.post(OFFICER, path, content, content_type="application/octet-stream")
    receipts: list[dict[str, Any]] = reply.json
    return receipts


def lines(world: World, reader: TokenRequest, name: str) -> list[str]:
    person = world.person(ADA)
    if name in ("lillboda", "orust"):
        person = person_key(world.hub.identity_key, SAMORDNINGSNUMMER, COORDINATION)
    found = [told(world.get(reader, f"/fhir/Patient/{person}").json)]
    for kind in KINDS:
        reply = world.get(reader, f"/fhir/{kind}", {"patient": f"Patient/{person}"})
        assert reply.status == 200, reply.body
        found += [told(each) for each in reply.resources]
        for each in reply.resources:
            tags = {tag["system"].rpartition("/")[2]: tag["code"] for tag in each["meta"]["tag"]}
            assert tags["owner"] == reader.organisation
            assert (tags["regime"] == "HSL") == (reader is NURSE)
    return sorted(filter(None, found))


@pytest.mark.parametrize("name", ALL)
def test_what_each_reads_is_what_the_export_says(world: World, name: str) -> None:
    content = ALL[name][2]
    receipts = deliver(world, name, content)
    assert sorted(each["state"] for each in receipts) == ["rejected", "stored"], receipts
    assert [each["unmapped"] for each in receipts if each["unmapped"]] == []
    expected = EXPECTED[name]
    assert lines(world, OFFICER, name) == sorted(expected["officer"])
    assert lines(world, NURSE, name) == sorted(expected.get("nurse", []))
    again = deliver(world, name, content)
    assert sorted(each["state"] for each in again) == ["rejected", "unchanged"]


def _everything(world: World, folder: Path) -> bytes:
    """Return all that is kept: the store's files, and what its parts and bodies are compressed."""
    with world.store.read() as connection:
        parts = connection.exec_driver_sql("SELECT content FROM source_part").scalars().all()
    files = [each.read_bytes() for each in folder.rglob("*") if each.is_file()]
    return b"\n".join([*files, *(zlib.decompress(each) for each in parts)])


def _damaged(name: str) -> Iterator[bytes]:
    """Yield an odd export cut off in the middle, and in another encoding than it says."""
    content = ODD[name][2]
    yield content[: len(content) * 2 // 3]
    if name == "viskan":
        spoilt = bytearray(content)
        spoilt[60:64] = b"\x00\x00\x00\x00"  # within the first file of the zip
        yield bytes(spoilt)
    else:
        yield b"\xff\xfe" + content.replace("Å".encode(), b"\xc5")


@pytest.mark.parametrize("name", ODD)
def test_of_what_is_out_of_scope_nothing_is_kept_whole_or_damaged(
    world: World, tmp_path: Path, name: str
) -> None:
    deliver(world, name, ODD[name][2])
    before = lines(world, OFFICER, name)
    for damaged in _damaged(name):
        states = {each["state"] for each in deliver(world, name, damaged)}
        assert states <= {"quarantined", "source_error", "unchanged", "rejected"}
        assert states & {"quarantined", "source_error"}
        assert lines(world, OFFICER, name) == before
    kept = _everything(world, tmp_path)
    for mark in (b"MARKORD", base64.b64encode(b"MARKORD")[:8], BERT.encode(), BERT[2:8].encode()):
        assert mark not in kept


NEXT_NIGHT = {
    "tjust": (b'["J", 1, "20260219", null, "Sov gott."]', b'["J", 1, "20260219", null, "Sov."]'),
    "ullared": ("Träffade Ada.".encode("windows-1252"), b"Ringde."),
    "yngsjo": (b'kaffe."|Ja|Nej', b'kaffe."|Ja|Ja'),
    "asele": (b'lop="2"', b'lop="7"'),
    "orust": (b'"text": "Larm"', b'"text": "Lugnt"'),
}
SECOND = {
    "tjust": ("Sov gott.", "Sov."),
    "ullared": ("Träffade Ada.", "Ringde."),
    "yngsjo": ("kaffe.", "kaffe. | STRUCK OUT"),
    "asele": ("Sov gott.", "Sov gott."),
    "orust": ("+01:00 | Larm", "+01:00 | Lugnt"),
}


@pytest.mark.parametrize("name", NEXT_NIGHT)
def test_the_next_night_changes_what_changed(world: World, name: str) -> None:
    first = ODD[name][2]
    deliver(world, name, first)
    before = lines(world, OFFICER, name)
    assert NEXT_NIGHT[name][0] in first
    receipts = deliver(world, name, first.replace(*NEXT_NIGHT[name]))
    assert sorted(each["state"] for each in receipts) == ["rejected", "replaced"]
    old, new = SECOND[name]
    after = lines(world, OFFICER, name)
    # What is gone at the source is read by its owner; a new number is another record.
    changed = [each.replace(old, new) for each in before]
    assert [each for each in changed if each not in after] == []


def test_a_late_export_that_says_so_beside_its_persons_overwrites_nothing(world: World) -> None:
    content = ODD["orust"][2]
    deliver(world, "orust", content.replace(*NEXT_NIGHT["orust"]))
    before = lines(world, OFFICER, "orust")
    (late,) = deliver(world, "orust", content.replace(b"2026-03-02", b"2026-03-01"))
    assert late["state"] == "unchanged"
    assert "older-delivery" in {each["code"] for each in late["issues"]}
    assert lines(world, OFFICER, "orust") == before
