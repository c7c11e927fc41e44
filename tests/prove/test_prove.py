"""`make prove` in small, and that each part of it notices what it is there to notice."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import tests.prove.mutants
from consent.condition import fact
from consent.facts import Capacity
from consent.law import SECTIONS
from tests.prove import comparison
from tests.prove.claims import CLAIMS
from tests.prove.comparison import drawn
from tests.prove.concrete import law_of
from tests.prove.inside import Answer
from tests.prove.logic import Bool
from tests.prove.model import Model
from tests.prove.mutants import Mutant, fate, mutants, without
from tests.prove.places import NAMES, place
from tests.prove.proofs import prove
from tests.prove.report import Evidence, page
from tests.prove.scopes import compare
from tests.prove.space import FIELDS, LAWS


@pytest.mark.parametrize("law", LAWS)
def test_every_claim_is_proved(law: str) -> None:
    assert [(each.claim, each.verdict) for each in prove([law]) if not each.proved] == []


def test_there_are_claims_enough_for_each_law_and_each_says_what_it_is() -> None:
    for law in LAWS:
        assert len([each for each in CLAIMS if law in each.laws]) >= 20
    assert len({each.name for each in CLAIMS}) == len(CLAIMS)
    assert all(each.says.endswith(".") for each in CLAIMS)


class _ForgetsBlocks(Model):
    @cached_property
    def blocked_outwards(self) -> Bool:
        return self.lg.any()


class _ConsentIsEnough(Model):
    @cached_property
    def has_route(self) -> Bool:
        return self.lg.any(super().has_route, self.consents)


class _OpensInAnyEmergency(Model):
    @cached_property
    def shared(self) -> Answer:
        found = super().shared
        broken = self.lg.all(self.reaches, self.has_route, self.danger)
        return Answer(self.lg.any(found.content, broken), found.rungs)


class _GuardianBlocks(Model):
    @cached_property
    def block(self) -> Bool:
        return self.lg.any(super().block, self.is_reader(Capacity.GUARDIAN))


class _RegistersNeedNotAnswer(Model):
    @cached_property
    def shared(self) -> Answer:
        found = super().shared
        down = self.lg.no(self.true("registers"))
        return Answer(self.lg.any(found.content, self.lg.all(down, self.consents)), found.rungs)


@pytest.mark.parametrize(
    ("faulty", "claim"),
    [
        (_ForgetsBlocks, "each_of_two_blocks_must_be_lifted"),
        (_ConsentIsEnough, "content_always_rests_on_relation_purpose_and_relevance"),
        (_OpensInAnyEmergency, "social_care_has_no_emergency"),
        (_OpensInAnyEmergency, "no_reader_breaks_an_outer_block"),
        (_GuardianBlocks, "guardian_cannot_block"),
        (_RegistersNeedNotAnswer, "error_never_widens"),
    ],
)
def test_a_model_with_a_fault_is_refuted(faulty: type[Model], claim: str) -> None:
    wanted = [each for each in CLAIMS if each.name == claim]
    (proof,) = prove([LAWS[1]], wanted, faulty)
    assert proof.verdict.startswith(("refuted", "about nothing"))


@pytest.mark.parametrize("law", LAWS)
def test_the_code_answers_as_the_model_does(law: str) -> None:
    found = drawn(7, law, 3_000)
    assert found.first is None
    assert found.permitted > 500
    assert found.metadata > 100


def test_a_place_is_compared_whole_and_a_law_with_a_fault_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    law = LAWS[1]
    (mutant,) = [
        each
        for each in mutants()
        if each.section.citation == "SVOD 3:6" and "consent cannot" in each.condition.text
    ]
    faulty = without(mutant, law_of(law))
    monkeypatch.setattr(comparison, "law_of", lambda _: faulty)
    found = comparison.beside("emergency", law)
    assert found.differing
    assert found.first is not None
    assert "'danger': 'life'" in found.first


def test_each_place_is_a_world_in_which_something_is_decided() -> None:
    for law in LAWS:
        for name in NAMES:
            world = place(name, law)
            assert set(world) == set(FIELDS)
            assert all(world[field] in FIELDS[field] for field in FIELDS), name


def test_query_clauses_and_decision_agree(store_url: str) -> None:
    found = compare(store_url, 3, LAWS, 6)
    assert found.first is None
    assert found.readers == 18
    assert found.permitted > 100


def test_a_condition_that_nothing_needs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition that asks for nothing leaves a mutant that nothing kills."""
    monkeypatch.setattr(tests.prove.mutants, "_worlds", lambda: ())
    section = next(each for each in SECTIONS if each.citation == "SVOD 3:1")
    idle = fact("test.idle", "nothing", lambda _: True)
    step = section.steps[0]
    padded = replace(step, conditions=(*step.conditions, idle))
    mutant = Mutant(replace(section, steps=(padded,)), 9, padded, idle)
    assert fate(mutant).killed_by is None


def test_a_mutant_of_a_standard_is_killed_where_others_refer_to_it() -> None:
    wanted: list[Any] = [each for each in mutants() if each.name == "SVOD 2:3 (2023-01-01) 4"]
    (mutant,) = wanted
    assert "block" in mutant.condition.text
    assert (fate(mutant).killed_by or "").startswith("scenario")


def test_the_report_is_about_the_claims_and_conditions_that_there_are() -> None:
    """docs/proof.md is made by hand, by `make prove`; a change of either wants it made anew."""
    report = (Path(__file__).parents[2] / "docs" / "proof.md").read_text(encoding="utf-8")
    assert "Everything below holds." in report
    told = {line.split(" | ")[0].removeprefix("| ") for line in report.splitlines()}
    assert {f"`{each.name}`" for each in CLAIMS} <= told
    assert {each.name for each in mutants()} <= told


def test_the_report_says_what_does_not_hold() -> None:
    proofs = prove([LAWS[1]], CLAIMS[:1], _ForgetsBlocks)
    text = page(Evidence(proofs, [], [], []))
    assert "**Something does not hold.**" in text
    assert "blocked_and_not_lifted_never_content under 2025-07-01" in text
