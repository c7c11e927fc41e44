"""The glossary holds the Swedish legal terms of the code: all of them and no others."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("hub", "adapters", "consent", "mappings")
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
SECTION = re.compile(r"([A-Za-z]+) \d+(?::\d+)?")
ACT = re.compile(r"^\| ([A-Za-z]+) \| [^|]+ \| \d{4}:\d+ \|$", re.MULTILINE)
# How Swedish words of this field begin; a part of an identifier that begins so is one of them.
SWEDISH = re.compile(
    r"(?:vard|omsorg|sparr|samtyck|namnd|kommun|regim(?!e)|insats|intyg|forsakr|utredn|tillsyn|forskn"
    r"|kvalitet|sekretess|skyddad|fingera|folkbok|gallr|hemtj|hemsjuk|genomforande|beslut|mening"
    r"|ombud|vardnad|huvudman|enskild|brukare|personnummer|samordning|reservnummer|godman)"
)


@pytest.fixture(scope="module")
def rows(root: Path) -> list[tuple[str, str, str, str]]:
    found = ROW.findall((root / "docs" / "glossary.md").read_text(encoding="utf-8"))
    assert found
    return found


def _python(root: Path) -> Iterator[tuple[Path, ast.AST]]:
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield what the code itself names: classes, functions, arguments, variables, attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]


def test_each_term_is_ascii_and_cites_an_act_of_the_list(
    root: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    acts = set(ACT.findall((root / "docs" / "glossary.md").read_text(encoding="utf-8")))
    terms = [term for term, *_ in rows]
    assert terms == sorted(set(terms))
    for term, _, _, where in rows:
        assert re.fullmatch(r"[a-z_]+", term), term
        section = SECTION.fullmatch(where)
        assert section, f"{term}: {where}"
        assert section[1] in acts, f"{term}: {where}"


def test_each_term_is_used_in_the_code(root: Path, rows: list[tuple[str, str, str, str]]) -> None:
    words = {
        word
        for _, tree in _python(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in [node.value, *node.value.split("_")]
    }
    words |= {word for _, tree in _python(root) for name in _names(tree) for word in _words(name)}
    assert [term for term, *_ in rows if term not in words] == []


def test_each_swedish_word_in_an_identifier_is_explained(
    root: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    explained = {word for term, *_ in rows for word in [term, *term.split("_")]}
    found = {
        f"{word} ({path.relative_to(root)})"
        for path, tree in _python(root)
        for name in _names(tree)
        for word in _words(name)
        if SWEDISH.match(word) and word not in explained
    }
    assert sorted(found) == []
