"""The demo's documents: valid by the contracts' schemas, about nobody real, and of every kind."""

import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from hub.config.sources_file import read_sources
from hub.demo.load import DATA, DOCUMENTS, fill
from hub.store.connect import Store
from mappings.personal_identity import NotAnIdentity, normalise

DESCRIPTION = "clinicalprocess_healthcond_description"
SCHEMAS = {
    "care_documentation_2_1": f"legacy/{DESCRIPTION}_2.1.1/schemas/interactions/"
    "GetCareDocumentationInteraction/GetCareDocumentationResponder_2.1.xsd",
    "care_documentation_3_0": f"{DESCRIPTION}_3.0.5/schemas/interactions/"
    "GetCareDocumentationInteraction/GetCareDocumentationResponder_3.0.xsd",
    "diagnosis_2_0": f"{DESCRIPTION}_3.0.5/schemas/interactions/"
    "GetDiagnosisInteraction/GetDiagnosisResponder_2.0.xsd",
    "medication_history_2_2": "clinicalprocess_activityprescription_actoutcome_2.2.1/schemas/"
    "interactions/GetMedicationHistoryInteraction/GetMedicationHistoryResponder_2.2.xsd",
    "care_plans_2_0": "clinicalprocess_logistics_logistics_3.0.13/schemas/interactions/"
    "GetCarePlansInteraction/GetCarePlansResponder_2.0.xsd",
}
FOLDER = DATA / DOCUMENTS
ALL = sorted(path for path in FOLDER.rglob("*") if path.is_file())
ANSWERS = [path for path in ALL if path.parent.name != "ekbacka-sol"]
NUMBER = re.compile(r"(?<![\d.-])(?:\d{8}|\d{6})[-+]?\d{4}(?![\d.-])")
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"


def _name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def _answer(path: Path) -> etree._Element:
    body = etree.parse(path).getroot().find(BODY)
    assert body is not None
    # Read anew: a schema wants the answer as a document of its own.
    return etree.fromstring(etree.tostring(body[0], with_tail=False))


def _texts(name: str) -> list[str]:
    """The texts of every element of a local name, in all documents."""
    return [
        element.text or ""
        for path in ANSWERS
        for element in _answer(path).iter(f"{{*}}{name}")
        if isinstance(element.tag, str)
    ]


@pytest.mark.parametrize("path", ANSWERS, ids=_name)
def test_every_rivta_answer_is_valid_by_its_contracts_schema(path: Path, shared: Path) -> None:
    contract = next(name for name in SCHEMAS if path.stem.startswith(name))
    schema = etree.XMLSchema(etree.parse(shared / "rivta" / SCHEMAS[contract]))
    schema.assertValid(etree.ElementTree(_answer(path)))


def test_there_is_an_answer_of_each_contract() -> None:
    stems = {path.stem for path in ANSWERS}
    assert stems >= set(SCHEMAS)


def test_every_folder_is_a_source() -> None:
    sources = {source.id for source in read_sources(DATA / "sources.yaml")}
    assert {path.parent.name for path in ALL} == sources


def _numbers() -> Iterator[tuple[str, str]]:
    for path in sorted(each for each in DATA.rglob("*") if each.is_file()):
        for match in NUMBER.finditer(path.read_text(encoding="utf-8")):
            yield path.name, match[0]


def test_nobody_in_the_demo_is_real() -> None:
    found = 0
    for file, number in _numbers():
        try:
            identity = normalise(number, None, date(2026, 11, 22))
        except NotAnIdentity:
            continue
        found += 1
        assert identity.warnings == ("test-number",), file
    assert found > 20


def test_what_the_readers_differ_by_is_there() -> None:
    assert "false" in _texts("approvedForPatient")
    notes = _texts("clinicalDocumentNoteText")
    assert any("docbook.org" in note for note in notes)
    signed = len(_texts("legalAuthenticator")) + len(_texts("signature"))
    headers = len(_texts("approvedForPatient"))
    assert signed == headers - 1
    assert "SIP" in _texts("typeOfCarePlanEnum")
    export = (FOLDER / "ekbacka-sol" / "export.xml").read_text(encoding="utf-8")
    for word in ("BIFALL", "AVSLAG", "Genomforandeplan", "Anteckning", "EKONOMISKT_BISTAND"):
        assert word in export


def _kept(path: Path) -> bytes:
    """Everything that a store's file holds, with compressed values unpacked."""
    pieces: list[bytes] = []
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # our tables
                pieces += [_unpacked(value) for value in row]
    return b"\n".join(pieces)


def _unpacked(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def test_nothing_of_financial_aid_or_of_what_is_not_shared_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "samvy.db"
    store = Store(f"sqlite:///{path}")
    fill(store, DATA, lambda files, _text, _total: files)
    store.close()
    kept = _kept(path)
    export = (FOLDER / "ekbacka-sol" / "export.xml").read_text(encoding="utf-8")
    assert "Första duschen".encode() in kept
    for word in ("glasögon", "EKONOMISKT", "FORSORJNINGSSTOD", "Hallin", "som inte ska delas"):
        assert word in export
        assert word.encode() not in kept, word
