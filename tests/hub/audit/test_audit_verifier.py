"""The verifier itself: alone, with any content of the columns, and as the log writes."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_log import Chains

from hub.audit import chain as written
from hub.audit import verify as verifier
from hub.audit.note import Signer
from hub.audit.record import AccessRecord
from hub.audit.verify_store import MEANING

Make = Callable[..., AccessRecord]
ROOT = Path(__file__).parents[3]
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def test_more_faults_than_can_be_listed_are_counted(
    pending: Chains, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifier, "LISTED", 3)
    pending.change("UPDATE audit_record SET person = 'x'")
    report = pending.verify()
    assert report["faults"][-1] == {"kind": "more", "record": None, "count": 17}
    assert len(report["faults"]) == 4


@ON_SQLITE
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_record SET payload = CAST(x'ff00' AS TEXT) WHERE position = 4",
        "UPDATE audit_record SET position = 'x' WHERE position = 4",
        "UPDATE audit_record SET salt = 5, leaf_hash = 'x' WHERE position = 4",
        "UPDATE audit_record SET user_id = x'ff' WHERE position = 4",
        "UPDATE audit_tree SET position = 'x' WHERE leaf_index = 4",
        "UPDATE audit_tree SET leaf_index = 'x' WHERE leaf_index = 19",
        "UPDATE audit_tree SET leaf_hash = 7 WHERE leaf_index = 4",
        "UPDATE audit_checkpoint SET size = 'x' WHERE size = 20",
        "UPDATE audit_key SET public_key = 'x'",
    ],
)
def test_columns_of_another_type_are_faults_and_no_crash(signed: Chains, statement: str) -> None:
    assert signed.change(statement)
    connection, ask = verifier.sqlite_queries(signed.file)
    report = verifier.verify(ask)
    connection.close()
    assert report["verified"] is False
    json.dumps(report)


@ON_SQLITE
def test_a_payload_that_is_committed_to_and_no_json_is_named(signed: Chains) -> None:
    signed.change(
        "UPDATE audit_record SET payload = x'00' WHERE chain = :c AND position = 4", c=signed.chain
    )
    signed.rebuild(signed.chain, tree=True)
    assert ("column", signed.a[4]) in signed.faults()


@ON_SQLITE
def test_it_runs_alone(signed: Chains, tmp_path: Path) -> None:
    alone = tmp_path / "verify.py"
    alone.write_bytes((ROOT / "hub/audit/verify.py").read_bytes())
    kept, forged = tmp_path / "kept.txt", tmp_path / "forged.txt"
    kept.write_text(signed.notes[0], encoding="utf-8")
    forged.write_text(signed.notes[0].replace("6", "7"), encoding="utf-8")

    def run(*arguments: object) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-I", str(alone), *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    key = signed.signer.verifier.text()
    code, output = run(signed.file, "--since", kept, "--key", key)
    assert (code, json.loads(output)["key"]) == (0, "outside")
    assert run(signed.file, "--since", forged)[0] == 1
    signed.alter(signed.a[4])
    code, output = run(signed.file)
    assert code == 1
    assert json.loads(output)["faults"] == [{"kind": "altered", "record": signed.a[4]}]
    assert run(tmp_path / "nothing.db")[0] == 2
    assert run(signed.file, "--since", tmp_path / "nothing")[0] == 2
    assert run(signed.file, "--key", "x+y+AAAA")[0] == 2


@ON_SQLITE
def test_its_command_line_gives_the_report(
    signed: Chains, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verifier.main([str(signed.file)]) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 20
    assert verifier.main([str(signed.file.with_name("nothing"))]) == 2
    assert "could not be verified" in capsys.readouterr().err


def test_it_computes_what_the_log_writes() -> None:
    salt, payload = bytes(32), b"{}"
    leaf = written.commitment(salt, payload)
    subtrees: list[bytes] = []
    verifier._grow(subtrees, 0, leaf)
    assert verifier._root(subtrees) == leaf
    assert verifier._link(leaf, salt) == written.link(leaf, salt)


def test_a_key_line_is_read_as_the_log_writes_it() -> None:
    public = Signer.generate("samvy/x").verifier
    assert verifier.parse_key(public.text()) == (public.origin, public.public)
    packed = base64.b64encode(b"\x02" + public.public).decode()
    with pytest.raises(ValueError, match="form"):
        verifier.parse_key(f"samvy/x+00000000+{packed}")


def test_every_kind_of_fault_has_a_meaning() -> None:
    names = ("verify", "verify_index", "verify_gallring")
    files = [f"hub/audit/{name}.py" for name in names]
    source = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    for kind in MEANING:
        assert f'"{kind}"' in source
