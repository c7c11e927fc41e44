"""A record of a known form, and a message of such, give what is read element by element."""

import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rivta_support import outcome

from adapters.rivta import ADAPTER, forms, known_message
from mappings import tables
from mappings.forms import Forms

MESSAGES = Path(__file__).parent / "messages"
OTHER_VALUES = (
    "20240229",
    "20241027023000",
    "0",
    "true",
    "2,5",
    "  two\nlines ",
    "&lt;para&gt;a &amp;amp; b&lt;/para&gt;",
    "<![CDATA[<p>x > y</p>]]>",
    "1.2.752.129.2.1.4.1",
    "&#13;",
    "?",
    " ",
    "",
    "é&#x1F600;",
    "??",
    "a > b",
    "a ]]> b",
    "&#63;",
    "&#xA0;",
    "&#1;",
    "2<!-- a > b -->,5",
    "<![CDATA[ ]]>",
    "<![CDATA[<!-- a -->]]>",
    "<!-- <![CDATA[ -->1",
)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Forms:
    """Return the forms that are known: each is learned from the first record of it."""
    found = Forms(after=1, most=2000)
    monkeypatch.setattr(forms, "FORMS", found)
    monkeypatch.setattr(known_message, "_KNOWN", {})
    return found


DAMAGE = (
    b"<",
    b">",
    b"&",
    b"&#65;",
    b"&nbsp;",
    b"\x00",
    b"\x1f",
    b"\r\n",
    b"\xff",
    b"\xef\xbf\xbf",
    b"<!-- a -->",
    b"<!-- < -->",
    b"<!---->",
    b"<!-- a -- b -->",
    b"<!-- a --->",
    b"<!-- \x02 -->",
    b"<!--",
    b"\x01",
    b"\r",
    b"<![CDATA[ b ]]>",
    b"<![CDATA[ ]]>",
    b"<![CDATA[",
    b"<?p a?>",
    b"]]>",
    b"/>",
    b" a='>'",
    b"?",
    b" ",
)


def _changed(content: bytes) -> Iterator[bytes]:
    """Yield the message, messages with other values in some of its leaves, and damaged ones."""
    yield content
    place = random.Random(content)  # noqa: S311 - the same each time
    values = list(re.finditer(rb">([^<>]+)</", content))
    for _ in range(2):
        made = content
        for match in sorted(place.sample(values, min(3, len(values))), key=lambda m: -m.start()):
            value = place.choice(OTHER_VALUES).encode("utf-8")
            made = made[: match.start(1)] + value + made[match.end(1) :]
        yield made
    for _ in range(3):
        at = place.randrange(len(content))
        yield content[:at] + place.choice(DAMAGE) + content[at + place.randrange(2) :]


def _samples(shared: Path) -> Iterator[bytes]:
    for path in [*sorted(MESSAGES.glob("*.xml")), *sorted((shared / "rivta").rglob("*.xml"))]:
        yield path.read_bytes()


def test_what_is_known_by_its_form_comes_out_as_element_by_element(
    shared: Path, at_once: Forms, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = 0
    for content in _samples(shared):
        for each in _changed(content):
            known = [outcome(each) for _ in range(3)][-1]
            messages += known_message.known_message(each) is not None
            with monkeypatch.context() as unknown:
                unknown.setattr(forms, "FORMS", Forms(after=10**9))
                unknown.setattr(known_message, "_KNOWN", {})
                assert known == outcome(each)
    assert messages > 100
    used = {form.form.table.name for form in at_once.by_outline.values()}
    assert used == {each for each in tables.names() if each.startswith("rivta/")} - {
        "rivta/get_observations_1"  # its records stand within a group
    }


def test_a_form_is_learned_when_it_was_met_often_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Forms(after=3)
    monkeypatch.setattr(forms, "FORMS", found)
    content = (MESSAGES / "note_3.xml").read_bytes()
    for known in (0, 0, 1, 1):
        _read(content)
        assert len(found.by_outline) == known


def test_ever_new_forms_take_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Forms(after=1, most=4)
    monkeypatch.setattr(forms, "FORMS", found)
    content = (MESSAGES / "note_3.xml").read_bytes()
    for number in range(80):
        list(
            ADAPTER.read(
                content.replace(b"<d:body>", b"<d:body>" + b" " * number), "x", None
            ).parts()
        )
    assert len(found.by_outline) == 4
    assert len(found.met) <= 4 * 16


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<d:body>", b"<d:body>Tolvan Tolvansson "),
        (b"<d:body>", b'<d:body note="Tolvan Tolvansson">'),
        (b"<d:body>", b"<d:body><d:TolvanTolvansson>1</d:TolvanTolvansson>"),
        (b"<d:body>", b'<d:body xmlns:x="urn:Tolvan-Tolvansson">'),
        (b"</d:body>", b"<d:multimediaEntry/>Tolvan Tolvansson</d:body>"),
    ],
)
def test_no_word_of_a_document_is_kept(at_once: Forms, old: bytes, new: bytes) -> None:
    content = (MESSAGES / "note_3.xml").read_bytes().replace(old, new)
    assert b"Tolvansson" in content
    _read(content)
    assert "Tolvan" not in repr(at_once.by_outline)


def test_a_known_form_holds_no_value(at_once: Forms) -> None:
    content = (MESSAGES / "note_3.xml").read_bytes()
    _read(content)
    (outline,) = at_once.by_outline
    for value in re.findall(r">([^<>\s][^<>]+)</", content.decode()):
        assert value not in outline


def _read(content: bytes) -> None:
    list(ADAPTER.read(content, "x", None).parts())


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"OK<", b"INFO<"),
        (b"<r:result>", b"<r:hasMore>true</r:hasMore><r:result>"),
        (b"Ylva", b"\x01"),
        (b"Ylva Testgren", b"\x00"),
        (b"Ylva", b"&nbsp;"),
        (b"Ylva Testgren", b"<!-- a -->"),
        (b"Ylva", b"<!-- a -- b -->Ylva"),
        (b"Ylva", b"<!-- a --->Ylva"),
        (b"Ylva", b"&<!-- a -->amp; Ylva"),
        (b"Ylva", b"&#x<![CDATA[41;]]>Ylva"),
        (b"Ylva", b"<!-- \x02 -->Ylva"),
        (b"Ylva", b"\x01Ylva"),
        (b"Ylva", b"Ylva ]]>"),
        (b"Ylva", b"<![CDATA[ ]]>"),
        (b"Ylva Testgren", b"&#63;"),
        (b"Ylva Testgren", b"&#xA0;"),
        (b"Ylva", b"&#0;"),
        (b"Ylva", b"&#x110000;"),
        (b"<d:body>", b"<d:body<!-- a -->>"),
        (b"<?xml", b"<!-- a --><?xml"),
        (b"</s:Envelope>", b"</s:Envelope><![CDATA[ ]]>"),
        (b"</s:Envelope>", b"</s:Envelope><![CDATA[a]]>"),
        (b"Ylva", b"\xff"),
        (b"</d:body>", b"</d:body >"),
        (b"</s:Body>", b""),
    ],
)
def test_a_message_is_known_by_everything_but_its_values(old: bytes, new: bytes) -> None:
    content = (MESSAGES / "note_3.xml").read_bytes()
    for _ in range(3):
        _read(content)
    assert known_message.known_message(content.replace(b"Ylva", b"Tolvan &amp; &lt;")) is not None
    assert old in content
    assert known_message.known_message(content.replace(old, new)) is None


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Ylva", b"Yl<!-- a > b --><!-- <c> -->va"),
        (b"Ylva", b"<![CDATA[<p>Ylva &amp; Ek</p> ]] -->]]>"),
        (b"Ylva", b"Ylva > Tolvan"),
        (b"Ylva", b"&#89;lva &quot;&#x1F600;&quot;"),
        (b"\n", b"\r\n"),
        (b"<d:body>", b"<!-- Optional: --><d:body><!--\n\ta-b\r\n-->"),
        (b"</s:Envelope>", b"</s:Envelope><!-- a -->"),
    ],
)
def test_what_xml_lets_be_written_in_several_ways_is_known_in_each(old: bytes, new: bytes) -> None:
    content = (MESSAGES / "note_3.xml").read_bytes()
    for _ in range(3):
        _read(content)
    assert old in content
    assert known_message.known_message(content.replace(old, new)) is not None
    quick = outcome(content.replace(old, new))
    known_message._KNOWN.clear()
    forms.FORMS.by_outline.clear()
    assert quick == outcome(content.replace(old, new))


ENDLESS = """
from adapters.rivta.normalised import normalised
for piece in {pieces}:
    normalised("<a>" + piece * 300_000 + "</a>")
"""


def test_no_text_takes_longer_than_it_is_long() -> None:
    pieces = [
        "<![CDATA[",
        "]]><![CDATA[",
        "<!--",
        "<!---->",
        "<!---->&",
        "&<!---->",
        "<!---->&a",
        ">",
    ]
    command = [sys.executable, "-c", ENDLESS.format(pieces=pieces)]
    subprocess.run(command, check=True, timeout=60)  # each takes a second at most


@pytest.mark.parametrize(("first", "then"), [(b"DIA-1", b"DIA-2"), (b"DIA-2", b"DIA-1")])
def test_what_stands_twice_in_a_header_is_compared_in_each_record(
    at_once: Forms, first: bytes, then: bytes
) -> None:
    message = (MESSAGES / "diagnosis.xml").read_bytes()
    stands = b"<d:documentId>%s</d:documentId>"

    def twice(other: bytes) -> bytes:
        once = stands % b"DIA-1"
        assert once in message
        return message.replace(once, once + stands % other, 1)

    for _ in range(3):
        _read(twice(first))
    assert at_once.by_outline
    quick = outcome(twice(then))
    at_once.by_outline.clear()
    known_message._KNOWN.clear()
    assert quick == outcome(twice(then))


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<d:logId>1<", b"<d:logId>&nbsp;<"),
        (b"OK<", b"E&#82;ROR<"),
        (b"<r:diagnosis>", b"\x0c<r:diagnosis>"),
        (b"<r:diagnosis>", b"&nbsp;<r:diagnosis>"),
    ],
)
def test_what_stands_around_the_records_is_xml(old: bytes, new: bytes) -> None:
    code = b"<d:resultCode>OK</d:resultCode>"
    content = (MESSAGES / "diagnosis_same_id_twice.xml").read_bytes()
    content = content.replace(code, code + b"<d:logId>1</d:logId>")
    for _ in range(3):
        _read(content)
    assert known_message.known_message(content) is not None
    head, found, rest = content.rpartition(old)
    assert found
    assert known_message.known_message(head + new + rest) is None


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("name", [b"hasMore", b"HASMORE"])
def test_an_answer_that_says_to_be_whole_is_known_and_one_that_says_more_is_not(
    monkeypatch: pytest.MonkeyPatch, name: bytes
) -> None:
    message = (MESSAGES / "note_3.xml").read_bytes()

    def saying(*values: bytes) -> bytes:
        said = b"".join(b"<r:%s>%s</r:%s>" % (name, each, name) for each in values)
        return message.replace(b"<r:result>", said + b"<r:result>")

    for _ in range(3):
        _read(saying(b"false"))
        _read(saying(b"false", b"no"))
    for value in (b"false", b"0", b" FALSE ", b"no"):
        assert known_message.known_message(saying(value)) is not None
        assert known_message.known_message(saying(b"0", value)) is not None
        assert known_message.known_message(saying(b"0", value, b"1")) is None
    for value in (b"true", b"1", b" TRUE\n", b"tru&#101;", b"<r:x>0</r:x>", b"<!-- -->true", b""):
        assert known_message.known_message(saying(value)) is None
        assert known_message.known_message(saying(b"0", value)) is None
        quick = outcome(saying(value))
        with monkeypatch.context() as unknown:
            unknown.setattr(known_message, "_KNOWN", {})
            assert quick == outcome(saying(value))
        told = {each.code for each in ADAPTER.read(saying(value), "x", None).notes}
        assert ("has-more" in told) == (value != b"")


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<d:resultCode>", b"<d:resultCode >"),
        (b"<d:resultCode>", b'<d:resultCode xmlns:x="urn:riv:x">'),
        (b"<r:result>", b'<r:hasMore xmlns:x="urn:riv:x">false</r:hasMore><r:result>'),
        (b"<r:result>", b"<r:hasMore\n>false</r:hasMore><r:result>"),
    ],
)
def test_what_must_be_asked_is_found_however_its_tag_is_written(old: bytes, new: bytes) -> None:
    content = (MESSAGES / "note_3.xml").read_bytes().replace(old, new)
    for _ in range(3):
        _read(content)
    assert known_message.known_message(content) is not None
    other = content.replace(b">OK<", b">ERROR<").replace(b">false<", b">true<")
    assert known_message.known_message(content.replace(b">OK<", b">ERROR<")) is None
    assert known_message.known_message(other) is None
    assert ADAPTER.read(other, "x", None).notes


@pytest.mark.usefixtures("at_once")
def test_a_system_that_was_not_reached_is_told_of_wherever_that_stands() -> None:
    status = (
        b"<s:Header><a:ProcessingStatusList xmlns:a='urn:riv:a'><a:statusCode>DataFromSource"
        b"</a:statusCode></a:ProcessingStatusList></s:Header></s:Envelope>"
    ).replace(b"'", b'"')
    content = (MESSAGES / "note_3.xml").read_bytes().replace(b"</s:Envelope>", status)
    for _ in range(3):
        _read(content)
    other = content.replace(b"DataFromSource", b"NoDataSynchFailed")
    assert {note.code for note in ADAPTER.read(other, "x", None).notes} == {"not-reached"}


@pytest.mark.usefixtures("at_once")
def test_a_result_that_is_said_twice_is_read_the_long_way() -> None:
    code = b"<d:resultCode>OK</d:resultCode>"
    content = (MESSAGES / "note_3.xml").read_bytes().replace(code, code + code)
    for _ in range(3):
        _read(content)
    assert known_message.known_message(content) is None


def test_known_messages_are_dropped_when_they_are_much(
    at_once: Forms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_message, "MOST", 6)
    content = (MESSAGES / "note_3.xml").read_bytes()
    for number in range(20):
        other = content.replace(b"<d:body>", b"<d:body>" + b" " * number)
        for _ in range(2):
            _read(other)
        held = known_message._KNOWN.values()
        assert sum(len(each.records) + len(each.ends) for each in held) <= 8
    assert len(at_once.by_outline) == 20
