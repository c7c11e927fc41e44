"""One record taken out of a person's part: the others are as they were, and nothing of it is left.

Tried with every record of every sample and of our own exports.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from adapters.document import Part, Record, Tree
from hub.ingest.adapters import ADAPTERS
from mappings.source_profile import SourceProfile, load

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "shared" / "sol_samples"
EXPORTS = [
    ("xml_export", HERE / "xml_export" / "granvik.xml", HERE / "xml_export" / "granvik.yaml"),
    ("xml_export", HERE / "xml_export" / "ljunga.xml", HERE / "xml_export" / "ljunga.yaml"),
    ("json_export", HERE / "json_export" / "asby.json", HERE / "json_export" / "asby.yaml"),
    ("json_export", HERE / "json_export" / "dalvik.json", HERE / "json_export" / "dalvik.yaml"),
    ("xml_export", SAMPLES / "a_lifecare_like_sol.xml", "lifecare_like"),
    ("json_export", SAMPLES / "b_treserva_like_sol_lss.json", "treserva_like"),
    ("delimited", SAMPLES / "c1_khsl1_personmanad.csv", "khsl"),
    ("delimited", SAMPLES / "c3_sol1_pagaende.csv", "sol_register"),
    ("delimited", SAMPLES / "c5_lss_1oktober.csv", "lss"),
]


@pytest.mark.parametrize(("adapter", "file", "profile"), EXPORTS, ids=lambda v: Path(v).stem)
def test_one_record_goes_and_the_others_stay(adapter: str, file: Path, profile: str | Path) -> None:
    if not file.is_file():
        pytest.skip("the shared material is not here")
    fitted = load(str(profile))
    tried = 0
    for part in _parts(adapter, file.read_bytes(), fitted):
        for gone in part.records[:12]:
            assert part.without is not None
            left = part.without([gone])
            others = [each for each in part.records if each is not gone]
            if all(each.table == "sol/person" for each in others):
                assert left is None
                continue
            assert left is not None
            assert _told(left.records) == _told(others)
            (again,) = _parts(adapter, left.raw, fitted)
            assert _told(again.records) == _told(others)
            assert again.raw == left.raw
            number = part.person.value if part.person else ""
            for value in _values(gone.body()) - _values_of(others):
                assert value in number or value not in left.raw.decode(), (gone.path, value)
            tried += 1
    assert tried


def _parts(adapter: str, content: bytes, fitted: SourceProfile) -> Iterator[Part]:
    for part in ADAPTERS[adapter].adapter.read(content, "x", fitted).parts():
        if part.records and part.person is not None:
            yield part


def _told(records: Sequence[Record]) -> list[tuple[str, str, str]]:
    return [(each.table, each.path, each.header.record_id) for each in records]


def _values_of(records: Sequence[Record]) -> set[str]:
    return set().union(*(_values(each.body()) for each in records))


def _values(tree: object) -> set[str]:
    if isinstance(tree, Tree):
        return set().union(*map(_values, tree.values())) if tree else set()
    if isinstance(tree, list):
        return set().union(*map(_values, tree)) if tree else set()
    # what is short may stand anywhere, and codes stand in no document as they are
    return {tree} if isinstance(tree, str) and len(tree) > 9 else set()
