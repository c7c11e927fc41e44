"""POST /ingest/{adapter}: a source's own client delivers over HTTP; nobody else does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consent.facts import Capacity
from hub.auth.built_in import TokenRequest
from hub.store.directory import load_organisations, load_sources
from tests.hub.ingest.desk import FROM, JOURNAL, ORGANISATIONS, SOCIAL
from tests.hub.ingest.documents import (
    AINA,
    NAMND,
    OTHER_REGION,
    REGION,
    SIGNE,
    WARD,
    Doc,
    Served,
    diagnoses,
    export,
)
from tests.hub.ingest.hostile import HOSTILE, UNREADABLE
from tests.worlds.hub_world import World, opened_world

CLIENT = TokenRequest("journal-client", REGION, Capacity.SYSTEM)
SOCIAL_CLIENT = TokenRequest("social-client", NAMND, Capacity.SYSTEM)
XML = "application/xml"


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(store_url, tmp_path) as opened:
        with opened.store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, [JOURNAL, SOCIAL], FROM)
        yield opened


def _post(
    world: World, asked: TokenRequest | None, path: str, content: bytes
) -> tuple[int, object]:
    reply = world.post(asked, path, content, content_type=XML)
    return reply.status, reply.json


def test_a_sources_client_delivers_and_gets_its_receipts(world: World) -> None:
    content = diagnoses(Doc(), Doc(person=AINA))
    status, receipts = _post(world, CLIENT, "/ingest/rivta", content)
    assert status == 200
    assert [(each["part"], each["state"]) for each in receipts] == [
        ("person 1", "stored"),
        ("person 2", "stored"),
    ]
    assert {each["source"] for each in receipts} == {"journal"}
    status, again = _post(world, CLIENT, "/ingest/rivta?name=a.xml", content)
    assert status == 200
    assert [(each["document"], each["state"]) for each in again] == [("a.xml", "unchanged")] * 2
    status, social = _post(world, SOCIAL_CLIENT, "/ingest/xml_export", export(Served()))
    assert (status, [each["state"] for each in social]) == (200, ["stored"])


def test_what_was_not_taken_is_told(world: World) -> None:
    status, receipts = _post(world, CLIENT, "/ingest/rivta", diagnoses(Doc(owner=OTHER_REGION)))
    assert (status, [each["state"] for each in receipts]) == (422, ["quarantined"])


@pytest.mark.parametrize(
    "asked",
    [
        TokenRequest("another-client", REGION, Capacity.SYSTEM),
        TokenRequest("social-client", NAMND, Capacity.SYSTEM),
        TokenRequest("ward-doctor", REGION, Capacity.VARDPERSONAL, WARD),
        replace(CLIENT, as_=Capacity.VARDPERSONAL, unit=WARD),
        TokenRequest("journal-client", "-", Capacity.INDIVIDUAL, person=SIGNE),
        TokenRequest("auditor", REGION, Capacity.AUDITOR, WARD),
    ],
    ids=["no-source", "other-adapter", "doctor", "same-name", "individual", "auditor"],
)
def test_anybody_else_is_refused(world: World, asked: TokenRequest) -> None:
    status, _ = _post(world, asked, "/ingest/rivta", diagnoses(Doc()))
    assert status == 403
    _nothing(world)


def test_without_a_token_nothing_is_taken(world: World) -> None:
    assert _post(world, None, "/ingest/rivta", diagnoses(Doc()))[0] == 401
    _nothing(world)


@pytest.mark.parametrize("path", ["/ingest/nosuch", "/ingest/rivta/more", "/ingest/"])
def test_an_adapter_that_there_is_not_is_not_found(world: World, path: str) -> None:
    assert _post(world, CLIENT, path, diagnoses(Doc()))[0] == 404
    _nothing(world)


def test_a_client_of_several_sources_names_one(world: World) -> None:
    with world.store.write() as connection:
        load_sources(connection, [replace(JOURNAL, id="second")], FROM)
    assert _post(world, CLIENT, "/ingest/rivta", diagnoses(Doc()))[0] == 400
    status, receipts = _post(world, CLIENT, "/ingest/rivta?source=second", diagnoses(Doc()))
    assert (status, receipts[0]["source"]) == (200, "second")
    assert _post(world, CLIENT, "/ingest/rivta?source=social", diagnoses(Doc()))[0] == 403


def test_hostile_documents_are_refused_and_the_hub_goes_on(world: World) -> None:
    for content in HOSTILE.values():
        status, receipts = _post(world, CLIENT, "/ingest/rivta", content)
        assert (status, [each["state"] for each in receipts]) == (200, ["rejected"])
    _nothing(world)
    for content in UNREADABLE.values():
        status, (receipt,) = _post(world, CLIENT, "/ingest/rivta", content)
        assert receipt["state"] in {"quarantined", "rejected"}
        assert (status == 422) == (receipt["state"] == "quarantined")
    assert _post(world, CLIENT, "/ingest/rivta", diagnoses(Doc()))[0] == 200


def _nothing(world: World) -> None:
    with world.store.read() as connection:
        for table in ("resource", "source_part"):
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()  # noqa: S608
            assert count == 0
