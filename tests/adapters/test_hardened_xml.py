"""XML that a stranger sent: refused without harm where it could do harm, and never quoted."""

import pytest

from adapters.document import Unreadable
from adapters.hardened_xml import Limits, parse

SECRET = "193803142383"

HOSTILE = {
    "doctype": b"<!DOCTYPE a><a/>",
    "doctype after a comment": b"<?xml version='1.0'?><!-- x --><?y z?>\n<!DOCTYPE a><a/>",
    "doctype after a long comment": b"<!--" + b"x" * 9000 + b"--><!DOCTYPE a><a/>",
    "doctype after a mark": b"\xef\xbb\xbf<!DOCTYPE a><a/>",
    "doctype in utf-16": "<!DOCTYPE a><a/>".encode("utf-16"),
    "doctype in utf-16 without a mark": "<!DOCTYPE a><a/>".encode("utf-16-le"),
    "doctype in utf-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-<a/>",
    "encoding of another world": b"<?xml version='1.0' encoding='IBM037'?><a/>",
    "utf-32": "<a/>".encode("utf-32-le"),
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external dtd": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "entity bomb": b'<!DOCTYPE a [<!ENTITY x "xxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;">]>'
    b"<a>&y;&y;</a>",
    "parameter entity": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]><a/>',
    "entity beside a doctype": b"<!DOCTYPE a><a>&secret;</a>",
    "depth": b"<a>" * 400 + b"</a>" * 400,
    "long text": b"<a>" + b"x" * 10_500_000 + b"</a>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_is_refused(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(HOSTILE[name])
    assert caught.value.hostile


def test_too_large_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Unreadable) as caught:
        parse(b"<a>" + b"x" * 200, limits=Limits(size=100))
    assert caught.value.hostile
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-xml"),
        (b"   ", "not-xml"),
        (b"no xml at all", "not-xml"),
        (b"<a><b></a>", "not-well-formed"),
        (b"<a>\n\n<b>" + SECRET.encode(), "not-well-formed"),
        (b"<a>\x00</a>", "not-well-formed"),
        (b"<a>Anna & Bo</a>", "unknown-entity"),
        (b"<a>Hb 90&nbsp;g/L</a>", "unknown-entity"),
        (b"<a>AT&T</a>", "unknown-entity"),
        (b"<a b='&secret;'/>", "unknown-entity"),
        (b"<?xml version='1.0' encoding='UTF-8'?><a>\xe5\xe4\xf6</a>", "wrong-encoding"),
        ("<?xml version='1.0' encoding='UTF-8'?><a/>".encode("utf-16"), "wrong-encoding"),
    ],
)
def test_damaged_document_says_what_is_wrong(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(content)
    assert caught.value.code == code
    assert not caught.value.hostile
    assert caught.value.place.startswith("line ")


def test_the_line_is_told_and_the_content_is_not() -> None:
    with pytest.raises(Unreadable) as caught:
        parse(f"<a>\n<{SECRET}x>\n<b>{SECRET}</c>".encode())
    assert caught.value.place == "line 2"
    with pytest.raises(Unreadable) as caught:
        parse(f"<a><b{SECRET}></c></a>".encode())
    assert SECRET not in str(caught.value)
    with pytest.raises(Unreadable) as caught:
        parse(f"<a>\n<b x='{SECRET}' x='{SECRET}'/>{SECRET}</a>".encode())
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><a>\xc3\xa5</a>",
        b"\n  <?xml version='1.0'?><a>\xc3\xa5</a>",
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe5</a>",
        b"<?xml version='1.0' encoding='windows-1252'?><a>\xe5</a>",
        "<?xml version='1.0' encoding='UTF-16'?><a>å</a>".encode("utf-16"),
        "<a>å</a>".encode("utf-16-be"),
        "<!-- <!DOCTYPE a> --><a>å</a>".encode(),
        "<?pi <!DOCTYPE a> ?><a><!-- x -->å<!-- y --></a>".encode(),
    ],
)
def test_what_is_harmless_is_read(content: bytes) -> None:
    assert parse(content).text == "å"


def test_doctype_as_text_is_text() -> None:
    assert parse(b"<a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"
