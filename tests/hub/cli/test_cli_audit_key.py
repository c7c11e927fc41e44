"""samvy audit key: the log's key handed over to a new one, also while a hub serves."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hub.application import application
from hub.audit.note import Signer
from hub.audit.verify import parse_key
from hub.audit.verify_receipt import verify_receipt
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from tests.hub.api.test_api_receipt import ASKED, proven, received
from tests.hub.cli.cli_runner import Shell, environment_of
from tests.hub.cli.test_cli_audit_export import logged  # noqa: F401  # the fixture
from tests.worlds.hub_world import opened_world
from tests.worlds.usual import fill


def rotated(shell: Shell, *options: str) -> str:
    ran = shell.run("audit", "key", "rotate", *options)
    assert ran.status == 0, ran.err
    assert "back up" in ran.err
    assert shell.run("audit", "key").out == ran.out
    return ran.out.strip()


def verified(receipt: dict[str, Any], key: str) -> bool:
    raw = json.dumps(receipt).encode()
    return bool(verify_receipt(raw, key=parse_key(key))["verified"])


def test_the_hub_that_serves_signs_with_the_new_key_and_old_receipts_still_verify(
    store_url: str, tmp_path: Path
) -> None:
    with opened_world(store_url, tmp_path) as world:
        fill(world)
        shell = Shell(tmp_path, environment_of(store_url, tmp_path))
        keys = [shell.run("audit", "key").out.strip()]
        before = received(ASKED["read"](world))
        proven_before = proven(world, before)
        keys.append(rotated(shell))
        between = received(ASKED["read"](world))
        keys.append(rotated(shell))
        after = received(ASKED["read"](world))
        assert [each["log"] for each in (before, between, after)] == keys
        for receipt in (before, between, after):
            whole = proven(world, receipt)
            for key in keys:
                assert verified(whole, key), key
            assert verified(receipt, receipt["log"])
            assert not verified(
                {**whole, "proofs": [{**whole["proofs"][0], "keys": keys[:1]}]}, keys[0]
            )
        assert verified(proven_before, keys[0])
        assert not verified(proven_before, keys[2])  # it says nothing of later keys
        assert world.get(None, "/log/key").body.decode().strip() == keys[2]
    assert shell.run("audit", "verify").status == 0
    assert shell.run("audit", "verify", "--key", keys[0]).status == 0


@pytest.mark.parametrize(("options", "told"), [((), "had ended"), (("--stolen",), "stolen")])
def test_a_receipt_by_an_ended_key_is_found(
    store_url: str, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    """Whoever kept the old key signs a receipt of a record that the hub has logged since."""
    with opened_world(store_url, tmp_path) as world:
        fill(world)
        shell = Shell(tmp_path, environment_of(store_url, tmp_path))
        thief = Signer.parse((tmp_path / "log.key").read_text())
        honest = received(ASKED["read"](world))
        new = rotated(shell, *options)
        after = received(ASKED["read"](world))
        text = after["receipt"].replace("Vårdpersonal", "Ingen")
        signature = thief.private.sign(b"samvy-receipt/1\n" + text.encode())
        forged = {
            **after,
            "log": thief.verifier.text(),
            "receipt": text,
            "signature": base64.b64encode(signature).decode(),
        }
        report = verify_receipt(json.dumps(proven(world, forged)).encode(), key=parse_key(new))
        assert told in report["faults"][0]["text"]
        # from before a theft is told, a thief's and a true one cannot be told apart
        assert verified(proven(world, honest), new) is (not options)


def test_the_command_says_what_does_not_go(logged: Shell, tmp_path: Path) -> None:  # noqa: F811
    assert logged.run("audit", "key", "rotate", "--stolen", "--lost").status == 2
    ran = logged.run("audit", "key", "rotate", "--lost")
    assert (ran.status, "by itself" in ran.err) == (2, True)
    (tmp_path / "log.key").unlink()
    ran = logged.run("audit", "key", "rotate")
    assert (ran.status, "docs/log-keys.md" in ran.err) == (2, True)
    ran = logged.run("audit", "key", "rotate", "--lost")
    assert ran.status == 0
    assert "--instead" in ran.err
    assert logged.run("audit", "verify").status == 0


@pytest.mark.parametrize("ended", [(), ("--stolen",), ("--lost",)])
def test_an_export_and_a_witness_over_http_go_on(
    logged: Shell,  # noqa: F811
    tmp_path: Path,
    ended: tuple[str, ...],
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    url = f"sqlite:///{folder / 'other.db'}"
    other = Shell(folder, environment_of(url, folder))
    with opened_world(url, folder) as world:
        listener = listening(LOOPBACK, 0)
        with served(configuration(application(world.hub)), listener):
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/witness"
            witness = other.run("audit", "witness", "key").out.strip()
            first = logged.run("audit", "key").out.strip()
            assert other.run("audit", "witness", "trust", first).status == 0
            assert "co-signed" in logged.run("audit", "witness", "ask", witness, address).err
            if ended == ("--lost",):
                (tmp_path / "log.key").unlink()
            newest = rotated(logged, *ended)
            told = logged.run("audit", "witness", "ask", witness, address).err
            if ended == ("--lost",):
                assert "403" in told
                assert other.run("audit", "witness", "trust", newest).status == 2
                assert other.run("audit", "witness", "trust", "--instead", newest).status == 0
                told = logged.run("audit", "witness", "ask", witness, address).err
            assert "co-signed" in told
    logged.run("audit", "export", "--period", "2020-01-01/2040-01-01", "--to", "all.jsonl")
    for key, holds in ((newest, True), (first, not ended)):
        ran = logged.run("audit", "verify", "all.jsonl", "--key", key)
        assert (ran.status == 0) is holds, ran.out
