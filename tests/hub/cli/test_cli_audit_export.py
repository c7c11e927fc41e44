"""samvy audit export, key, checkpoint, erase and witness, as the people who use them run them."""

from pathlib import Path

import pytest

from hub.application import application
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from tests.hub.cli.cli_runner import Shell, environment_of
from tests.worlds.hub_world import SIGNE_HERSELF, WARD_DOCTOR, opened_world

SIGNE = "194203172384"


@pytest.fixture
def logged(store_url: str, tmp_path: Path) -> Shell:
    """A store whose log has three records, under a checkpoint."""
    with opened_world(store_url, tmp_path) as world:
        for asked in (WARD_DOCTOR, WARD_DOCTOR, SIGNE_HERSELF):
            assert world.look_up(asked).status == 200
    return Shell(tmp_path, environment_of(store_url, tmp_path))


def test_a_person_gets_all_their_accesses_in_a_file_that_verifies(logged: Shell) -> None:
    ran = logged.run("audit", "export", "--person", SIGNE, "--to", "signe.jsonl")
    assert (ran.status, ran.out) == (0, "")
    assert SIGNE not in ran.err
    text = (logged.folder / "signe.jsonl").read_text(encoding="utf-8")
    assert SIGNE not in text
    key = logged.run("audit", "key").out.strip()
    report = logged.run("audit", "verify", "signe.jsonl", "--key", key, "--json").lines[0]
    assert (report["verified"], report["complete"], report["key"]) == (True, True, "outside")
    # three look-ups, and the export itself, which is an access too
    assert report["records"] == 4
    told = logged.run("audit", "verify", "signe.jsonl")
    assert told.status == 0
    assert "all of the person's" in told.out
    assert "--key" in told.out


def test_a_changed_file_is_named_and_its_line(logged: Shell) -> None:
    logged.run("audit", "export", "--organisation", WARD_DOCTOR.organisation, "--to", "x.jsonl")
    file = logged.folder / "x.jsonl"
    file.write_bytes(file.read_bytes().replace(b'\\"permit\\"', b'\\"denied\\"', 1))
    ran = logged.run("audit", "verify", "x.jsonl")
    assert ran.status == 1
    assert ran.out.startswith("NOT VERIFIED")
    assert "line " in ran.out


def test_a_period_is_in_swedish_days(logged: Shell) -> None:
    days = "2000-01-01/2000-01-31"
    assert logged.run("audit", "export", "--period", days, "--to", "none.jsonl").status == 0
    assert logged.run("audit", "verify", "none.jsonl", "--json").lines[0]["records"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--person, --organisation, --period"),
        (("--person", "hello"), "--person"),
        (("--period", "yesterday"), "2026-01-01/2026-01-31"),
        (("--period", "2026-02-01/2026-01-01"), "before the first"),
    ],
)
def test_what_cannot_be_exported_is_told(logged: Shell, words: tuple[str, ...], said: str) -> None:
    ran = logged.run("audit", "export", *words, "--to", "y.jsonl")
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert not (logged.folder / "y.jsonl").exists()


def test_a_file_that_is_there_is_not_written_over(logged: Shell) -> None:
    logged.write("z.jsonl", "kept")
    ran = logged.run("audit", "export", "--person", SIGNE, "--to", "z.jsonl")
    assert (ran.status, "exists already" in ran.err) == (2, True)
    assert (logged.folder / "z.jsonl").read_text(encoding="utf-8") == "kept"


def test_nothing_younger_than_five_years_is_erased(logged: Shell) -> None:
    ran = logged.run("audit", "erase", "--before", "2026-01-01")
    assert (ran.status, "five years" in ran.err) == (2, True)
    assert logged.run("audit", "erase", "--before", "2020-01-01").status == 0
    assert logged.run("audit", "verify").status == 0


def test_another_hub_witnesses_over_http(logged: Shell, tmp_path: Path) -> None:
    """Two hubs: the second runs as a server and co-signs what the first has signed."""
    folder = tmp_path / "other"
    folder.mkdir()
    url = f"sqlite:///{folder / 'other.db'}"
    other = Shell(folder, environment_of(url, folder))
    with opened_world(url, folder) as world:
        listener = listening(LOOPBACK, 0)
        with served(configuration(application(world.hub)), listener):
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/witness"
            witness = other.run("audit", "witness", "key").out.strip()
            refused = logged.run("audit", "witness", "ask", witness, address)
            assert "404" in refused.err
            trusted = other.run("audit", "witness", "trust", logged.run("audit", "key").out.strip())
            assert trusted.status == 0
            assert "co-signed" in logged.run("audit", "witness", "ask", witness, address).err
    name = witness.partition("+")[0]
    assert f"{name} {address} has signed 3 records\n" == logged.run("audit", "witness", "list").out
    assert name in logged.run("audit", "checkpoint").out


@pytest.mark.parametrize("words", [("ask", "x+y+z", "https://a"), ("trust", "nonsense")])
def test_a_key_that_is_none_is_told(logged: Shell, words: tuple[str, ...]) -> None:
    ran = logged.run("audit", "witness", *words)
    assert (ran.status, "key" in ran.err) == (2, True)
    plain = logged.run("audit", "witness", "ask", "x+y+z", "http://elsewhere.example")
    assert (plain.status, "https://" in plain.err) == (2, True)
