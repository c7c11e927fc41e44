"""Flat XML: rows that name their person by number, put together by the profile."""

from collections.abc import Callable
from typing import Any

from adapters.document import Part
from mappings.source_profile import SourceProfile, check

PROFILE = {
    "profile": "flat",
    "format": "xml",
    "root": "Uttag",
    "joins": {"Beslut": {"under": "Personer/P", "on": {"p": "id"}}},
    "every": {
        "owner": {"value": "N"},
        "unit": {"value": "N"},
        "recipient": {"from": "@m", "codes": {"A": "older", "E": "out"}},
    },
    "person": {"each": "Personer/P", "number": "@pnr"},
    "records": [
        {
            "concept": "decision",
            "each": "Beslut",
            "id": "@id",
            "date": "@d",
            "law": {"value": "SoL 11:1"},
            "outcome": {"from": "Utfall", "codes": {"JA": "granted", "NEJ": "refused"}},
            "groups": {
                "service": {"each": ".", "type": {"from": "@t", "codes": {"H": "home_help"}}}
            },
        }
    ],
    "left_out": [{"path": "@id", "because": "Joins"}, {"path": "Beslut/@m", "because": "For whom"}],
}
EXPORT = b"""<Uttag><Beslut p="1" id="b1" d="2026-02-16" m="A" t="H"><Utfall>JA</Utfall></Beslut>
<Beslut p="1" id="b2" d="2026-02-16" m="A" t="H"><Utfall>NEJ</Utfall></Beslut>
<Beslut p="1" id="b3" d="2026-02-16" m="E" t="H"><Utfall>JA</Utfall><Skal>MARKORD</Skal></Beslut>
<Beslut p="9" id="b4" d="2026-02-16" m="A" t="H"><Skal>MARKORD</Skal></Beslut>
<Personer><P id="1" pnr="194103122385"/></Personer></Uttag>"""


def test_flat_xml_is_put_together_and_kept_without_what_is_out_of_scope(
    read: Callable[[bytes, SourceProfile], list[Part]],
    resources: Callable[[Part], list[dict[str, Any]]],
    unmapped: Callable[[Part], list[str]],
) -> None:
    profile = check(PROFILE)
    (part,) = read(EXPORT, profile)
    ids = [record.header.record_id for record in part.records]
    assert ids == ["person", "decision/b1", "decision/b2"]
    assert b"MARKORD" not in part.raw
    assert unmapped(part) == []
    assert sum(each["resourceType"] == "ServiceRequest" for each in resources(part)) == 1
    (again,) = read(part.raw, profile)
    assert (again.raw, [r.header for r in again.records]) == (
        part.raw,
        [r.header for r in part.records],
    )
