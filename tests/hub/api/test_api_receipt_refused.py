"""Receipts of refusals, and of answers with many records: they verify, and give nothing away."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.api import receipt as receipts
from hub.audit.merkle import root_of
from hub.audit.verify_receipt import verify_receipt
from tests.hub.api.test_api_log import close_the_log
from tests.hub.api.test_api_receipt import PREFER, Json, proven, received
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    NAMND,
    OFFICE,
    REGION_SYSTEM,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    opened_world,
)
from tests.worlds.usual import fill

REFUSED: dict[str, tuple[int, Callable[[World], Reply]]] = {
    "hidden in one world, nowhere in the other": (
        404,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/hidden-1", headers=PREFER),
    ),
    "not there": (404, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/none", headers=PREFER)),
    "too broad": (403, lambda w: w.get(WARD_DOCTOR, "/fhir/Condition", headers=PREFER)),
    "no such version": (
        404,
        lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1/_history/99", headers=PREFER),
    ),
    "no such type": (404, lambda w: w.get(WARD_DOCTOR, "/fhir/Nothing/x", headers=PREFER)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_has_a_receipt_that_verifies_and_says_that_nothing_was_shown(
    world: World, name: str
) -> None:
    fill(world)
    status, ask = REFUSED[name]
    reply = ask(world)
    assert reply.status == status
    receipt = received(reply)
    said = json.loads(receipt["receipt"])
    assert (said["outcome"], said["sections"], said["law"]) == ("deny", [], None)
    assert "nekades" in said["sentence"] or "visades" in said["sentence"], said["sentence"]
    report = verify_receipt(json.dumps(proven(world, receipt)).encode())
    assert (report["verified"], report["sequenced"], report["records"]) == (True, True, 1)


def test_who_does_not_ask_or_is_nobody_gets_none(world: World) -> None:
    fill(world)
    for reply in (
        world.get(WARD_DOCTOR, "/fhir/Condition/none"),
        world.get(None, "/fhir/Condition/none", headers=PREFER),
    ):
        assert reply.status in (401, 404)
        assert "x-samvy-receipt" not in reply.headers


def test_a_refusal_that_cannot_be_logged_has_none(small_world: World) -> None:
    fill(small_world)
    close_the_log(small_world)
    reply = small_world.get(WARD_DOCTOR, "/fhir/Condition/none", headers=PREFER)
    assert reply.status == 503
    assert "x-samvy-receipt" not in reply.headers


def _comparable(reply: Reply) -> Json:
    said = json.loads(received(reply)["receipt"])
    (record,) = said["records"]
    return {
        **said,
        "issued": None,
        "log": None,
        "sentence": said["sentence"].partition(" den ")[0],
        "records": sorted(record),
        "facts": {kind: len(hashed) for kind, hashed in said["facts"].items()},
        "size": len(reply.headers["x-samvy-receipt"]),
    }


def test_a_refusals_receipt_does_not_tell_what_is_hidden_from_what_is_not_there(
    tmp_path: Path,
) -> None:
    """P3: two worlds, one of which holds what is hidden."""
    found: list[list[Json]] = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        with opened_world(f"sqlite:///{folder / 's.db'}", folder, key="ab" * 32) as world:
            fill(world)
            if name == "two":
                hidden = condition(world.person(), "hidden-1", "Hemligt")
                world.hold([(hidden, documented(NAMND, OFFICE, available_since=None))])
            replies = [ask(world) for _, ask in REFUSED.values()]
            assert [each.status for each in replies] == [status for status, _ in REFUSED.values()]
            found.append([_comparable(each) for each in replies])
    assert found[0] == found[1]
    hidden, nowhere = found[1][:2]
    assert hidden == nowhere  # nor within one world


def test_of_very_many_records_one_more_commits_to_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    monkeypatch.setattr(receipts, "MOST_RECORDS", 1)
    reply = world.get(REGION_SYSTEM, "/fhir/Condition", headers=PREFER)
    assert reply.status == 200
    receipt = received(reply)
    report = verify_receipt(json.dumps(proven(world, receipt)).encode())
    assert (report["verified"], report["sequenced"], report["records"]) == (True, True, 1)
    assert json.loads(receipt["receipt"])["sections"]
    commits_to_all(world, reply)


def commits_to_all(world: World, reply: Reply) -> None:
    """Hold one receipt's only record against all that were made of the answer."""
    with world.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT payload, leaf_hash FROM audit_record ORDER BY chain, position"
        ).all()
    request = reply.headers["x-request-id"]
    records = [(json.loads(bytes(p)), bytes(leaf)) for p, leaf in rows]
    own = [(each, leaf) for each, leaf in records if each.get("request_id") == request]
    (last, leaf) = own.pop()
    assert len(own) > 1
    root = base64.b64encode(root_of(each for _, each in own)).decode()
    assert last["query"] == f"receipt {len(own)} records {root}"
    (record,) = json.loads(received(reply)["receipt"])["records"]
    assert record["commitment"] == base64.b64encode(leaf).decode()
