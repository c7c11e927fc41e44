"""Descriptions of the hub itself, read and searched: its operations and its profiles.

Source: FHIR R4 operationdefinition.html, structuredefinition.html. They say nothing about any
person and need no consent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.errors import NotFound

Json = Mapping[str, Any]


def read_described(every: Iterable[Json], number: str) -> Answer:
    """Return one description.

    Raises:
        NotFound: there is none of that id.
    """
    for each in every:
        if each["id"] == number:
            return Answer(200, msgspec.json.encode(each))
    raise NotFound


def search_described(call: Call, kind: str, every: Iterable[Json], names: Iterable[str]) -> Answer:
    """Return every description that has what is asked for, by these elements or by its id."""
    found = list(every)
    for name, key in (*((each, each) for each in names), ("_id", "id")):
        wanted = call.values(name)
        found = [each for each in found if not wanted or str(each[key]) in wanted]
    bodies = [msgspec.json.encode(each) for each in found]
    url = f"{call.fhir_root}/{kind}"
    return Answer(200, searchset(call.fhir_root, bodies, [("self", url)], len(bodies)))
