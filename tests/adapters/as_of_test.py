"""Where an export says of when it is beside its persons, it is found, whatever its size (P6).

A late export overwrites what is newer if this is not known.
"""

import io
import json
import zipfile
from datetime import datetime
from typing import Any

import pytest

from adapters.delimited.read import Delimited
from adapters.document import Adapter
from adapters.json_export.read import JsonExport
from adapters.xml_export.read import XmlExport
from mappings.source_profile import check

NUMBER = "194103122380"
EVERY = {"owner": {"value": "N"}, "recipient": {"value": "older"}, "service": {"value": "SoL 8:1"}}


def _profile(form: str, each: str, **more: object) -> dict[str, Any]:
    notes = {"concept": "note", "each": "notat", "id": "@nr", "time": "@tid", "text": "@text"}
    person = {"each": each, "number": "@pnr"}
    return {"profile": "t", "format": form, "every": EVERY, "person": person, **more} | {
        "records": [notes]
    }


NOTE = {"nr": 1, "tid": "2026-02-19 21:10", "text": "Lugnt."}
JSON = {"personer": [{"pnr": NUMBER, "notat": [NOTE]}], "uttag": {"tid": "2026-03-02"}}
XML = f"""<Uttag>
<Personer><P pnr="{NUMBER}"><notat nr="1" tid="2026-02-19" text="L"/></P></Personer>
<Om><Period><Till>2026-03-02</Till></Period></Om></Uttag>"""


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("personer.csv", f"id;pnr\n7;{NUMBER}\n")
        archive.writestr("notat.csv", "nr;person;tid;text\n1;7;2026-02-19;Lugnt.\n")
        archive.writestr("uttag.csv", "rader;tid\n2;2026-03-02\n")
    return made.getvalue()


FILES = {name: {"name": f"{name}.csv"} for name in ("personer", "notat", "uttag")}
JOINS = {"notat": {"under": "personer", "on": {"person": "id"}}}
CASES: dict[str, tuple[Adapter, bytes, dict[str, Any]]] = {
    "json": (JsonExport(), json.dumps(JSON).encode(), _profile("json", "personer")),
    "xml": (XmlExport(), XML.encode(), _profile("xml", "Personer/P", root="Uttag")),
    "csv": (Delimited(), _zip(), _profile("delimited", "personer", files=FILES, joins=JOINS)),
}
WHERE = [
    ("json", "/uttag/@tid"),
    ("json", "/uttag/tid"),
    ("xml", "/Om/Period/Till"),
    ("csv", "/uttag/@tid"),
]


@pytest.mark.parametrize(("form", "path"), WHERE)
def test_the_time_of_an_export_is_found_beside_its_persons(form: str, path: str) -> None:
    adapter, content, written = CASES[form]
    delivery = adapter.read(content, "natt", check({**written, "as_of": path}))
    assert delivery.as_of == datetime.fromisoformat("2026-03-02T00:00:00+01:00")
    assert "undescribed" not in {note.code for note in delivery.notes}
    (part,) = delivery.parts()
    # The same person's part is the same bytes every night.
    assert b"2026-03-02" not in part.raw
