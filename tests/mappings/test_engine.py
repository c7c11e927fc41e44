"""The mapping engine: what tables can say, and what comes of it."""

from pathlib import Path
from typing import Any

import pytest

from mappings import tables
from mappings.engine import Context, Mapped, Table
from mappings.located_yaml import TableError

HEAD = "contract: T\nresources:\n  - name: it\n    type: Basic\n    fields:\n"


def _table(folder: Path, text: str) -> Table:
    path = folder / "table.yaml"
    path.write_text(text, "utf-8")
    return tables.load_file(path)


def _context(**facts: Any) -> Context:  # noqa: ANN401 - any fact
    return Context(
        patient="Patient/p1",
        mint=lambda kind, place: f"{kind}.{place}",
        identifier_system="urn:x:local",
        source="urn:x:source",
        **facts,
    )


def _map(folder: Path, fields: str, tree: Any, **facts: Any) -> Mapped:  # noqa: ANN401 - a tree, any facts
    indented = "\n".join("      " + line for line in fields.strip().splitlines())
    table = _table(
        folder,
        f"contract: Test 1\nresources:\n  - name: it\n    type: Basic\n    fields:\n{indented}\n",
    )
    return table.map(tree, _context(**facts))


def _made(mapped: Mapped) -> dict[str, Any]:
    return {k: v for k, v in mapped.resources[0].items() if k not in {"resourceType", "id", "meta"}}


def test_resource_has_id_source_and_nothing_else_by_itself(tmp_path: Path) -> None:
    mapped = _map(tmp_path, "- {to: subject, patient: true}", {})
    assert mapped.resources == [
        {
            "resourceType": "Basic",
            "id": "Basic.it",
            "meta": {"source": "urn:x:source"},
            "subject": {"reference": "Patient/p1"},
        }
    ]
    assert mapped.places == ["it"]


def test_what_is_not_for_the_patient_is_labelled(tmp_path: Path) -> None:
    mapped = _map(tmp_path, "- {to: subject, patient: true}", {}, not_for_patient=True)
    assert mapped.resources[0]["meta"]["security"][0]["code"] == "NOPATIENT"  # type: ignore[index]


@pytest.mark.parametrize(
    ("fields", "tree", "made"),
    [
        ("- {from: a/b, to: x.y}", {"a": {"b": " v "}}, {"x": {"y": "v"}}),
        ("- {from: a/@b, to: x}", {"a": {"@b": "v", "#text": "t"}}, {"x": "v"}),
        ("- {from: a, to: x}", {"a": {"@b": "v", "#text": "t"}}, {"x": "t"}),
        ("- {from: a, to: 'x[]'}", {"a": ["1", "?", "2"]}, {"x": ["1", "2"]}),
        (
            "- {from: a/b, to: 'x[]'}",
            {"a": [{"b": "1"}, {"b": ["2", "3"]}]},
            {"x": ["1", "2", "3"]},
        ),
        ("- {from: [a, b], to: x}", {"a": "?", "b": "2"}, {"x": "2"}),
        ("- {from: a, to: x}\n- {from: b, to: x}", {"a": "1", "b": "2"}, {"x": "1"}),
        ("- {from: a, to: x}\n- {from: b, to: x}", {"b": "2"}, {"x": "2"}),
        ("- {from: a, to: x, map: {Y: true, N: false}}", {"a": "N"}, {"x": False}),
        ("- {from: a, to: x, map: {Y: yes}, else: other}", {"a": "Q"}, {"x": "other"}),
        ("- {constant: {k: [1]}, to: x}", {}, {"x": {"k": [1]}}),
        ("- {fact: owner, to: x}", {}, {"x": "OWNER"}),
        (
            "- {from: a, to: extension(samvy:q).valueString}",
            {"a": "v"},
            {
                "extension": [
                    {"url": "https://samvy.se/fhir/StructureDefinition/q", "valueString": "v"}
                ]
            },
        ),
        (
            "- {from: a, to: extension(samvy:q).valueString}",
            {"a": ["v", "w"]},
            {
                "extension": [
                    {"url": "https://samvy.se/fhir/StructureDefinition/q", "valueString": "v"},
                ]
            },
        ),
        (
            "- {to: 'x[]', from: a, fields: [{to: k, constant: c}, {from: b, to: v}]}",
            {"a": [{"b": "1"}, {"b": "?"}]},
            {"x": [{"k": "c", "v": "1"}]},
        ),
        (
            "- {to: 'x[]', from: a, fields: [{from: ../c, to: w}, {from: /c, to: z}]}",
            {"a": [{"b": "1"}], "c": "C"},
            {"x": [{"w": "C", "z": "C"}]},
        ),
        ("- to: x\n  fields:\n    - {to: k, constant: c}\n    - {from: b, to: v}", {}, {}),
        ("- {from: a, to: {by: k, is: {1: x, 2: y}}}", {"a": "v", "k": "2"}, {"y": "v"}),
        ("- {from: a, to: x, when: {path: k, is: '1'}}", {"a": "v", "k": "2"}, {}),
        ("- {from: a, to: x, when: {path: k, in: ['1', '2']}}", {"a": "v", "k": "2"}, {"x": "v"}),
        ("- {from: a, to: x, when: {path: k, absent: true}}", {"a": "v", "k": "?"}, {"x": "v"}),
        ("- {from: a, to: x, when: {not: {path: k}}}", {"a": "v", "k": "1"}, {}),
        ("- {from: a, to: x, when: {any: [{path: k}, {fact: nullified}]}}", {"a": "v"}, {}),
        (
            "- {from: a, to: x, when: [{path: a}, {fact: nullified, is: false}]}",
            {"a": "v"},
            {"x": "v"},
        ),
        (
            "- {from: a, to: x, unless: y}\n- {from: a, to: y}\n- {from: a, to: z, unless: y}",
            {"a": "v"},
            {"x": "v", "y": "v"},
        ),
        (
            "- {to: who, from: a, display: n, contained: Organization, fields: [{from: n, to: n}]}",
            {"a": {"n": "N"}},
            {
                "contained": [{"resourceType": "Organization", "n": "N", "id": "organization1"}],
                "who": {"reference": "#organization1", "display": "N"},
            },
        ),
    ],
)
def test_rule(tmp_path: Path, fields: str, tree: dict[str, Any], made: dict[str, Any]) -> None:
    mapped = _map(tmp_path, fields, tree, owner="OWNER")
    found = _made(mapped)
    if isinstance(tree.get("a"), list) and "extension" in found:
        found["extension"] = found["extension"][:1]
    for inner in found.get("contained", ()):
        inner.pop("meta", None)  # tests/mappings/test_base_profiles.py is about what it claims
    assert found == made


def test_a_value_without_a_mapping_is_noted_and_not_guessed(tmp_path: Path) -> None:
    mapped = _map(tmp_path, "- {from: a, to: x, map: {Y: true}}", {"a": "secret"})
    assert _made(mapped) == {}
    (note,) = mapped.notes
    assert (note.code, note.place) == ("unknown-value", "a")
    assert "secret" not in note.text


def test_a_repeated_element_with_one_place_is_noted(tmp_path: Path) -> None:
    mapped = _map(tmp_path, "- {from: a, to: x}", {"a": ["1", "2"]})
    assert _made(mapped) == {"x": "1"}
    assert [note.code for note in mapped.notes] == ["repeated-element"]


def test_constants_of_two_records_are_not_one_object(tmp_path: Path) -> None:
    table = _table(tmp_path, HEAD + "      - {constant: {k: [1]}, to: x}\n")
    first, second = (table.map({}, _context()).resources[0] for _ in range(2))
    first["x"]["k"].append(2)  # type: ignore[index]
    assert second["x"] == {"k": [1]}


MANY = """
contract: Test 1
resources:
  - name: case
    type: EpisodeOfCare
    for_each: case
    key: "@id"
    fields: [{from: "@id", to: no}]
  - name: decision
    type: ServiceRequest
    for_each: case/decision
    when: {path: outcome, is: granted}
    key: "@id"
    fields:
      - {to: "part[]", refer: case}
      - {to: replaces, refer: decision, by: replaces}
  - name: refusal
    type: Task
    for_each: case/decision
    when: {path: outcome, is: refused}
    fields: [{to: focus, refer: case}, {from: ../@id, to: case}]
  - name: list
    type: List
    fields: [{to: "entry[]", refer: decision}]
left_out:
  - {path: case/decision/note, reason: for the test}
"""


def test_several_resources_that_refer_to_each_other(tmp_path: Path) -> None:
    tree: dict[str, Any] = {
        "case": [
            {
                "@id": "A",
                "decision": [
                    {"@id": "1", "outcome": "granted"},
                    {"@id": "2", "outcome": "granted", "replaces": "1"},
                ],
            },
            {"@id": "B", "decision": {"@id": "1", "outcome": "refused", "note": "n"}},
        ]
    }
    mapped = _table(tmp_path, MANY).map(tree, _context())
    assert mapped.places == [
        "case:A",
        "case:B",
        "decision:1",
        "decision:2",
        "refusal[2]",
        "list",
    ] or (mapped.places[:4] == ["case:A", "case:B", "decision:1", "decision:2"])
    by_place = dict(zip(mapped.places, mapped.resources, strict=True))
    assert by_place["decision:2"]["part"] == [{"reference": "EpisodeOfCare/EpisodeOfCare.case:A"}]
    assert by_place["decision:2"]["replaces"] == {
        "reference": "ServiceRequest/ServiceRequest.decision:1"
    }
    refusal = mapped.resources[4]
    assert refusal["resourceType"] == "Task"
    assert refusal["focus"] == {"reference": "EpisodeOfCare/EpisodeOfCare.case:B"}
    assert refusal["case"] == "B"
    assert len(by_place["list"]["entry"]) == 2  # type: ignore[arg-type]
    assert mapped.unmapped == []


def test_a_repeated_key_does_not_make_two_resources_one(tmp_path: Path) -> None:
    tree = {"case": [{"@id": "A"}, {"@id": "A"}]}
    mapped = _table(tmp_path, MANY).map(tree, _context())
    assert len({resource["id"] for resource in mapped.resources}) == len(mapped.resources)


def test_a_reference_to_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    tree = {"case": {"decision": {"@id": "2", "outcome": "granted", "replaces": "9"}}}
    mapped = _table(tmp_path, MANY).map(tree, _context())
    decision = next(r for r in mapped.resources if r["resourceType"] == "ServiceRequest")
    assert "replaces" not in decision


@pytest.mark.parametrize(
    ("tree", "unmapped"),
    [
        ({"a": "1", "b": "2"}, ["b"]),
        ({"a": "1", "b": "?"}, []),
        ({"a": {"#text": "1", "@q": "2"}}, ["a/@q"]),
        ({"a": "1", "c": {"d": "1", "e": [{"f": "1"}, {"f": "2"}]}}, ["c/e"]),
        ({"c": "text where elements are known"}, ["c"]),
        ({"c": [{"d": "1"}, {"g": "1"}, "text"]}, ["c/g", "c"]),
        ({"out": "1", "all": {"x": {"y": "1"}, "z": "2"}}, []),
    ],
)
def test_what_is_beyond_the_table_is_named(
    tmp_path: Path, tree: dict[str, Any], unmapped: list[str]
) -> None:
    table = _table(
        tmp_path,
        "contract: T\nresources: [{name: it, type: Basic, fields: [{from: a, to: x},"
        " {from: c/d, to: y}]}]\nleft_out: [{path: out, reason: r}, {path: all/*, reason: r}]\n",
    )
    assert table.map(tree, _context()).unmapped == unmapped
    assert table.left_out == {"out": "r", "all/*": "r"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("contract: T\n", 1, "needs 'resources'"),
        ("contract: T\ncontract: U\n", 2, "written twice"),
        ("contract: [", 1, "not YAML"),
        (HEAD + "      - {from: a, too: x}\n", 6, "no key 'too'"),
        (HEAD + "      - {from: a}\n", 6, "needs 'to'"),
        (HEAD + "      - {to: x}\n", 6, "needs one of"),
        (HEAD + "      - {from: a, to: x y}\n", 6, "not a FHIR path"),
        (HEAD + "      - {from: a//b, to: x}\n", 6, "not a source path"),
        (HEAD + "      - {from: /../b, to: x}\n", 6, "above the record"),
        (HEAD + "      - {from: a, to: 'x[].y'}\n", 6, "below a list"),
        (HEAD + "      - {from: a, to: extension(samvy:q)}\n", 6, "ends at an extension"),
        (HEAD + "      - {from: a, to: extension(q).valueString}\n", 6, "extension's address"),
        (
            HEAD + "      - {from: a, to: x}\n      - {from: a, to: y, transform: nonsense}\n",
            7,
            "no transform",
        ),
        (
            HEAD + "      - {from: a, to: x, transform: integer, with: {size: 3}}\n",
            6,
            "cannot be made",
        ),
        (
            HEAD + "      - {from: a, to: x, transform: code_map, with: {table: none}}\n",
            6,
            "cannot be made",
        ),
        (HEAD + "      - {from: a, to: x, with: {size: 3}}\n", 6, "there is none"),
        (HEAD + "      - {refer: nobody, to: x}\n", 6, "no resource here"),
        (HEAD + "      - {use: nothing}\n", 6, "no fragment"),
        (HEAD + "      - {from: a, to: x, when: {sort: y}}\n", 6, "no key 'sort'"),
        (HEAD + "      - {from: a, to: x, when: yes}\n", 6, "must be a condition"),
        (HEAD + "      - {from: a, to: x, map: 3}\n", 6, "'map' must be"),
        (
            HEAD + "      - {from: a, to: x}\nleft_out:\n  - {path: b}\n",
            8,
            "needs a path and a reason",
        ),
        (
            HEAD + "      - {from: a, to: x}\nleft_out:\n  - {use: nothing}\n",
            8,
            "no shared 'left_out'",
        ),
    ],
)
def test_mistake_in_a_table_is_named_by_file_line_and_key(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    with pytest.raises(TableError) as caught:
        _table(tmp_path, text)
    assert words in str(caught.value)
    assert f"table.yaml:{line}: " in str(caught.value)


def test_a_table_must_lie_in_its_folder() -> None:
    for name in ("../secret", "rivta/none"):
        with pytest.raises(TableError):
            tables.load(name)


def test_yaml_s_surprises_are_text(tmp_path: Path) -> None:
    fields = "- {from: a, to: x, map: {no: off, 2024-01-01: 2024-01-02, nullified: true}}"
    assert _made(_map(tmp_path, fields, {"a": "no"})) == {"x": "off"}
    assert _made(_map(tmp_path, fields, {"a": "2024-01-01"})) == {"x": "2024-01-02"}
    assert _made(_map(tmp_path, fields, {"a": "nullified"})) == {"x": True}


def test_every_shipped_table_is_sound() -> None:
    assert len(tables.names()) >= 5
    for name in tables.names():
        assert tables.load(name).contract
