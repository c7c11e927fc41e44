"""What is written out does what the steps do, one by one, for whatever a document holds."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.document import Record, Tree, Unreadable
from adapters.rivta import ADAPTER
from adapters.xml_export import XmlExport
from mappings import tables
from mappings.engine import Context, Frame, Mapped, ResourcePlan, Run, Table
from mappings.paths import Scope
from mappings.source_profile import load
from mappings.written_for_form import written_for

ADAPTERS = Path(__file__).parents[1] / "adapters"
CONTEXT = Context("Patient/p1", lambda kind, place: f"{kind}-{place}", "urn:x", "urn:x", "SE1-1")
DAMAGED = 6


def _one_by_one(plan: ResourcePlan) -> Run:
    def build(scope: Scope, out: dict[str, object], frame: Frame) -> bool:
        return any([step.run(scope, out, frame) for step in plan.steps])  # noqa: C419 - all run

    return build


def _walked(table: Table) -> Table:
    plans = tuple(replace(plan, build=_one_by_one(plan)) for plan in table.plans)
    return replace(table, plans=plans)


def _damaged(node: Any, change: Callable[[Any], Any], place: random.Random) -> Any:  # noqa: ANN401
    """Return a copy with one thing somewhere below changed."""
    if isinstance(node, dict) and node:
        name = place.choice(sorted(node))
        return type(node)({**node, name: _inner(node[name], change, place)})
    return change(node)


def _inner(node: Any, change: Callable[[Any], Any], place: random.Random) -> Any:  # noqa: ANN401
    if place.random() < 0.1:
        return change(node)
    if isinstance(node, list) and node:
        return [_inner(node[0], change, place), *node[1:]]
    return _damaged(node, change, place)


CHANGES: tuple[Callable[[Any], Any], ...] = (
    lambda node: [node, node],
    lambda node: [node, "?"],
    lambda _node: "20240229",
    lambda _node: "?",
    lambda node: Tree({"value": node}),
    lambda node: Tree({"#text": "x", "@nullFlavor": "NI", "again": [node, node]}),
)


def _records(content: bytes) -> Iterator[Record]:
    try:
        for part in ADAPTER.read(content, "x", None).parts():
            yield from part.records
    except Unreadable:
        return


def _outcome(table: Table, tree: Tree, context: Context) -> Mapped | str:
    try:
        return table.map(tree, context)
    except Exception as error:  # noqa: BLE001 - what damage does to one it does to the other
        return repr(error)


def _agree(record: Record, used: set[str]) -> None:
    table = tables.load(record.table)
    walked, body, place = _walked(table), record.body(), random.Random(record.path)  # noqa: S311
    used.add(record.table)
    trees = [body, *(_damaged(body, place.choice(CHANGES), place) for _ in range(DAMAGED))]
    for tree in trees:
        for nullified in (False, True):
            context = replace(CONTEXT, nullified=nullified)
            assert _outcome(table, tree, context) == _outcome(walked, tree, context), record.path


def test_answers_of_every_contract(shared: Path) -> None:
    used: set[str] = set()
    own = sorted((ADAPTERS / "rivta" / "messages").glob("*.xml"))
    for path in [*own, *sorted((shared / "rivta").rglob("*.xml"))]:
        for record in _records(path.read_bytes()):
            _agree(record, used)
    assert used == {name for name in tables.names() if name.startswith("rivta/")}


def test_exports_of_social_care() -> None:
    used: set[str] = set()
    folder = ADAPTERS / "xml_export"
    for path in sorted(folder.glob("*.xml")):
        profile = load(f"{path.stem}.yaml", folder)
        for part in XmlExport().read(path.read_bytes(), path.name, profile).parts():
            for record in part.records:
                _agree(record, used)
    assert len(used) > 5


def _marked(node: Any, values: list[str]) -> Any:  # noqa: ANN401
    """Return the shape of a tree, and give its values."""
    if isinstance(node, dict):
        return {name: _marked(each, values) for name, each in node.items()}
    if isinstance(node, list):
        return [_marked(each, values) for each in node]
    values.append(node)
    return f"#{len(values) - 1}"


EVERY_KIND = """
contract: Every kind 1
fragments:
  inside:
    - {from: y, to: "name[]"}
    - {from: ., to: "line[]"}
    - {from: ../top, to: "note[]"}
    - {from: /top, to: "alias[]"}
resources:
  - name: it
    type: Basic
    fields:
      - {from: top, to: code}
      - {from: a/b/c, to: code}
      - {from: [no, a/b/c], to: text.div}
      - {from: a/b/c, to: text.status, when: {path: a}}
      - {to: author, from: a/b, fields: [{from: c, to: display}, {to: type, constant: P}]}
      - {to: "item[]", from: a/b, fields: [{from: c, to: x}, {to: kind, constant: {k: [1]}}]}
      - {to: subject, constant: {display: nobody}, unless: author}
      - {to: asserter, from: d, contained: Practitioner, display: y, fields: [{from: y, to: id}]}
      - {to: "other[]", from: d, contained: Organization, fields: [{from: y, to: name}]}
      - {use: inside, from: d}
      - {use: inside}
      - {from: d/y, to: extension(samvy:x).valueString}
"""


def test_each_kind_of_rule_with_one_many_and_none(tmp_path: Path) -> None:
    (tmp_path / "every.yaml").write_text(EVERY_KIND, "utf-8")
    table = tables.load_file(tmp_path / "every.yaml")
    walked = _walked(table)
    one: Any = {"c": "1"}
    given_as: tuple[Any, ...] = (
        None,
        "?",
        "",
        "t",
        one,
        [one, {"c": "2"}],
        [{"c": "?"}, one],
        {"y": "z"},
    )
    notes: set[str] = set()
    formed = 0
    for top in (None, "t", ["t", "u"]):
        for a in (
            None,
            "text",
            [{"b": one}, {"b": one}],
            *({"b": each} for each in given_as if each is not None),
        ):
            for d in (*given_as, [{"y": "1"}, {"y": ["2", "3"]}]):
                given = {"top": top, "a": a, "d": d}
                tree = Tree({name: value for name, value in given.items() if value is not None})
                made = table.map(tree, CONTEXT)
                assert made == walked.map(tree, CONTEXT), tree
                values: list[str] = []
                shape: Any = _marked(tree, values)
                if "?" not in values and "" not in values:
                    formed_one = written_for(table, shape)(tree, values, CONTEXT)
                    assert replace(made, unmapped=[]) == formed_one, tree
                    formed += 1
                notes |= {note.place for note in made.notes if note.code == "repeated-element"}
    assert "a/b" in notes
    assert formed > 50
