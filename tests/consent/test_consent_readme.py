"""The table in consent/README.md is of the sections that there are, in the order of the walk."""

import re
from pathlib import Path

from consent.facts import READING
from consent.law import SECTIONS

FOLDER = Path(__file__).parents[2] / "consent"
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \| `([^`]+)` \|$", re.MULTILINE)


def test_the_table_names_every_section_and_where_it_stands() -> None:
    rows = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert [(row[0], row[1]) for row in rows] == [(s.citation, s.title) for s in SECTIONS]
    for citation, title, _, file in rows:
        source = (FOLDER / file).read_text(encoding="utf-8")
        assert f'"{citation}"' in source
        assert f'"{title}"' in source


def test_the_table_says_what_each_section_does() -> None:
    rows = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    for row, section in zip(rows, SECTIONS, strict=True):
        opened = {s.opens.value for s in section.steps if s.opens and s.of == READING}
        assert set(re.findall(r"opens (\w+)", row[2])) == opened
