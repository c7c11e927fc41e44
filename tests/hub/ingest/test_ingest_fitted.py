"""Exports of every format into the store: what is out of scope is nowhere in it (P6, SVOD 1:1)."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from consent.facts import Regime
from hub.config.source import OwnerRule, Source
from hub.store.directory import load_sources
from tests.hub.ingest.desk import FROM, Desk
from tests.hub.ingest.documents import KOMMUN, NAMND

ADAPTERS = Path(__file__).parents[2] / "adapters"
WRITTEN = ("ASBY-N", "ASBY-1", "U1", "OMSORGSNAMND", "HEM-SYD", "HSL-SYD")


def source(adapter: str, name: str, *, complete: bool = False) -> Source:
    rules = [OwnerRule(each, KOMMUN, Regime.HSL) for each in WRITTEN]
    rules += [OwnerRule(each, NAMND, None) for each in WRITTEN]
    profile = str(ADAPTERS / adapter / f"{name}.yaml")
    return Source(name, adapter, (NAMND, KOMMUN), tuple(rules), profile=profile, complete=complete)


@pytest.fixture
def fitted(desk: Desk) -> Callable[..., Source]:
    """A source whose profile is one of the tests' own."""

    def make(adapter: str, name: str, *, complete: bool = False) -> Source:
        made = source(adapter, name, complete=complete)
        with desk.store.write() as connection:
            load_sources(connection, [made], FROM)
        return made

    return make


@pytest.mark.parametrize(
    ("adapter", "name", "ending"),
    [
        ("json_export", "asby", "json"),
        ("json_export", "dalvik", "json"),
        ("xml_export", "granvik", "xml"),
    ],
)
def test_nothing_out_of_scope_is_anywhere_in_the_store(
    desk: Desk, fitted: Callable[..., Source], adapter: str, name: str, ending: str
) -> None:
    content = (ADAPTERS / adapter / f"{name}.{ending}").read_bytes()
    receipts = desk.take(content, fitted(adapter, name), f"{name}.{ending}")
    assert [each.state.value for each in receipts] == ["stored", "rejected"]
    cut = content[: len(content) * 2 // 3]
    assert [each.state.value for each in desk.take(cut, source(adapter, name))] == ["quarantined"]
    late = [each.state.value for each in desk.take(content[:-4], source(adapter, name))]
    # Where the rows of one person stand in several places, nobody is whole.
    whole = ["unchanged", "rejected", "source_error"]
    assert late == (["quarantined"] if name == "dalvik" else whole)
    found = repr(desk.whole()) + repr(receipts)
    for row in desk.rows("source_part"):
        found += zlib.decompress(row.content).decode()
    assert "MARKORD" not in found
    for file in desk.folder.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert b"MARKORD" not in data
        assert base64.b64encode(b"MARKORD")[:8] not in data


def test_full_exports_night_after_night(desk: Desk, fitted: Callable[..., Source]) -> None:
    nightly = fitted("json_export", "asby", complete=True)
    content = (ADAPTERS / "json_export" / "asby.json").read_bytes()
    first = desk.take(content, nightly)[0]
    assert first.state.value == "stored"
    again = desk.take(content.replace(b"2026-03-01", b"2026-03-02"), nightly)[0]
    assert again.state.value == "unchanged"
    changed = content.replace("Lugn kväll.".encode(), b"Lugn natt.")
    cut = changed[:-2]
    states = [each.state.value for each in desk.take(cut, nightly)]
    assert states == ["replaced", "rejected", "source_error"]
    assert desk.withdrawn() == set()
    assert desk.take(changed, nightly)[0].state.value == "unchanged"
    gone = changed.replace(b'"dagbok": [{"nr": 21', b'"tomt": [{"nr": 21')
    assert desk.take(gone, nightly)[0].state.value == "replaced"
    withdrawn = desk.withdrawn()
    assert len(withdrawn) == 1


def test_a_row_against_the_rules_waits_and_the_others_are_taken(desk: Desk) -> None:
    rule = OwnerRule("9901", KOMMUN, None)
    register = Source("khsl", "delimited", (KOMMUN,), (rule,), profile="khsl")
    with desk.store.write() as connection:
        load_sources(connection, [register], FROM)
    good = "202602;9901;194103122385;1;;20260203;PD008;XS919;;;;\n"
    content = (good + good.replace("PD008", "PD000")).encode()
    receipts = desk.take(content, register, "khsl2.csv")
    assert [each.state.value for each in receipts] == ["stored", "quarantined"]
    assert desk.count("source_part") == 2


def test_a_person_in_two_places_of_one_delivery_withdraws_nothing_of_the_other(
    desk: Desk, fitted: Callable[..., Source]
) -> None:
    nightly = fitted("json_export", "asby", complete=True)
    written = json.loads((ADAPTERS / "json_export" / "asby.json").read_text("utf-8"))
    here = written["distrikt"][0]["klienter"]
    del here[1]
    there = json.loads(json.dumps(here[0]))
    there["identitet"]["nummer"] = "194103122385"
    for number, folder in enumerate(there["mappar"], 90):
        folder["nr"] = number
        folder["beslut"] = []
        folder["dagbok"] = [{"nr": number, "tid": "19/02/2026 21:10", "ord": "Annan enhet."}]
    here.append(there)
    for _ in range(2):
        desk.take(json.dumps(written).encode(), nightly)
        assert desk.withdrawn() == set()
