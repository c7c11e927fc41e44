"""The named transforms: source values in, FHIR values out, and what they say about odd ones."""

from base64 import b64decode
from decimal import Decimal
from typing import Any

import pytest

from mappings import transforms as transforms  # noqa: PLC0414 - importing registers them
from mappings.engine import Context, Frame
from mappings.transforms.registry import REGISTRY

HSA = "urn:oid:1.2.752.29.4.19"


def _frame() -> Frame:
    return Frame(
        Context(
            patient="Patient/p",
            mint=lambda kind, place: f"{kind}{place}",
            identifier_system="urn:x:local",
            source="urn:x:s",
        )
    )


def _run(name: str, value: Any, **options: Any) -> tuple[Any, list[str]]:  # noqa: ANN401 - any value
    frame = _frame()
    made = REGISTRY[name].make(**options)(value, frame)
    return made, [note.code for note in frame.notes.values()]


def _cv(**parts: str) -> dict[str, str]:
    return parts


def test_there_are_about_twenty_and_each_says_what_it_does() -> None:
    assert 20 <= len(REGISTRY) <= 45
    assert all(each.doc for each in REGISTRY.values())


@pytest.mark.parametrize(
    ("name", "value", "options", "made", "notes"),
    [
        ("string", " a\x07b ", {}, "ab", []),
        ("string", "5 \x80 \x85 \x93bra\x94", {}, "5 € … “bra”", []),
        ("string", "?", {}, None, []),
        ("code", "a  b", {}, "a b", []),
        ("boolean", "true", {}, True, []),
        ("boolean", "0", {}, False, []),
        ("boolean", "ja", {"inverted": True}, False, []),
        ("boolean", "kanske", {}, None, ["not-boolean"]),
        ("integer", "12", {}, 12, []),
        ("integer", "0", {"lowest": 1}, None, ["not-a-number"]),
        ("decimal", "1,50", {}, Decimal("1.50"), []),
        ("decimal", "-0.1234567890123456789", {}, Decimal("-0.1234567890123456789"), []),
        ("decimal", "<5", {}, None, ["not-a-number"]),
        ("annotation", "x", {"label": "Om"}, {"text": "Om: x"}, []),
        ("labelled", "x", {"label": "Om"}, "Om: x", []),
        ("date_time", "20240715093000", {}, "2024-07-15T09:30:00+02:00", []),
        ("date_time", "1938", {}, "1938", []),
        ("date_time", "20240331023000", {}, "2024-03-31", ["impossible-time"]),
        ("date_time", "20241027023000", {}, "2024-10-27T02:30:00+02:00", ["ambiguous-time"]),
        ("date_time", "i fjol", {}, None, ["not-a-time"]),
        ("instant", "20240715", {}, None, ["not-an-instant"]),
        ("instant", "20240715093000", {}, "2024-07-15T09:30:00+02:00", []),
        ("date", "20240715093000", {}, "2024-07-15", []),
        ("period", {"start": "2024", "end": "202402"}, {}, {"start": "2024", "end": "2024-02"}, []),
        ("period", {"start": "?"}, {}, None, []),
        (
            "quantity",
            {"value": "1,5", "unit": "mg"},
            {},
            {"value": Decimal("1.5"), "unit": "mg"},
            [],
        ),
        ("quantity", {"value": "3", "unit": ""}, {}, {"value": Decimal(3)}, []),
        (
            "quantity",
            "22.5",
            {"unit": "h/month"},
            {"value": Decimal("22.5"), "unit": "h/month"},
            [],
        ),
        (
            "quantity",
            {"value": "3", "unit": "dagar"},
            {"as_duration": True},
            {
                "value": Decimal(3),
                "unit": "dagar",
                "system": "http://unitsofmeasure.org",
                "code": "d",
            },
            [],
        ),
        ("quantity", {"value": "neg"}, {}, None, ["not-a-number"]),
        (
            "interval",
            {"low": "1", "high": "2,0", "unit": "st"},
            {"shape": "Range"},
            {
                "low": {"value": Decimal(1), "unit": "st"},
                "high": {"value": Decimal("2.0"), "unit": "st"},
            },
            [],
        ),
        (
            "codeable_concept",
            _cv(code="I50.9", codeSystem="1.2.752.116.1.1.1.1.3", displayName="Hjärtsvikt"),
            {},
            {
                "coding": [
                    {"system": "https://www.icd10.se/", "code": "I50.9", "display": "Hjärtsvikt"}
                ],
                "text": "Hjärtsvikt",
            },
            [],
        ),
        ("codeable_concept", _cv(originalText="fritt"), {}, {"text": "fritt"}, []),
        (
            "codeable_concept",
            _cv(code="x", codeSystem="1.9.9.9"),
            {},
            {"coding": [{"system": "urn:oid:1.9.9.9", "code": "x"}]},
            [],
        ),
        (
            "codeable_concept",
            _cv(code="x", codeSystem="OID", displayName="d"),
            {},
            {"text": "d (x)"},
            ["no-code-system"],
        ),
        (
            "codeable_concept",
            _cv(code="x", codeSystem="344", codeSystemName="KV"),
            {},
            {"text": "x (KV)"},
            ["no-code-system"],
        ),
        (
            "codeable_concept",
            _cv(code="x", codeSystem="1.2.3.4"),
            {},
            {"text": "x"},
            ["no-code-system"],
        ),
        (
            "codeable_concept",
            _cv(code="73211009", codeSystem="1.2.752.116.2.1.1.1"),
            {},
            {
                "coding": [
                    {
                        "system": "http://snomed.info/sct",
                        "version": "http://snomed.info/sct/45991000052106",
                        "code": "73211009",
                    }
                ]
            },
            [],
        ),
        ("codeable_concept", _cv(code="?", codeSystem="1.2.752.116.1.1.1.1.3"), {}, None, []),
        ("coding", _cv(code="x", codeSystem="2"), {}, None, ["no-code-system"]),
        ("cv_text", _cv(code="x", codeSystemName="KV"), {}, "x (KV)", []),
        ("cv_text", _cv(code="x", codeSystem="PAL", displayName="d"), {}, "d (x)", []),
        ("cv_text", _cv(code="x", codeSystem="1.9.9.9", displayName="d"), {}, "d", []),
        ("code_map", "SIP", {"table": "care_plan_type", "shape": "code"}, "SIP", []),
        ("code_map", "huvuddiagnos", {"table": "diagnosis_type", "shape": "code"}, "HD", []),
        ("code_map", "nytt", {"table": "note_type"}, {"text": "nytt"}, ["unknown-code"]),
        (
            "identifier",
            {"root": "1.2.752.129.2.1.4.1", "extension": "se2329999990-0001"},
            {},
            {"system": HSA, "value": "SE2329999990-0001"},
            [],
        ),
        (
            "identifier",
            {"root": "5E1C0A52-3c2a-4a38-9f7a-93f6a9a4c001"},
            {},
            {
                "system": "urn:ietf:rfc:3986",
                "value": "urn:uuid:5e1c0a52-3c2a-4a38-9f7a-93f6a9a4c001",
            },
            [],
        ),
        (
            "identifier",
            {"root": "1.2.752.1.2.3"},
            {},
            {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.752.1.2.3"},
            [],
        ),
        ("identifier", {"root": "CC-1"}, {}, {"system": "urn:x:local", "value": "CC-1"}, []),
        (
            "identifier",
            {"root": "CC", "extension": "1"},
            {},
            {"system": "urn:x:local", "value": "CC/1"},
            [],
        ),
        (
            "identifier",
            {"root": "?", "extension": "1"},
            {},
            {"system": "urn:x:local", "value": "1"},
            [],
        ),
        ("identifier", {"root": "0", "extension": "?"}, {}, None, []),
        ("record_identifier", "D1", {}, {"system": "urn:x:local", "value": "D1"}, []),
        (
            "record_identifier",
            {"root": "D1", "extension": "?"},
            {},
            {"system": "urn:x:local", "value": "D1"},
            [],
        ),
        (
            "record_reference",
            "D1",
            {"type": "Encounter"},
            {"type": "Encounter", "identifier": {"system": "urn:x:local", "value": "D1"}},
            [],
        ),
        ("hsa_reference", "0", {}, None, []),
        (
            "hsa_reference",
            "enhet 7",
            {},
            {"type": "Organization", "identifier": {"system": "urn:x:local", "value": "enhet 7"}},
            [],
        ),
        (
            "professional",
            {"legalAuthenticatorName": "N"},
            {},
            {"type": "Practitioner", "display": "N"},
            [],
        ),
        ("org_unit", {"orgUnitHSAId": "?", "orgUnitName": "?"}, {}, None, []),
        (
            "attachment",
            {"mediaType": "image/png", "value": "aGVq\naGVq"},
            {},
            {"contentType": "image/png", "data": "aGVqaGVq"},
            [],
        ),
        (
            "attachment",
            {"mediaType": "image/png", "value": "not base64!"},
            {},
            None,
            ["damaged-attachment"],
        ),
        (
            "attachment",
            {"mediaType": "?", "reference": "https://x.test/1"},
            {},
            {"url": "https://x.test/1"},
            [],
        ),
    ],
)
def test_transform(
    name: str, value: object, options: dict[str, Any], made: object, notes: list[str]
) -> None:
    assert _run(name, value, **options) == (made, notes)


def _contents(text: str) -> list[tuple[str, str]]:
    made, _ = _run("text_content", text)
    return [
        (each["attachment"]["contentType"], b64decode(each["attachment"]["data"]).decode())
        for each in made
    ]


ARTICLE = (
    '<?xml version="1.0"?><article xmlns="http://docbook.org/ns/docbook" version="5.0">'
    "<info><title>Epikris</title></info><section><title>F</title><para>a &lt; b</para>"
    "<para>c<!-- x --> d</para></section></article>"
)


def test_docbook_is_read_as_text_and_kept_as_it_came() -> None:
    assert _contents(ARTICLE) == [
        ("text/plain; charset=utf-8", "Epikris\nF\na < b\nc d"),
        ("application/docbook+xml", ARTICLE),
    ]


def test_escaped_twice_is_docbook_too() -> None:
    escaped = ARTICLE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    (_, words), (media, kept) = _contents(escaped)
    assert words.startswith("Epikris")
    assert (media, kept) == ("application/docbook+xml", escaped)


def test_html_is_read_without_its_scripts() -> None:
    markup = "<div><p>Hej</p><script>alert(1)</script><p>d&#229;</p></div>"
    assert _contents(markup) == [("text/plain; charset=utf-8", "Hej\ndå"), ("text/html", markup)]


@pytest.mark.parametrize(
    "text",
    [
        "åäö<>><&",
        "<5 mmol/l",
        "<article><para>open",
        "<unknown>x</unknown>",
        "a < b > c",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><article>&x;</article>',
        "<article><!DOCTYPE x></article>",
    ],
)
def test_what_is_not_markup_is_plain_text(text: str) -> None:
    assert _contents(text) == [("text/plain; charset=utf-8", text)]
