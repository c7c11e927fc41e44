"""A made municipal export of any number of invented persons, for measuring."""

import json
from collections.abc import Iterator


def number(index: int) -> str:
    """Return a test number (serial 238 or 239) of twelve digits with a right check digit."""
    day, rest = index % 28 + 1, index // 28
    month, rest = rest % 12 + 1, rest // 12
    year, serial = 1900 + rest % 120, 980 + rest // 120 % 20
    nine = f"{year % 100:02d}{month:02d}{day:02d}{serial}"
    doubled = [int(sign) * (2 - place % 2) for place, sign in enumerate(nine)]
    check = -sum(each // 10 + each % 10 for each in doubled) % 10
    return f"{year}{month:02d}{day:02d}{serial}{check}"


def export(persons: int) -> bytes:
    """Return nested JSON with decisions and notes for each person."""
    return json.dumps({"klienter": list(_persons(persons))}, ensure_ascii=False).encode()


def _persons(persons: int) -> Iterator[dict[str, object]]:
    for index in range(persons):
        decisions = [
            {"nr": n, "datum": "2026-02-16", "lagrum": "SoL 11:1", "utfall": "B", "insats": "HT"}
            for n in range(2)
        ]
        notes = [{"nr": n, "tid": "2026-02-19 21:10", "text": "Lugn kväll."} for n in range(5)]
        yield {"pnr": number(index), "namn": f"Person {index}", "beslut": decisions, "notat": notes}


PROFILE = {
    "profile": "made",
    "format": "json",
    "every": {
        "owner": {"value": "N"},
        "unit": {"value": "N"},
        "recipient": {"value": "older"},
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
            "outcome": {"from": "@utfall", "codes": {"B": "granted"}},
            "groups": {
                "service": {
                    "each": ".",
                    "id": "@nr",
                    "type": {"from": "@insats", "codes": {"HT": "home_help"}},
                }
            },
        },
        {"concept": "note", "each": "notat", "id": "@nr", "time": "@tid", "text": "@text"},
    ],
}
