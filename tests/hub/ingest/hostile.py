"""Documents that somebody sends to do harm, or that are no documents at all."""

import gzip
import io
import zipfile

from tests.hub.ingest.documents import Doc, diagnoses

_ANSWER = diagnoses(Doc())
_BODY = _ANSWER.partition(b"?>")[2]
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def _with_doctype(doctype: str, text: str = "Hypertoni") -> bytes:
    return _DECLARATION + doctype.encode() + _BODY.replace(b"Hypertoni", text.encode())


def _bomb() -> str:
    entities = "".join(
        f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 12)
    )
    return f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("answer.xml", b"<a/>" + b" " * 20_000_000)
    return file.getvalue()


HOSTILE = {
    "doctype": _with_doctype("<!DOCTYPE x>"),
    "external-entity": _with_doctype(
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "&e;"
    ),
    "external-dtd": _with_doctype('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "parameter-entity": _with_doctype(
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>'
    ),
    "entity-bomb": _with_doctype(_bomb(), "&e11;"),
    "doctype-after-comments": _with_doctype(f"<!-- {'x' * 9000} --><!DOCTYPE x>"),
    "deep": b"<a>" * 100_000 + b"</a>" * 100_000,
    "other-encoding": _ANSWER.replace(b'"UTF-8"', b'"UTF-7"'),
    "utf-32": _BODY.decode().encode("utf-32"),
}
"""Could do harm: refused, and nothing of it is kept."""

UNREADABLE = {
    "empty": b"",
    "blank": b" \n ",
    "binary": bytes(range(256)) * 64,
    "zip": _zip(),
    "gzip": gzip.compress(_ANSWER),
    "cut": _ANSWER[:-50],
    "not-in-its-encoding": _ANSWER.replace(b"Hypertoni", b"\xff\xfe\xff"),
    "nul": _ANSWER.replace(b"Hypertoni", b"Hyper\x00toni"),
    "unknown-entity": _ANSWER.replace(b"Hypertoni", b"&nosuch;"),
    "text": b"Hej, kan ni ta emot detta?",
    "json": b'{"resourceType": "Bundle"}',
}
"""Cannot be read: kept whole, with the reason."""

HUGE_ATTRIBUTE = _ANSWER.replace(b"<r:diagnosis>", b'<r:diagnosis x="' + b"y" * 11_000_000 + b'">')
"""Longer than any value may be."""
