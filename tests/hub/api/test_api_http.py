"""R4's http page, item by item, as a vendor's code meets it: done, or refused with what to do.

Source: FHIR R4 http.html, versioning.html. docs/api.md says the same in words.
"""

import gzip

import pytest

from hub.fhir.json_codec import encode
from tests.hub.api.interacting import body_of
from tests.worlds.asgi_client import FHIR
from tests.worlds.hub_world import REGION_SYSTEM, WARD_DOCTOR, World

XML = "application/fhir+xml"
READ = "/fhir/Condition/ward-1"

ACCEPTED = [
    (None, FHIR),
    ("*/*", FHIR),
    ("application/fhir+json", FHIR),
    ("application/json", FHIR),
    ("application/fhir+xml", XML),
    ("application/xml", XML),
    ("text/xml", XML),
    ("application/fhir+json; fhirVersion=4.0", FHIR),
    ("application/fhir+xml;fhirVersion=4.0, application/fhir+json;q=0.9", XML),
    ("application/fhir+json;fhirVersion=5.0, application/fhir+xml;fhirVersion=4.0", XML),
    ("application/fhir+xml;q=0.2, application/fhir+json;q=0.7", FHIR),
    ("application/fhir+json;q=0, application/fhir+xml", XML),
    ("text/html, application/xhtml+xml, */*;q=0.1", FHIR),
    ("Application/FHIR+JSON;charset=UTF-8", FHIR),
]


@pytest.mark.parametrize(("accept", "media_type"), ACCEPTED)
def test_the_answer_is_of_the_type_that_is_preferred(
    standing_world: World, accept: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    reply = standing_world.get(WARD_DOCTOR, READ, headers=headers)
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/fhir+turtle", "image/png", "application/fhir+json;q=0",
     "application/fhir+json;fhirVersion=3.0", "application/fhir+json; fhirVersion=5.0"],
)  # fmt: skip
def test_what_there_is_in_no_such_form_is_406(standing_world: World, accept: str) -> None:
    reply = standing_world.get(WARD_DOCTOR, READ, headers={"Accept": accept})
    assert (reply.status, reply.codes) == (406, ["not-acceptable"])


@pytest.mark.parametrize(
    ("written", "media_type"),
    [("json", FHIR), ("xml", XML), ("application/fhir+xml", XML), ("application/fhir xml", XML),
     ("text/xml", XML), ("application/json", FHIR)],
)  # fmt: skip
def test_format_goes_before_accept(standing_world: World, written: str, media_type: str) -> None:
    for path, given in ((READ, []), ("/fhir/Condition", [("patient", standing_world.person())])):
        asked = [*given, ("_format", written)]
        reply = standing_world.get(WARD_DOCTOR, path, asked, headers={"Accept": "image/png"})
        assert (reply.status, reply.headers["content-type"]) == (200, media_type)
        assert reply.body.startswith(b"{" if media_type == FHIR else b"<?xml")


def test_a_format_that_is_not_there_is_406(standing_world: World) -> None:
    for written in ("ttl", "html", "application/fhir+turtle"):
        assert standing_world.get(WARD_DOCTOR, READ, {"_format": written}).status == 406


def test_pretty_is_for_people(standing_world: World) -> None:
    for written in ("json", "xml"):
        plain, pretty = (
            standing_world.get(WARD_DOCTOR, READ, {"_format": written, "_pretty": each}).body
            for each in ("false", "true")
        )
        assert plain.count(b"\n") <= 1 < pretty.count(b"\n")
    assert standing_world.get(WARD_DOCTOR, READ, {"_pretty": "yes"}).status == 400


TAKEN_AS = [
    "application/fhir+json",
    "application/json",
    "application/fhir+json; charset=utf-8",
    'application/fhir+json;charset="UTF-8"',
    "application/fhir+json; fhirVersion=4.0",
    "APPLICATION/FHIR+JSON",
]
NOT_TAKEN_AS = [
    ("text/plain", {}, "unsupported-media-type"),
    ("application/fhir+turtle", {}, "unsupported-media-type"),
    ("multipart/form-data", {}, "unsupported-media-type"),
    ("application/fhir+json; charset=iso-8859-1", {}, "charset"),
    ("application/fhir+json; charset=utf-16", {}, "charset"),
    ("application/fhir+json; fhirVersion=5.0", {}, "fhir-version"),
    ("application/fhir+xml; fhirVersion=3.0", {}, "fhir-version"),
    (FHIR, {"Content-Encoding": "gzip"}, "content-encoding"),
    (FHIR, {"Content-Encoding": "br"}, "content-encoding"),
]


@pytest.mark.parametrize("content_type", TAKEN_AS)
def test_json_is_taken_by_each_of_its_names(written_world: World, content_type: str) -> None:
    body = body_of(written_world, "Hypertoni")
    reply = written_world.post(REGION_SYSTEM, "/fhir/Condition", body, content_type=content_type)
    assert reply.status == 201


@pytest.mark.parametrize(("content_type", "headers", "code"), NOT_TAKEN_AS)
def test_a_body_in_another_form_is_415(
    standing_world: World, content_type: str, headers: dict[str, str], code: str
) -> None:
    body = encode(body_of(standing_world, "Hypertoni"))
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.compress(body)
    reply = standing_world.post(
        REGION_SYSTEM, "/fhir/Condition", body, content_type=content_type, headers=headers
    )
    assert (reply.status, reply.codes) == (415, [code])


def test_etags_are_weak_and_told_apart_by_version(written_world: World) -> None:
    body = body_of(written_world, "Hypertoni")
    made = written_world.post(REGION_SYSTEM, "/fhir/Condition", body)
    number = made.json["id"]
    path = f"/fhir/Condition/{number}"
    assert made.headers["etag"] == 'W/"1"'
    assert made.headers["location"].endswith(f"{path}/_history/1")
    assert made.headers["last-modified"].endswith(" GMT")
    for condition, status in (('W/"1"', 304), ('"1"', 304), ('W/"2"', 200), ("*", 304)):
        headers = {"If-None-Match": condition}
        assert written_world.get(REGION_SYSTEM, path, headers=headers).status == status
    later = body_of(written_world, "Astma", number)
    for condition, status in (('W/"7"', 412), ("1", 400), ('W/"1"', 200), ('W/"1"', 412)):
        reply = written_world.send(
            REGION_SYSTEM, "PUT", path, later, headers={"If-Match": condition}
        )
        assert reply.status == status, condition
    gone = written_world.send(REGION_SYSTEM, "DELETE", path, headers={"If-Match": 'W/"1"'})
    assert gone.status == 412


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [("return=minimal", None), ("return=representation", "Condition"),
     ("return=OperationOutcome", "OperationOutcome"), ("respond-async", "Condition"),
     ("return=minimal, handling=strict", None)],
)  # fmt: skip
def test_prefer_says_what_a_write_answers_with(
    written_world: World, prefer: str, kind: str | None
) -> None:
    body = body_of(written_world, "Hypertoni")
    headers = {"Prefer": prefer}
    reply = written_world.post(REGION_SYSTEM, "/fhir/Condition", body, headers=headers)
    assert reply.status == 201
    assert (reply.json["resourceType"] if reply.body else None) == kind


def test_head_and_options(standing_world: World) -> None:
    headers = standing_world.headers(WARD_DOCTOR)
    for path in (READ, f"/fhir/Condition?patient={standing_world.person()}", "/fhir/metadata"):
        get, head = (standing_world.http.send(each, path, headers) for each in ("GET", "HEAD"))
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
    options = standing_world.http.send("OPTIONS", READ, {**headers, "Origin": "https://x.example"})
    assert options.status == 405
    assert "access-control-allow-origin" not in options.headers


def test_several_matches_of_a_condition_change_nothing(written_world: World) -> None:
    for _ in range(2):
        written_world.post(REGION_SYSTEM, "/fhir/Condition", body_of(written_world, "tvilling"))
    person = written_world.person()
    criteria = f"code:text=tvilling&patient={person}"
    body = body_of(written_world, "tvilling")
    by_header = {"If-None-Exist": criteria}
    target = f"/fhir/Condition?{criteria}"
    for method, path, sent, headers in (
        ("POST", "/fhir/Condition", body, by_header),
        ("PUT", target, body, {}),
        ("DELETE", target, None, {}),
    ):
        reply = written_world.send(REGION_SYSTEM, method, path, sent, headers=headers)
        assert (reply.status, reply.codes) == (412, ["several-match"])
    nobody = f"/fhir/Condition?code:text=ingen&patient={person}"
    assert written_world.send(REGION_SYSTEM, "DELETE", nobody).status == 404
    assert written_world.send(REGION_SYSTEM, "PUT", nobody, body).status == 201


def test_criteria_in_the_url_of_a_create_are_refused(written_world: World) -> None:
    """Passed over, they would let a client that sends them there make the same thing twice."""
    body = body_of(written_world, "Hypertoni")
    reply = written_world.post(REGION_SYSTEM, "/fhir/Condition?code=x", body)
    assert (reply.status, reply.codes) == (400, ["criteria-in-url"])
    assert written_world.post(REGION_SYSTEM, "/fhir/Condition?_pretty=true", body).status == 201
    entry = {"resource": body, "request": {"method": "POST", "url": "Condition?code=x"}}
    for kind in ("transaction", "batch"):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": [entry]}
        reply = written_world.post(REGION_SYSTEM, "/fhir", bundle)
        told = reply.json["entry"][0]["response"]["status"] if kind == "batch" else reply.status
        assert str(told) == "400"
