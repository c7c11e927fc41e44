from datetime import UTC, datetime
from pathlib import Path

import pytest

from consent.decision import Obligation, Outcome
from consent.facts import (
    ActiveChoice,
    Availability,
    Capacity,
    Facts,
    Item,
    Kind,
    Reader,
    RelationState,
    Request,
    Target,
)
from consent.period import Period
from hub.config.problem import ConfigurationError
from hub.config.written import written_from
from hub.scenario.scenario import Scenario, read_scenario, scenario_of

LEAST = """
id: S00
facts:
  items: [{id: i1, owner: RegionB}]
  relations: [{organisation: RegionA}, {organisation: NamndK, kind: service}]
  consents: [{organisation: RegionA}]
  blocks: [{id: b1, owner: RegionB}]
  lifts: [{block: b1, ground: emergency}]
  assessments: [{by: RegionA}]
requests: [{id: r1, reader: {}}]
"""


def _read(text: str) -> Scenario:
    return scenario_of(written_from(text.encode(), "s.yaml"))


def _said(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        _read(text)
    return str(caught.value)


def test_absent_keys_have_the_defaults_of_the_format() -> None:
    found = _read(LEAST)
    day = Period(datetime(2026, 1, 14, 23, tzinfo=UTC), datetime(2026, 1, 15, 23, tzinfo=UTC))
    assert found.items["i1"] == Item("i1", "RegionB", date=day)
    assert found.facts.person == Facts().person
    assert [each.state for each in found.facts.relations] == [
        RelationState.CURRENT,
        RelationState.ONGOING,
    ]
    assert found.facts.consents[0].answer
    assert found.facts.consents[0].period == Period()
    (asked,) = found.requests
    assert asked.items == ("i1",)
    assert asked.expect is None
    assert asked.request.target == Target()
    assert asked.request == Request(
        Reader("", None, Capacity.VARDPERSONAL), datetime(2026, 3, 10, 9, tzinfo=UTC)
    )


def test_what_is_written_is_read() -> None:
    found = _read("""
id: S01
facts:
  organisations: [{id: A, kind: [vardgivare, omsorgsgivare]}, {id: B, kind: none}]
  person: {age: 7, lacking_since: 2025-02-03, protected_identity: fingerad}
  items: [{id: i1, owner: A, availability: 2:6, date: 2026-07-01, masks: [address]}]
  consents: [{organisation: A, answer: no}, {organisation: A, answer: "no", as: vardpersonal,
              from: 2026-07-01, to: 2026-07-01T12:00, withdrawn_at: 2026-06-30T12:00+03:00}]
requests:
  - id: r1
    op: search
    at: 2026-07-01T10:00
    active_choice: false
    block: {across_persons: true, terms: [health]}
    reader: {user: Y, organisation: A, takes_part_in_care: false}
    expect:
      items: {i1: {outcome: metadata, basis: ["OSL 26:9 c", "LSS 9"]}}
      shows: [U0]
      obligations: [LOG]
""")
    assert found.facts.organisations["A"].kind == set(Kind)
    assert found.facts.organisations["B"].kind == set()
    assert found.facts.person.lacking_since == datetime(2025, 2, 2, 23, tzinfo=UTC)
    assert found.items["i1"].availability is Availability.GROUND_2_6
    first, second = found.facts.consents
    assert (first.answer, second.answer, second.as_) == (False, False, Capacity.VARDPERSONAL)
    assert second.period == Period(
        datetime(2026, 6, 30, 22, tzinfo=UTC), datetime(2026, 7, 1, 10, tzinfo=UTC)
    )
    assert second.withdrawn_at == datetime(2026, 6, 30, 9, tzinfo=UTC)
    (asked,) = found.requests
    assert asked.request.active_choice is ActiveChoice.NONE
    assert not asked.request.reader.takes_part
    assert asked.request.target.across_persons
    assert asked.request.target.terms == {"health"}
    assert asked.expect is not None
    assert asked.expect.items["i1"].outcome is Outcome.METADATA
    assert asked.expect.items["i1"].basis == ("OSL 26:9 c", "LSS 9")
    assert asked.expect.obligations == {Obligation.LOG}


@pytest.mark.parametrize("choice", [("true", "content"), ("false", "none"), ("exists", "exists")])
def test_the_active_choice_may_be_yes_or_no(choice: tuple[str, str]) -> None:
    text = LEAST.replace("reader: {}", f"reader: {{}}, active_choice: {choice[0]}")
    assert _read(text).requests[0].request.active_choice == choice[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: S00", "id: S00\nfoo: 1", "s.yaml:3: foo: the key is not known"),
        ("owner: RegionB}]", "owner: RegionB, ragime: SoL}]", "did you mean `regime`?"),
        ("owner: RegionB}]", "owner: RegionB, regime: SOL}]", "did you mean `SoL`?"),
        ("reader: {}", "reader: {az: x}", "requests[0].reader.az: the key is not known"),
        ("reader: {}", "reader: {as: auditor}", "requests[0].reader.as: the code is not known"),
        ("reader: {}", "reader: {}, items: [i2]", "no item has this id"),
        ("reader: {}", "reader: {}, at: 10:00", "not a date or time"),
        ("reader: {}", "reader: {}, active_choice: maybe", "the code is not known"),
        ("block: b1", "block: b2", "no block has this id"),
        ("id: b1", "id: b1, info_from: 2026-01-02, info_to: 2026-01-01", "ends before"),
        ("kind: service", "kind: service, state: current", "is never in this state"),
        ("{by: RegionA}", "{by: RegionA, kind: maturity}", "write one of will"),
        ("[{organisation: RegionA}]", "[{organisation: A, answer: perhaps}]", "not an answer"),
        ("[{organisation: RegionA}]", "[{answer: 'yes'}]", "organisation: the key is required"),
        ("facts:", "facts:\n  person: {age: '50'}", "not an age"),
        ("facts:", "facts:\n  person: {age: 050}", "not an age"),
        ("facts:", "facts:\n  person: {deceased: soon}", "not a date or time"),
        ("facts:", "facts:\n  person: {identifier: {}}", "the key is not known"),
        (
            "reader: {}",
            "reader: {}, expect: {items: {i1: {outcome: allow}}}",
            "write one of permit, metadata, deny",
        ),
        (
            "reader: {}",
            "reader: {}, expect: {items: {i1: {outcome: deny, basis: [GDPR 6]}}}",
            "the act is not known",
        ),
        (
            "reader: {}",
            "reader: {}, expect: {items: {i1: {outcome: deny, basis: [SVOD three]}}}",
            "not an act and a section",
        ),
        (
            "reader: {}",
            "reader: {}, expect: {items: {i9: {outcome: deny}}}",
            "the request is not about this item",
        ),
        ("reader: {}", "reader: {}, expect: {shows: [U2]}", "the code is not known"),
        ("{id: r1, reader: {}}", "{id: r1, reader: {}}, {id: r1, reader: {}}", "stands already"),
        ("requests: [", "requests: [1, ", "not a mapping of keys"),
    ],
)
def test_unknown_keys_and_values_are_named(old: str, new: str, said: str) -> None:
    assert old in LEAST
    assert said in _said(LEAST.replace(old, new, 1))


def test_every_shared_scenario_is_read(shared: Path) -> None:
    paths = sorted((shared / "scenarios").glob("S*.yaml"))
    assert len(paths) > 30
    for path in paths:
        found = read_scenario(path)
        assert path.name.startswith(found.id)
        assert found.requests
        for asked in found.requests:
            assert asked.expect is not None
            assert set(asked.expect.items) == set(asked.items)
