"""Decision receipts: what they say, that they verify offline, and what they do not give away."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.audit.verify_receipt import is_receipt, verify_receipt
from tests.hub.cli.cli_runner import Shell, environment_of
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
    stated,
)
from tests.worlds.usual import fill

Json = dict[str, Any]
PREFER = {"Prefer": "receipt"}
ASKED: dict[str, Callable[[World], Reply]] = {
    "read": lambda w: w.get(WARD_DOCTOR, "/fhir/Condition/ward-1", headers=PREFER),
    "search": lambda w: w.get(
        WARD_DOCTOR, "/fhir/Condition", {"patient": w.person()}, headers=PREFER
    ),
    "nothing found": lambda w: w.get(
        WARD_DOCTOR, "/fhir/Goal", {"patient": w.person()}, headers=PREFER
    ),
    "$everything": lambda w: w.get(
        WARD_DOCTOR, f"/fhir/Patient/{w.person()}/$everything", headers=PREFER
    ),
    "$open": lambda w: w.post(
        WARD_DOCTOR,
        f"/fhir/Patient/{w.person()}/$open",
        {"resourceType": "Parameters", "parameter": stated(relevance=True)},
        headers=PREFER,
    ),
    "create": lambda w: w.post(
        REGION_SYSTEM,
        "/fhir/Condition",
        condition(w.person(), "x"),
        headers={"Prefer": "return=minimal; receipt"},
    ),
}


def received(reply: Reply) -> Json:
    assert reply.headers["preference-applied"] == "receipt"
    return dict(json.loads(base64.b64decode(reply.headers["x-samvy-receipt"])))


def proven(world: World, receipt: Json) -> Json:
    """The receipt with the proofs that are fetched without a token once it is sequenced."""
    world.hub.sequencer.sequence_now()
    proofs = []
    for record in json.loads(receipt["receipt"])["records"]:
        asked = {"commitment": record["commitment"]}
        reply = world.get(None, f"/log/proof/{record['place']}", asked)
        assert reply.status == 200
        proofs.append(reply.json)
    return {**receipt, "proofs": proofs}


def test_a_receipt_verifies_before_and_after_it_is_in_the_tree(world: World) -> None:
    fill(world)
    for name, ask in ASKED.items():
        receipt = received(ask(world))
        report = verify_receipt(json.dumps(receipt).encode())
        assert (report["verified"], report["sequenced"]) == (True, False), name
        whole = verify_receipt(json.dumps(proven(world, receipt)).encode())
        assert (whole["verified"], whole["sequenced"]) == (True, True), (name, whole)
        assert whole["law"], name


def test_a_receipt_says_under_which_sections_and_in_a_sentence(world: World) -> None:
    fill(world)
    said = json.loads(received(ASKED["read"](world))["receipt"])
    assert said["sections"] == ["PDL 4:1"]
    assert said["sentence"].startswith("Vårdpersonal vid Name of ")
    assert said["sentence"].endswith("inom samma vårdgivare (PDL 4:1).")
    assert set(said["facts"]) == {
        *("person", "relations", "consents", "blocks", "lifts", "assessments", "request")
    }


def test_open_gives_it_in_its_receipt_parameter_too(world: World) -> None:
    fill(world)
    reply = ASKED["$open"](world)
    (given,) = [p["valueString"] for p in reply.json["parameter"] if p["name"] == "receipt"]
    assert json.loads(given) == received(reply)
    plain = world.open(WARD_DOCTOR).json["parameter"]
    (number,) = [p["valueString"] for p in plain if p["name"] == "receipt"]
    assert not is_receipt(number.encode())


def test_who_does_not_ask_gets_none(world: World) -> None:
    fill(world)
    for prefer in ("", "return=minimal", "receipts", "x=receipt"):
        reply = world.get(WARD_DOCTOR, "/fhir/Condition/ward-1", headers={"Prefer": prefer})
        assert "x-samvy-receipt" not in reply.headers, prefer


CHANGED = {
    "the sections": ("PDL 4:1", "PDL 4:2"),
    "the sentence": ("Vårdpersonal", "Ingen"),
    "the outcome": ("permit", "deny"),
    "the log": ("samvy/", "samvi/"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_changed_receipt_does_not_verify(small_world: World, what: str) -> None:
    fill(small_world)
    text = json.dumps(received(ASKED["read"](small_world)), ensure_ascii=False)
    old, new = CHANGED[what]
    assert old in text
    assert not verify_receipt(text.replace(old, new).encode())["verified"]


def test_a_proof_of_something_else_is_found(small_world: World) -> None:
    fill(small_world)
    receipt = received(ASKED["read"](small_world))
    other = proven(small_world, received(ASKED["search"](small_world)))
    whole = proven(small_world, receipt)
    assert not verify_receipt(json.dumps({**receipt, "proofs": other["proofs"]}).encode())[
        "verified"
    ]
    (mine,) = whole["proofs"]
    for fault in (
        {**mine, "leaf": mine["leaf"] + 1},
        {**mine, "leaf": -1},
        {**mine, "path": mine["path"][1:]},
        {**mine, "path": [*mine["path"], mine["commitment"]]},
        {**mine, "checkpoint": mine["checkpoint"].replace("\n", "\n1", 1)},
    ):
        broken = {**receipt, "proofs": [fault]}
        assert not verify_receipt(json.dumps(broken).encode())["verified"], fault


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b'{"format": "samvy-receipt/1"}', b"1"])
def test_what_is_no_receipt_is_told_and_raises_nothing(raw: bytes) -> None:
    report = verify_receipt(raw)
    assert (report["verified"], len(report["faults"])) == (False, 1)


def test_a_proof_is_for_whoever_knows_the_commitment(world: World) -> None:
    fill(world)
    receipt = json.loads(received(ASKED["read"](world))["receipt"])
    (record,) = receipt["records"]
    asked = {"commitment": record["commitment"]}
    world.hub.sequencer.sequence_now()
    other = base64.b64encode(bytes(32)).decode()
    for place, commitment in (
        (record["place"], other),
        (record["place"], ""),
        ("none.0", record["commitment"]),
        (record["place"] + "9" * 30, record["commitment"]),
        ("x", record["commitment"]),
    ):
        reply = world.get(None, f"/log/proof/{place}", {"commitment": commitment})
        assert reply.status == 404, place
    assert world.get(None, f"/log/proof/{record['place']}", asked).status == 200


def _comparable(reply: Reply) -> Json:
    """A receipt without what is another in every answer: times, ids, places and hashes."""
    said = json.loads(received(reply)["receipt"])
    return {
        **said,
        "issued": None,
        "log": None,
        "sentence": said["sentence"].partition(" den ")[0] + said["sentence"].partition(":")[2],
        "records": len(said["records"]),
        "facts": sorted(said["facts"]),
    }


def test_a_receipt_says_nothing_of_what_is_hidden(tmp_path: Path) -> None:
    """P3: two worlds, one of which holds what nobody else is to learn of."""
    found = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        with opened_world(f"sqlite:///{folder / 's.db'}", folder, key="ab" * 32) as world:
            fill(world)
            if name == "two":
                hidden = condition(world.person(), "hidden-1", "Hemligt")
                seen = documented(NAMND, OFFICE, available_since=None)
                world.hold([(hidden, seen)])
            replies = [ask(world) for ask in ASKED.values()]
            found.append([_comparable(each) for each in replies])
            for each in replies:
                text = json.dumps(received(each), ensure_ascii=False)
                assert NAMND not in text
                assert "hidden-1" not in text
    assert found[0] == found[1]


def test_the_facts_hashes_tell_nothing_without_the_hubs_key(small_world: World) -> None:
    fill(small_world)
    first, second = (json.loads(received(ASKED["read"](small_world))["receipt"]) for _ in "ab")
    # the same facts, another answer: nobody can see from two receipts whether they changed
    assert not set(first["facts"].values()) & set(second["facts"].values())


def test_the_command_verifies_a_file(store_url: str, tmp_path: Path) -> None:
    with opened_world(store_url, tmp_path) as world:
        fill(world)
        whole = proven(world, received(ASKED["read"](world)))
    shell = Shell(tmp_path, environment_of(store_url, tmp_path))
    shell.write("receipt.json", json.dumps(whole))
    key = shell.run("audit", "key").out.strip()
    ran = shell.run("audit", "verify", "receipt.json", "--key", key)
    assert ran.status == 0
    assert "Vårdpersonal vid" in ran.out
    assert "in the log's tree" in ran.out
    shell.write("changed.json", json.dumps({**whole, "signature": whole["signature"][::-1]}))
    ran = shell.run("audit", "verify", "changed.json", "--json")
    assert (ran.status, ran.lines[0]["verified"]) == (1, False)
