"""The ladder: what each kind of reader is shown, and the content that goes with it, by law.

Source: SVOD 2:4, 2:5, 3:1-3:6, 4:2; PDL 4:4, 4:5; HSLF-FS 2016:40. Rungs stand in the answer of
`$open` and nowhere else.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from consent.facts import Facts
from hub.auth.built_in import TokenRequest
from tests.worlds.hub_world import (
    AUDITOR,
    CASE_WORKER,
    CLINIC,
    EMERGENCY_DOCTOR,
    FIRM,
    HOME_HELPER,
    KOMMUN,
    NAMND,
    NURSE,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    SURGEON,
    SURGERY,
    UNCONSCIOUS,
    WARD_DOCTOR,
    Opened,
    World,
    stated,
)
from tests.worlds.usual import INNER, OUTER, facts, fill

OWN = {"ward-1", "ward-2"}
REGIONS = OWN | {"surgery-1"}
CONTENT: dict[str, Any] = {"relevance": True, "activeChoice": "content"}


@dataclass(frozen=True)
class Cell:
    """One reader in one state of the world: what they state, and what follows."""

    reader: TokenRequest
    states: dict[str, Any]
    shows: set[str]
    sees: set[str]
    known: Facts = field(default_factory=facts)
    names: dict[str, set[str]] = field(default_factory=dict)


CELLS: dict[str, Cell] = {
    "ward doctor, consent": Cell(
        WARD_DOCTOR, CONTENT, {"U0"}, REGIONS | {"clinic-1", "nurse-1", "service-1", "help-1"}
    ),
    "ward doctor, consent, no statement": Cell(WARD_DOCTOR, {}, {"U0"}, OWN),
    "ward doctor, consent, outer block": Cell(
        WARD_DOCTOR,
        CONTENT,
        {"U0", "B0"},
        REGIONS | {"nurse-1", "service-1", "help-1"},
        facts(blocks=(OUTER,)),
    ),
    "ward doctor, no consent": Cell(
        WARD_DOCTOR, CONTENT, {"U0"}, REGIONS, facts(consents=(), blocks=())
    ),
    "ward doctor looks whether other units have data": Cell(
        WARD_DOCTOR,
        {"activeChoice": "exists"},
        {"U0", "I0", "I1"},
        OWN,
        names={"I1": {SURGERY}},
    ),
    "ward doctor, inner block": Cell(
        WARD_DOCTOR, CONTENT, {"U0", "I0"}, OWN, facts(consents=(), blocks=(INNER,))
    ),
    "surgeon inside the inner block": Cell(
        SURGEON, {"relevance": True}, {"U0"}, {"surgery-1"}, facts(consents=(), blocks=(INNER,))
    ),
    "emergency doctor, unconscious": Cell(
        EMERGENCY_DOCTOR,
        {"relevance": True, "emergency": UNCONSCIOUS},
        {"U0", "U1", "B0", "B1"},
        set(),
        facts(blocks=(OUTER,)),
        {"U1": {REGION, KOMMUN}, "B1": {CLINIC}},
    ),
    "emergency doctor, conscious": Cell(
        EMERGENCY_DOCTOR, {"relevance": True}, {"U0", "B0"}, set(), facts(blocks=(OUTER,))
    ),
    "home help, no consent": Cell(HOME_HELPER, {"relevance": True}, {"U0"}, {"help-1"}),
    "home help is shown no blocks": Cell(
        HOME_HELPER, {"relevance": True}, {"U0"}, {"help-1"}, facts(blocks=(OUTER, INNER))
    ),
    "home help, all others blocked": Cell(
        HOME_HELPER,
        {"relevance": True, "emergency": UNCONSCIOUS},
        set(),
        {"help-1"},
        facts(
            blocks=tuple(
                type(OUTER)(name, OUTER.kind, name, set_at=OUTER.set_at)
                for name in (REGION, CLINIC, KOMMUN, NAMND)
            )
        ),
    ),
    "case worker": Cell(CASE_WORKER, {"relevance": True}, {"U0"}, {"service-1"}),
    "nurse": Cell(NURSE, {"relevance": True}, {"U0"}, {"nurse-1"}),
    "ward doctor without a relation": Cell(
        WARD_DOCTOR, CONTENT, set(), set(), Facts(consents=facts().consents)
    ),
    "ward doctor who claims to take part": Cell(
        WARD_DOCTOR,
        {**CONTENT, "takesPart": True, "reason": "jour"},
        set(),
        REGIONS,
        Facts(consents=facts().consents),
    ),
    "the person herself": Cell(
        SIGNE_HERSELF,
        {},
        set(),
        REGIONS | {"nurse-1", "service-1", "help-1"},
        facts(blocks=(OUTER,)),
    ),
    "the region's system": Cell(REGION_SYSTEM, {}, set(), REGIONS, facts(blocks=(OUTER, INNER))),
    "an auditor": Cell(AUDITOR, CONTENT, set(), set()),
}


@pytest.mark.parametrize("name", CELLS)
def test_each_reader_is_shown_what_the_law_says(standing_world: World, name: str) -> None:
    cell = CELLS[name]
    standing_world.know(cell.known)
    reply = standing_world.open(cell.reader, *stated(**cell.states))
    opened = Opened.of(reply)
    assert opened.shows == cell.shows
    for rung, names in cell.names.items():
        assert names <= set(opened.names[rung])
    assert not any(opened.names[rung] for rung in opened.shows & {"U0", "B0", "I0"})
    parameters = {"patient": standing_world.person()}
    found = standing_world.get(cell.reader, "/fhir/Condition", parameters, session=opened.session)
    assert set(found.ids) == cell.sees
    assert found.json["total"] == len(cell.sees)


def test_the_ladder_is_the_same_on_both_databases(world: World) -> None:
    fill(world)
    for cell in CELLS.values():
        world.know(cell.known)
        opened = Opened.of(world.open(cell.reader, *stated(**cell.states)))
        assert opened.shows == cell.shows


def test_rungs_stand_in_the_answer_of_open_and_nowhere_else(small_world: World) -> None:
    fill(small_world)
    small_world.know(facts(blocks=(OUTER,)))
    session = small_world.session(WARD_DOCTOR, *stated(**CONTENT))
    person = small_world.person()
    for path in (
        f"/fhir/Condition?patient={person}",
        f"/fhir/Patient/{person}",
        "/fhir/Condition/ward-1",
        "/fhir/Condition/clinic-1",
    ):
        reply = small_world.get(WARD_DOCTOR, path, session=session)
        said = reply.body + str(reply.headers).encode()
        assert not [
            word for word in (b'"B0"', b'"U0"', b"SHOW_B0", CLINIC.encode()) if word in said
        ]


def test_emergency_content_comes_from_those_that_were_chosen(world: World) -> None:
    """SVOD 3:6: in two steps, and never what is blocked (3:5)."""
    fill(world)
    world.know(facts(blocks=(OUTER,)))
    states: dict[str, Any] = {"relevance": True, "emergency": UNCONSCIOUS}
    first = Opened.of(world.open(EMERGENCY_DOCTOR, *stated(**states)))
    assert CLINIC not in first.names["U1"]
    assert FIRM not in first.names["U1"]
    refused = world.open(EMERGENCY_DOCTOR, *stated(**states, organisation=[CLINIC]))
    assert refused.codes == ["organisation-not-named"]
    chosen = world.session(EMERGENCY_DOCTOR, *stated(**states, organisation=[KOMMUN]))
    parameters = {"patient": world.person()}
    found = world.get(EMERGENCY_DOCTOR, "/fhir/Condition", parameters, session=chosen)
    assert found.ids == ["nurse-1"]
    assert NAMND not in first.names["U1"]
