"""A made municipal export of any number of invented persons, in five forms, written as it is made.

Each person has two decisions (one of them refused) and some notes. The tests that need a large
export make it here too. Personnummer are of Skatteverket's test series.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

FORMS = ("json", "json_flat", "xml", "xml_flat", "delimited")
ADAPTER = {
    "json": "json_export",
    "json_flat": "json_export",
    "xml": "xml_export",
    "xml_flat": "xml_export",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What an export is to hold. `hidden` stands in each person's case that is out of scope."""

    persons: int
    notes: int = 5
    text: str = "Lugn kväll."
    hidden: str | None = None
    first: int = 0
    changes: Mapping[str, object] = field(default_factory=dict)


def number(index: int) -> str:
    """Return a test number (serial 238 or 239) of twelve digits with a right check digit."""
    day, rest = index % 28 + 1, index // 28
    month, rest = rest % 12 + 1, rest // 12
    year, serial = 1900 + rest % 120, 980 + rest // 120 % 20
    nine = f"{year % 100:02d}{month:02d}{day:02d}{serial}"
    doubled = [int(sign) * (2 - place % 2) for place, sign in enumerate(nine)]
    check = -sum(each // 10 + each % 10 for each in doubled) % 10
    return f"{year}{month:02d}{day:02d}{serial}{check}"


def write(path: Path, form: str, made: Made) -> Path:
    """Write an export and return its path: a file, or the folder of files that belong together."""
    if form == "delimited":
        path.mkdir()
        _delimited(path, made)
        return path
    with path.open("w", encoding="utf-8") as file:
        for piece in _WRITTEN[form](made):
            file.write(piece)
    return path


def profile(form: str) -> dict[str, Any]:
    """Return the profile that an export of a form is read with."""
    return json.loads(json.dumps(PROFILES[form]))  # type: ignore[no-any-return]


def _decisions(index: int) -> Iterator[dict[str, object]]:
    for n, outcome in enumerate("BA"):
        yield {
            "nr": 2 * index + n,
            "datum": "2026-02-16",
            "lagrum": "SoL 11:1",
            "utfall": outcome,
            "insats": "HT",
            "grupp": "A",
        }


def _notes(index: int, made: Made) -> Iterator[dict[str, object]]:
    for n in range(made.notes):
        time = f"2026-02-{n % 27 + 1:02d} 21:10"
        nr = made.notes * index + n
        yield {"nr": nr, "tid": time, "text": made.text, "grupp": "A"}
    if made.hidden is not None:
        hidden = f"{made.hidden}-{index}"
        yield {"nr": f"x{index}", "tid": "2026-02-19 21:10", "text": hidden, "grupp": "E"}


def _indexes(made: Made) -> range:
    return range(made.first, made.first + made.persons)


def _person(index: int) -> dict[str, object]:
    return {"id": index, "pnr": number(index), "namn": f"Person {index}"}


def _json(made: Made) -> Iterator[str]:
    yield '{"klienter": [\n'
    for index in _indexes(made):
        row = {
            **_person(index),
            "beslut": list(_decisions(index)),
            "notat": list(_notes(index, made)),
        }
        comma = ",\n" if index > made.first else ""
        yield comma + json.dumps(row, ensure_ascii=False)
    yield "\n]}\n"


def _json_flat(made: Made) -> Iterator[str]:
    yield '{"notat": [\n'
    yield from _rows({**row, "klient": i} for i in _indexes(made) for row in _notes(i, made))
    yield '\n], "klienter": [\n'
    yield from _rows(_person(index) for index in _indexes(made))
    yield '\n], "beslut": [\n'
    yield from _rows({**row, "klient": i} for i in _indexes(made) for row in _decisions(i))
    yield "\n]}\n"


def _rows(rows: Iterator[dict[str, object]]) -> Iterator[str]:
    for number_, row in enumerate(rows):
        yield (",\n" if number_ else "") + json.dumps(row, ensure_ascii=False)


def _xml(made: Made) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<Uttag xmlns="urn:made"><klienter>\n'
    for index in _indexes(made):
        yield f"<klient{_attributes(_person(index))}>"
        for row in _decisions(index):
            yield f"<beslut{_attributes(row)}/>"
        for row in _notes(index, made):
            text = escape(str(row.pop("text")))
            yield f"<notat{_attributes(row)}><text>{text}</text></notat>"
        yield "</klient>\n"
    yield "</klienter></Uttag>\n"


def _xml_flat(made: Made) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<Uttag xmlns="urn:made">\n'
    for index in _indexes(made):
        for row in _notes(index, made):
            text = escape(str(row.pop("text")))
            yield f'<notat klient="{index}"{_attributes(row)}><text>{text}</text></notat>\n'
    for index in _indexes(made):
        yield f"<klienter{_attributes(_person(index))}/>\n"
    for index in _indexes(made):
        for row in _decisions(index):
            yield f'<beslut klient="{index}"{_attributes(row)}/>\n'
    yield "</Uttag>\n"


_WRITTEN = {"json": _json, "json_flat": _json_flat, "xml": _xml, "xml_flat": _xml_flat}


def _attributes(row: Mapping[str, object]) -> str:
    return "".join(f' {name}="{value}"' for name, value in row.items())


def _delimited(folder: Path, made: Made) -> None:
    tables: dict[str, Iterator[dict[str, object]]] = {
        "klienter": (_person(index) for index in _indexes(made)),
        "beslut": ({**row, "klient": i} for i in _indexes(made) for row in _decisions(i)),
        "notat": ({**row, "klient": i} for i in _indexes(made) for row in _notes(i, made)),
    }
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="windows-1252", newline="") as file:
            for n, row in enumerate(rows):
                if n == 0:
                    file.write(";".join(row) + "\r\n")
                file.write(";".join(str(value) for value in row.values()) + "\r\n")


def _made_profile(form: str, **more: object) -> dict[str, object]:
    return {
        "profile": f"made_{form}",
        "every": {
            "owner": {"value": "N"},
            "unit": {"value": "N"},
            "recipient": {"from": "@grupp", "codes": {"A": "older", "E": "out"}},
            "service": {"value": "SoL 8:1"},
        },
        "person": {"each": "klienter", "number": "@pnr", "name": "@namn"},
        "records": [
            {
                "concept": "decision",
                "each": "beslut",
                "id": "@nr",
                "date": "@datum",
                "law": "@lagrum",
                "outcome": {"from": "@utfall", "codes": {"B": "granted", "A": "refused"}},
                "groups": {
                    "service": {
                        "each": ".",
                        "id": "@nr",
                        "type": {"from": "@insats", "codes": {"HT": "home_help"}},
                    }
                },
            },
            {"concept": "note", "each": "notat", "id": "@nr", "time": "@tid", "text": "text"},
        ],
        "left_out": [
            {"path": "@id", "because": "A number of the system"},
            {"path": "beslut/@grupp", "because": "Says who it is for"},
            {"path": "notat/@grupp", "because": "Says who it is for"},
        ],
        **more,
    }


_JOINS = {table: {"under": "klienter", "on": {"klient": "id"}} for table in ("beslut", "notat")}
_FILES = {
    table: {"name": f"{table}*.csv", "delimiter": ";", "encoding": "windows-1252"}
    for table in ("klienter", "beslut", "notat")
}
PROFILES: Mapping[str, Mapping[str, object]] = {
    "json": _made_profile("json", format="json"),
    "json_flat": _made_profile("json_flat", format="json", joins=_JOINS),
    "xml": _made_profile(
        "xml",
        format="xml",
        root="Uttag",
        person={"each": "klienter/klient", "number": "@pnr", "name": "@namn"},
    ),
    "xml_flat": _made_profile("xml_flat", format="xml", root="Uttag", joins=_JOINS),
    "delimited": _made_profile("delimited", format="delimited", joins=_JOINS, files=_FILES),
}
