"""Paths and expressions of a profile on a small tree."""

import pytest

from mappings.source_expression import Found, compile_expression
from mappings.source_node import SourceNode
from mappings.source_path import BadPath, compile_path


def tree() -> tuple[SourceNode, SourceNode]:
    top = SourceNode("A", {"sys": "S"})
    person = SourceNode("P", {"nr": "1"}, parent=top)
    top.children = [person]
    for kind, text in (("x", "första"), ("y", "andra"), ("", "")):
        person.children.append(SourceNode("N", {"typ": kind}, text, parent=person))
    return top, person


def values(path: str) -> list[str]:
    top, person = tree()
    return list(compile_path(path).values(person, top))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("@nr", ["1"]),
        ("N", ["första", "andra"]),
        ("N/@typ", ["x", "y"]),
        ("N[@typ='y']", ["andra"]),
        ('N[@typ="x"]/.', ["första"]),
        ("N/../@nr", ["1", "1", "1"]),
        ("../@sys", ["S"]),
        ("/@sys", ["S"]),
        ("/P/N", ["första", "andra"]),
        ("**/@typ", ["x", "y"]),
        ("*/@typ", ["x", "y"]),
        ("M/@typ", []),
    ],
)
def test_path(path: str, found: list[str]) -> None:
    assert values(path) == found


@pytest.mark.parametrize("path", ["", "/", "a//b", "a/", "@a/b", "a[b]", "a[@b=c]", "a b", "[x]"])
def test_bad_path(path: str) -> None:
    with pytest.raises(BadPath):
        compile_path(path)


def find(written: object) -> Found:
    top, person = tree()
    tables = {"tab": {"x": "ex", "y": "why"}}
    return compile_expression(written, "key", tables, ValueError).find(person, top)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("@nr", "1"),
        (["@none", "@nr"], "1"),
        ({"value": "c"}, "c"),
        ({"from": "N/@typ", "codes": "tab"}, "ex"),
        ({"from": ["@none", "N/@typ"], "codes": {"X": "ex"}}, "ex"),
        ({"from": "@nr", "codes": "tab", "default": "d"}, "d"),
        ({"from": "@none", "codes": "tab", "default": "d"}, "d"),
        ({"when": {"@nr": "1"}, "then": {"value": "v"}}, "v"),
        ({"when": {"@nr": ["2", "3"]}, "then": {"value": "v"}}, None),
        ({"when": {"@none": True}, "then": {"value": "v"}}, None),
        ({"unless": {"@none": True}, "then": {"value": "v"}}, "v"),
        ({"join": ["/@sys", "@nr"], "with": "-"}, "S-1"),
        ({"join": ["/@sys", "@none"], "with": "-"}, "S"),
    ],
)
def test_expression(written: object, value: str | None) -> None:
    assert find(written).value == value


def test_a_code_that_has_no_meaning_gives_none_and_its_text() -> None:
    assert find({"from": "@nr", "codes": "tab"}) == Found(None, "1", known=False)
    assert find([{"from": "@nr", "codes": "tab"}, "@none"]) == Found(None, "1", known=False)


def test_several_codes_in_one_value_count_when_all_are_known() -> None:
    top, person = tree()
    person.attributes |= {"d": "X, Y", "e": "X Z"}
    tables = {"tab": {"x": "ex", "y": "why"}}

    def read(path: str) -> str | None:
        written = {"from": path, "codes": "tab"}
        return compile_expression(written, "k", tables, ValueError).find(person, top).value

    assert read("@d") == "ex why"
    assert read("@e") is None
