"""The store as a beginner meets it: missing, wrong, not upgraded, down; and files with mistakes."""

import json
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from hub.auth.built_in import ensure_issuer_key
from hub.cli import loading
from hub.running import now
from hub.store.connect import Store
from hub.store.migrate import newest
from mappings.source_profile import SHIPPED
from tests.hub.cli.cli_files import FACTS, ORGANISATIONS, SOURCES
from tests.hub.cli.cli_runner import Shell
from tests.hub.cli.test_cli_administering import records
from tests.hub.ingest.documents import REGION, SIGNE, WARD, Doc, Served, diagnoses, export

SAMVY = [sys.executable, "-c", "from hub.cli.main import run; run()"]
NEED_A_STORE = (
    ["quarantine", "list"],
    ["audit", "verify"],
    ["token", "--user", "u", "--organisation", "o"],
)
WRITE = (
    ["organisations", "load", "o.yaml"],
    ["sources", "load", "s.yaml"],
    ["facts", "load", "f.yaml"],
    ["ingest", "a.xml", "--source", "journal"],
    ["quarantine", "retry"],
)


def _written(shell: Shell) -> Shell:
    shell.write("o.yaml", ORGANISATIONS)
    shell.write("s.yaml", SOURCES)
    shell.write("f.yaml", FACTS)
    shell.write("a.xml", diagnoses(Doc()))
    return shell


def _name(words: list[str]) -> str:
    return "-".join(words[:2])


def test_a_beginner_needs_no_command_but_the_ones_that_write(small_shell: Shell) -> None:
    shell = _written(small_shell)
    for words in WRITE:
        ran = shell.run(*words)
        assert ran.status == 0, ran.err
        assert "\n" in ran.out + ran.err or words[0] == "quarantine"
    assert "organisations: 0 added, 0 changed, 3 unchanged" in shell.run(*WRITE[0]).err


@pytest.mark.parametrize("words", NEED_A_STORE, ids=_name)
def test_a_command_that_reads_makes_no_store(small_shell: Shell, words: list[str]) -> None:
    ran = small_shell.run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert "there is no store at" in ran.err
    assert not (small_shell.folder / "samvy.db").exists()


@pytest.mark.parametrize("words", [*NEED_A_STORE, *WRITE], ids=_name)
def test_a_postgresql_store_is_upgraded_by_db_upgrade_only(
    postgres_url: str, tmp_path: Path, words: list[str]
) -> None:
    shell = _written(Shell(tmp_path, {"SAMVY_STORE": postgres_url}))
    ran = shell.run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert "samvy db upgrade" in ran.err


@pytest.mark.parametrize("words", [*NEED_A_STORE, *WRITE, ["db", "upgrade"]], ids=_name)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody:hemligt@127.0.0.1:9/none", "the server is up"),
        ("nonsense", "sqlite:///FILE"),
        ("mysql://u:hemligt@h/n", "postgresql://USER@HOST/NAME"),
        ("sqlite://", "sqlite:///FILE"),
        ("sqlite:////no/such/folder/s.db", "folder"),
        ("sqlite:///other.db", "is an SQLite store"),
    ],
)
def test_a_store_that_cannot_be_used_is_told_without_a_trace(
    small_shell: Shell, words: list[str], url: str, said: str
) -> None:
    shell = _written(small_shell)
    shell.write("other.db", b"this is no database at all" * 100)
    ran = shell.run(*words, SAMVY_STORE=url)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err or "there is no store at" in ran.err
    assert "hemligt" not in ran.err
    assert ran.err.count("\n") == 1


def test_a_store_of_a_newer_hub_is_left_alone(shell: Shell) -> None:
    _written(shell).run("db", "upgrade")
    store = Store(shell.environment["SAMVY_STORE"])
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    for words in (*NEED_A_STORE, *WRITE, ["db", "upgrade"]):
        ran = shell.run(*words)
        assert (ran.status, ran.out) == (2, ""), words
        assert "newer" in ran.err or "9999" in ran.err


def test_db_upgrade_says_the_revision_and_again_does_nothing(shell: Shell) -> None:
    for _ in range(2):
        ran = shell.run("db", "upgrade")
        assert (ran.status, ran.out) == (0, "")
        assert newest() in ran.err


def test_another_stores_key_is_refused(small_shell: Shell) -> None:
    shell = _written(small_shell)
    assert shell.run(*WRITE[0]).status == 0
    shell.write("identity.key", "00" * 32)
    ran = shell.run(*WRITE[2])
    assert ran.status == 2
    assert "another store's identity key" in ran.err
    (shell.folder / "identity.key").unlink()
    assert "does not exist" in shell.run(*WRITE[2]).err


def test_a_postgresql_store_without_a_place_for_its_key_says_which_setting(
    postgres_url: str, tmp_path: Path
) -> None:
    shell = _written(Shell(tmp_path, {"SAMVY_STORE": postgres_url, "SAMVY_IDENTITY_KEY": ""}))
    shell.run("db", "upgrade")
    ran = shell.run(*WRITE[0])
    assert ran.status == 2
    assert "SAMVY_IDENTITY_KEY" in ran.err


class TestFiles:
    @pytest.mark.parametrize("what", ["organisations", "sources", "facts"])
    @pytest.mark.parametrize(
        ("content", "place"),
        [
            ("organisations: [", "x.yaml:2"),
            ("a: b: c\n", "x.yaml:1"),
            ("\n\nnosuch: 1\n", "x.yaml:3"),
            (b"\xff\xfe\x00", "x.yaml"),
            ("", "x.yaml"),
        ],
    )
    def test_a_mistake_is_told_with_file_and_line(
        self, small_shell: Shell, what: str, content: str | bytes, place: str
    ) -> None:
        ran = small_shell.run(what, "load", small_shell.write("x.yaml", content))
        assert (ran.status, ran.out) == (2, "")
        assert place in ran.err

    @pytest.mark.parametrize("what", ["organisations", "sources", "facts"])
    def test_a_file_that_is_not_there_is_told(self, small_shell: Shell, what: str) -> None:
        for name in ("nosuch.yaml", "."):
            ran = small_shell.run(what, "load", name)
            assert ran.status == 2
            assert name in ran.err

    def test_a_mistake_changes_nothing(self, small_shell: Shell) -> None:
        shell = _written(small_shell)
        shell.run(*WRITE[0])
        wrong = ORGANISATIONS.replace("kind: [vardgivare]", "kind: [nosuch]")
        ran = shell.run("organisations", "load", shell.write("o.yaml", wrong + "  - {}\n"))
        assert ran.status == 2
        assert ran.err.count("o.yaml:") > 1
        shell.write("o.yaml", ORGANISATIONS)
        assert "3 unchanged" in shell.run(*WRITE[0]).err

    def test_a_source_of_an_unknown_owner_is_refused(self, small_shell: Shell) -> None:
        shell = _written(small_shell)
        ran = shell.run(*WRITE[1])
        assert ran.status == 2
        assert "no organisation has this id" in ran.err

    def test_a_facts_file_tells_no_value(self, small_shell: Shell) -> None:
        shell = _written(small_shell)
        shell.run(*WRITE[0])
        wrong = FACTS.replace("state: current", f"state: {SIGNE}")
        ran = shell.run("facts", "load", shell.write("f.yaml", wrong))
        assert ran.status == 2
        assert SIGNE not in ran.err

    @pytest.mark.parametrize(
        ("minute", "born"), [("21:59", "192607019805"), ("22:00", "202607019805")]
    )
    def test_a_number_of_ten_digits_is_of_the_day_that_it_is_in_sweden(
        self, small_shell: Shell, monkeypatch: pytest.MonkeyPatch, minute: str, born: str
    ) -> None:
        at = datetime.fromisoformat(f"2026-06-30T{minute}:00+00:00")
        monkeypatch.setattr(loading, "now", lambda: at)
        shell = _written(small_shell)
        shell.run(*WRITE[0])
        facts = shell.write("f.yaml", FACTS.replace(SIGNE, "260701-9805"))
        assert shell.run("facts", "load", facts).status == 0
        with Store(shell.environment["SAMVY_STORE"]).read() as connection:
            known = connection.exec_driver_sql("SELECT value FROM identity").scalars()
            assert known.all() == [born]

    def test_a_profile_is_found_beside_the_sources_file(self, small_shell: Shell) -> None:
        shell = _written(small_shell)
        shell.run(*WRITE[0])
        moved = SOURCES.replace("profile: lifecare_like", "profile: profiles/own.yaml")
        sources = shell.write("config/s.yaml", moved)
        ran = shell.run("sources", "load", sources)
        assert ran.status == 2
        assert "own.yaml" in ran.err
        shipped = SHIPPED / "lifecare_like.yaml"
        shell.write("config/profiles/own.yaml", shipped.read_bytes())
        assert shell.run("sources", "load", sources).status == 0
        ran = shell.run("ingest", shell.write("e.xml", export(Served())), "--source", "social")
        assert ran.status == 0, ran.out


STAFFED = f"""
organisations:
  - id: {REGION}
    name: Region
    kind: [vardgivare]
    units: [{{id: {WARD}, name: Avdelningen}}]
    staff:
      - id: n1
        assignments: [{{id: a1, unit: {WARD}, as: vardpersonal, purposes: [vard, kvalitet]}}]
      - id: n2
        assignments:
          - {{id: a2, unit: {WARD}, as: vardpersonal, purposes: [vard], to: 2024-01-01}}
"""


def _ready_for_tokens(shell: Shell) -> None:
    shell.run("db", "upgrade")
    store = Store(shell.environment["SAMVY_STORE"])
    with store.write() as connection:
        ensure_issuer_key(connection, now())
    store.close()


class TestToken:
    WORDS = ("token", "--user", "own-system", "--organisation", REGION, "--as", "system")

    def test_is_refused_for_a_store_that_was_never_served_for_development(
        self, shell: Shell
    ) -> None:
        shell.run("db", "upgrade")
        ran = shell.run(*self.WORDS)
        assert (ran.status, ran.out) == (2, "")
        assert "--dev" in ran.err

    def test_is_printed_alone(self, shell: Shell) -> None:
        _ready_for_tokens(shell)
        ran = shell.run(*self.WORDS)
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.count(".") == 2
        assert ran.out.count("\n") == 1

    def test_leaves_a_record_that_names_who_made_it_and_no_number(self, shell: Shell) -> None:
        _ready_for_tokens(shell)
        person = ["--as", "individual", "--organisation", "-", "--person", SIGNE]
        assert shell.run("token", "--user", SIGNE, *person).status == 0
        assert shell.run(*self.WORDS, "--minutes", "5").status == 0
        individual, system = records(shell)
        assert (individual["action"], individual["query"]) == (
            "administer",
            "token individual 60 minutes",
        )
        assert len(individual["person"]) > 20
        assert individual["user"].startswith("os:")
        assert system["query"] == "token system own-system 5 minutes"
        assert system["organisation"] == REGION
        assert SIGNE not in json.dumps([individual, system])

    DOUBTS: ClassVar[dict[str, tuple[list[str], str]]] = {
        "an organisation that is not there": (
            ["--user", "u", "--organisation", "SE0"],
            "an organisation that is not in the organisations file",
        ),
        "somebody who is not there": (
            ["--user", "u", "--organisation", REGION],
            "--user is no staff of the organisation",
        ),
        "another unit": (
            ["--user", "n1", "--organisation", REGION, "--unit", "x"],
            f"there are: --as vardpersonal --unit {WARD}",
        ),
        "another capacity": (
            ["--user", "n1", "--organisation", REGION, "--as", "officer"],
            "--user has no such assignment",
        ),
        "an assignment that has ended": (
            ["--user", "n2", "--organisation", REGION],
            "the assignment has ended or not begun",
        ),
        "another purpose": (
            ["--user", "n1", "--organisation", REGION, "--purpose", "forskning"],
            "the assignment is not for forskning; it is for: kvalitet, vard",
        ),
    }

    @pytest.mark.parametrize("what", DOUBTS)
    def test_that_will_be_refused_is_said_to_be(self, what: str, small_shell: Shell) -> None:
        _ready_for_tokens(small_shell)
        small_shell.write("o.yaml", STAFFED)
        assert small_shell.run("organisations", "load", "o.yaml").status == 0
        words, said = self.DOUBTS[what]
        ran = small_shell.run("token", *words)
        assert (ran.status, ran.out.count(".")) == (0, 2)
        assert said in ran.err

    def test_that_holds_raises_no_doubt(self, small_shell: Shell) -> None:
        _ready_for_tokens(small_shell)
        small_shell.write("o.yaml", STAFFED)
        small_shell.run("organisations", "load", "o.yaml")
        ran = small_shell.run("token", "--user", "n1", "--organisation", REGION, "--unit", WARD)
        assert (ran.status, ran.err) == (0, "")

    def test_that_cannot_be_meant_is_refused(self, shell: Shell) -> None:
        _ready_for_tokens(shell)
        for more in (
            ["--minutes", "0"],
            ["--as", "nobody"],
            ["--scope", "x"],
            ["--minutes", "9999999"],
            ["--user", "u" * 65],
            ["--organisation", "a\nb"],
            ["--as", "individual", "--person", "nobody"],
        ):
            ran = shell.run(*self.WORDS, *more)
            assert (ran.status, ran.out) == (2, ""), more


def test_the_commands_are_listed_and_a_wrong_one_is_told(small_shell: Shell) -> None:
    ran = small_shell.run("--help")
    assert ran.status == 0
    for name in ("demo", "serve", "ingest", "token", "organisations", "quarantine", "audit", "db"):
        assert name in ran.out
    assert small_shell.run("nosuch").status == 2
    assert small_shell.run("ingest").status == 2


def test_a_reader_that_goes_away_ends_the_command_quietly(small_shell: Shell) -> None:
    shell = _written(small_shell)
    for words in WRITE[:2]:
        shell.run(*words)
    for number in range(160):  # more than are written together
        shell.write(f"in/{number}.xml", diagnoses(Doc(f"D-{number}")))
    with subprocess.Popen(
        [*SAMVY, "ingest", "in", "--source", "journal"],
        cwd=shell.folder,
        env={**shell.environment, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        assert process.wait(60) == 1
    with sqlite3.connect(shell.folder / "samvy.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()
