"""A Binary as bytes: sent, read, refused, and hidden like anything else about its person.

Source: FHIR R4 binary.html#rest.
"""

import base64

import pytest

from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    OTHER_REGION,
    REGION_SYSTEM,
    WARD_DOCTOR,
    World,
    documented,
)

FHIR = "application/fhir+json"
PDF = b"%PDF-1.7\x00\xff\xfe bytes of any kind \r\n"


def _send(
    world: World, body: bytes = PDF, kind: str = "application/pdf", context: str | None = None
) -> Reply:
    context = f"Patient/{world.person()}" if context is None else context
    headers = {"X-Security-Context": context} if context else {}
    return world.post(REGION_SYSTEM, "/fhir/Binary", body, content_type=kind, headers=headers)


def test_bytes_are_given_back_as_they_were_sent(written_world: World) -> None:
    made = _send(written_world)
    assert made.status == 201, made.body
    assert made.json["contentType"] == "application/pdf"
    path = f"/fhir/Binary/{made.json['id']}"
    for accept in ("application/pdf", "application/*;q=0.1, application/pdf", "image/png, */pdf"):
        reply = written_world.get(WARD_DOCTOR, path, headers={"Accept": accept})
        assert (reply.status, reply.body) == (200, PDF), accept
        assert reply.headers["content-type"] == "application/pdf"
        assert reply.headers["content-security-policy"] == "sandbox"
        assert reply.headers["etag"] == 'W/"1"'
    version = f"{path}/_history/1"
    assert written_world.get(WARD_DOCTOR, version, headers={"Accept": "*/pdf"}).body == PDF
    head = written_world.http.send(
        "HEAD", path, {**written_world.headers(WARD_DOCTOR), "Accept": "application/pdf"}
    )
    assert (head.status, head.body, head.headers["content-type"]) == (200, b"", "application/pdf")


def test_fhir_is_given_to_whom_asks_for_it(written_world: World) -> None:
    path = f"/fhir/Binary/{_send(written_world).json['id']}"
    for accept in (FHIR, "*/*", "application/json", f"{FHIR}, application/pdf;q=0.5"):
        reply = written_world.get(WARD_DOCTOR, path, headers={"Accept": accept})
        assert base64.b64decode(reply.json["data"]) == PDF
    xml = written_world.get(WARD_DOCTOR, path, {"_format": "xml"}, headers={"Accept": "image/png"})
    assert xml.body.startswith(b"<?xml")
    other = written_world.get(WARD_DOCTOR, path, headers={"Accept": "image/png"})
    assert (other.status, other.codes) == (406, ["not-acceptable"])
    either = {"Accept": "image/png, application/fhir+json;q=0.5"}
    assert written_world.get(WARD_DOCTOR, path, headers=either).json["resourceType"] == "Binary"


def test_a_binary_is_changed_and_deleted_like_anything_else(written_world: World) -> None:
    made = _send(written_world, "Åsa".encode("latin-1"), "text/plain; charset=iso-8859-1")
    path = f"/fhir/Binary/{made.json['id']}"
    headers = {"X-Security-Context": f"Patient/{written_world.person()}"}
    changed = written_world.send(
        REGION_SYSTEM, "PUT", path, b"ny", content_type="text/plain", headers=headers
    )
    assert (changed.status, changed.headers["etag"]) == (200, 'W/"2"')
    first = written_world.get(WARD_DOCTOR, f"{path}/_history/1", headers={"Accept": "text/plain"})
    assert first.headers["content-type"] == "text/plain; charset=iso-8859-1"
    assert first.body.decode("latin-1") == "Åsa"
    assert written_world.send(REGION_SYSTEM, "DELETE", path).status == 204
    gone = written_world.get(WARD_DOCTOR, path, headers={"Accept": "text/plain"})
    assert (gone.status, gone.headers["content-type"]) == (410, FHIR)


@pytest.mark.parametrize(
    ("context", "body", "status", "code"),
    [("", PDF, 400, "security-context"), (None, b"", 400, "security-context"),
     ("Patient/nobody", PDF, 422, "subject"), ("DocumentReference/a", PDF, 422, "subject"),
     ("x y", PDF, 422, "invalid-resource")],
)  # fmt: skip
def test_whose_it_is_has_to_be_said(
    written_world: World, context: str | None, body: bytes, status: int, code: str
) -> None:
    reply = _send(written_world, body, context=context)
    assert (reply.status, reply.codes) == (status, [code])


def test_what_is_hidden_answers_like_what_is_not_there(small_world: World) -> None:
    held = {
        "resourceType": "Binary",
        "contentType": "application/pdf",
        "data": base64.b64encode(PDF).decode(),
        "securityContext": {"reference": f"Patient/{small_world.person()}"},
    }
    gone = documented(OTHER_REGION, "SE2329999980-1002", withdrawn=True)
    small_world.hold([({**held, "id": "hidden"}, gone)])
    replies = [
        small_world.get(reader, f"/fhir/Binary/{number}", headers={"Accept": accept})
        for reader in (WARD_DOCTOR, REGION_SYSTEM)
        for accept in ("application/pdf", FHIR, "image/png")
        for number in ("hidden", "nothing")
    ]
    assert {each.status for each in replies} == {404}
    assert len({each.body for each in replies}) == 1
