from datetime import UTC, datetime

import pytest

from consent.facts import Capacity, Kind, Organisation, Purpose
from hub.config.organisations_file import organisations_of
from hub.config.problem import ConfigurationError
from hub.config.written import written_from

WHOLE = """
organisations:
  - id: SE2329999990-0001
    name: Region Ekskog
    kind: [vardgivare]
    part_of: null
    informs_from: 2024-01-01
    makes_available_from: 2024-02-01
    connected: true
    offers_own_access: true
    contractor_for: []
    units: [{id: SE2329999990-1001, name: Medicinkliniken, processes: [stroke]}]
    staff:
      - {id: SE2329999990-P001, name: Ada Ek, assignments: [{id: 0012, unit: SE2329999990-1001,
          as: vardpersonal, purposes: [vard], from: 2024-01-01, to: 2024-12-31}]}
  - {id: SE2329999999-NAMND, name: Socialnämnden, kind: omsorgsgivare, part_of: Ekskogs kommun,
     contractor_for: [SE2329999990-0001]}
"""


def _problems(text: str, known: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        organisations_of(written_from(text.encode(), "o.yaml"), known)
    return [str(problem) for problem in caught.value.problems]


def test_every_key_is_read() -> None:
    region, board = organisations_of(written_from(WHOLE.encode(), "o.yaml"))
    assert region.kind == {Kind.VARDGIVARE}
    assert region.informs(datetime(2023, 12, 31, 23, 0, tzinfo=UTC))
    assert not region.informs(datetime(2023, 12, 31, 22, 59, tzinfo=UTC))
    assert not region.makes_available(datetime(2024, 1, 15, tzinfo=UTC))
    assert region.units[0].processes == ("stroke",)
    assignment = region.staff[0].assignments[0]
    assert assignment.id == "0012"
    assert assignment.as_ is Capacity.VARDPERSONAL
    assert assignment.purposes == {Purpose.VARD}
    assert assignment.period.holds(datetime(2024, 12, 31, 22, 59, tzinfo=UTC))
    assert not assignment.period.holds(datetime(2024, 12, 31, 23, 0, tzinfo=UTC))
    assert board.as_fact() == Organisation(
        "SE2329999999-NAMND", frozenset({Kind.OMSORGSGIVARE}), "Ekskogs kommun"
    )
    assert not board.informs(datetime(2026, 1, 1, tzinfo=UTC))


def test_every_mistake_is_named_with_line_key_and_remedy() -> None:
    found = _problems("""
organisations:
  - id: A B
    names: Region
    kind: [vardgivar]
    conected: yes
    units: {}
    contractor_for:
    staff:
      - {id: P1, assignments: [{id: 1, as: individual, purposes: [vard, 12], from: 2024-02-30}]}
""")
    assert {line.partition("; ")[0] for line in found} == {
        "o.yaml:3: organisations[0].name: the key is required",
        "o.yaml:3: organisations[0].id: an id holds no spaces, bars or control characters",
        "o.yaml:4: organisations[0].names: the key is not known",
        "o.yaml:5: organisations[0].kind: the code is not known",
        "o.yaml:6: organisations[0].conected: the key is not known",
        "o.yaml:7: organisations[0].units: this is not a list",
        (
            "o.yaml:10: organisations[0].staff[0].assignments[0].as:"
            " nobody is assigned in this capacity"
        ),
        "o.yaml:10: organisations[0].staff[0].assignments[0].purposes[1]: the code is not known",
        "o.yaml:10: organisations[0].staff[0].assignments[0].from: there is no such day or time",
    }
    said = "\n".join(found)
    assert "did you mean `name`?" in said
    assert "did you mean `vardgivare`?" in said
    assert "did you mean `connected`?" in said


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: A, name: X, kind: none}\n  - {id: A, name: Y, kind: none}", "stands already"),
        ("{id: A, name: X, kind: none, contractor_for: [B]}", "no organisation has this id"),
        ("{id: A, name: X, kind: none, contractor_for: [A]}", "their own contractor"),
        ("{id: A, name: X, kind: none, part_of: A}", "not part of itself"),
        ("{id: A, name: X, kind: []}", "the list is empty"),
        ("{id: '*', name: X, kind: none}", "is not *"),
        ("{id: no, name: X, kind: none}", "write it in quotes"),
        ("{id: A, name: X, kind: none, connected: 'yes'}", "not true or false"),
        ("{id: A, name: X, kind: none, informs_from: 2024-1-1}", "write 2026-01-20"),
        ("{id: A, name: X, kind: none, informs_from: 9999-12-31}", "null means no start or end"),
        ("{id: A, name: X, kind: none, units: [{id: U}, {id: U}]}", "stands already"),
        ("text", "not a mapping"),
        (
            (
                "{id: A, name: X, kind: vardgivare, staff: [{id: P, assignments:"
                " [{id: 1, as: vardpersonal, from: 2024-01-02, to: 2024-01-01}]}]}"
            ),
            "ends before it begins",
        ),
        (
            (
                "{id: A, name: X, kind: vardgivare, staff: [{id: P, assignments:"
                " [{id: 1, as: omsorgspersonal}]}]}"
            ),
            "the organisation is no omsorgsgivare",
        ),
    ],
)
def test_what_cannot_be_right_is_refused(entry: str, said: str) -> None:
    assert said in "\n".join(_problems(f"organisations:\n  - {entry}\n"))


def test_ids_that_the_store_has_may_be_named() -> None:
    text = b"organisations:\n  - {id: A, name: X, kind: none, contractor_for: [B]}\n"
    assert organisations_of(written_from(text, "o"), known=("B",))[0].contractor_for == ("B",)


def test_no_value_is_repeated() -> None:
    found = _problems("organisations:\n  - {id: A, name: X, kind: '191212121212'}\n")
    assert "1912" not in "\n".join(found)


def test_the_list_may_not_be_empty() -> None:
    assert "name at least one" in _problems("organisations: []\n")[0]
    assert "the key is required" in _problems("{}\n")[0]
