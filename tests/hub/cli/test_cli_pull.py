"""samvy pull against a source on a socket: receipts, faults, limits, numbers left unsaid."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.store.connect import Store
from tests.adapters.rivta.certificates import Authority
from tests.adapters.rivta.mock_source import Heard, MockSource, Reply, fault, source_up
from tests.hub.cli.cli_files import ORGANISATIONS
from tests.hub.cli.cli_runner import Ran, Shell
from tests.hub.ingest.documents import (
    AINA,
    NOT_REACHED,
    REGION,
    SIGNE,
    SYSTEM,
    Doc,
    diagnoses,
    notes_3,
)

NO_RECORDS = diagnoses()


def _source(up: MockSource, files: str = "", complete: str = "false") -> str:
    return f"""
sources:
  - id: journal
    adapter: rivta
    owners: [{REGION}]
    complete: {complete}
    pull:
      endpoint: "{up.url}"
      logical_address: {SYSTEM}
      contracts: [GetDiagnosis, GetCareDocumentation 3.0]
      {files}
"""


def _answering(diagnosis: Reply | bytes, notes: Reply | bytes) -> dict[str, Reply]:
    given = {"GetDiagnosis": diagnosis, "GetCareDocumentation": notes}
    return {k: v if isinstance(v, Reply) else Reply(v) for k, v in given.items()}


@pytest.fixture
def up() -> Iterator[MockSource]:
    with source_up() as source:
        yield source


@pytest.fixture
def ready(shell: Shell, up: MockSource) -> Shell:
    return _ready(shell, _source(up))


def _ready(shell: Shell, sources: str) -> Shell:
    shell.run("db", "upgrade")
    organisations = shell.write("o.yaml", ORGANISATIONS)
    assert shell.run("organisations", "load", organisations).status == 0
    ran = shell.run("sources", "load", shell.write("s.yaml", sources))
    assert ran.status == 0, ran.err
    return shell


def _answer(up: MockSource, diagnosis: Reply | bytes, notes: Reply | bytes) -> None:
    replies = _answering(diagnosis, notes)
    up.answering = lambda heard: replies[heard.operation]


def _pulled(shell: Shell, *words: str) -> Ran:
    return shell.run("pull", "journal", "--person", SIGNE, "--json", *words)


def test_what_a_source_answers_is_taken_in_with_receipts(ready: Shell, up: MockSource) -> None:
    _answer(up, diagnoses(Doc()), notes_3(Doc("N-1")))
    ran = _pulled(ready)
    assert (ran.status, ran.err) == (0, "2 receipts: 2 stored\n")
    assert [(each["contract"], each["state"]) for each in ran.lines] == [
        ("GetDiagnosis 2.0", "stored"),
        ("GetCareDocumentation 3.0", "stored"),
    ]
    assert SIGNE not in ran.out
    assert [each["state"] for each in _pulled(ready).lines] == ["unchanged", "unchanged"]


def test_one_contract_by_name(ready: Shell, up: MockSource) -> None:
    _answer(up, diagnoses(Doc()), fault("VP007"))
    ran = _pulled(ready, "--contract", "GetDiagnosis")
    assert [each["contract"] for each in ran.lines] == ["GetDiagnosis 2.0"]
    refused = _pulled(ready, "--contract", "GetLetters")
    assert refused.status == 2
    assert "GetCareDocumentation 3.0" in refused.err


def test_a_contract_that_fails_does_not_end_the_others(ready: Shell, up: MockSource) -> None:
    _answer(up, fault("VP007 not for you"), notes_3(Doc("N-1")))
    ran = _pulled(ready)
    assert ran.status == 1
    states = [(each["state"], [i["code"] for i in each["issues"]]) for each in ran.lines]
    assert states == [("source_error", ["VP007"]), ("stored", ["test-number"])]
    assert len(up.heard) == 2


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(diagnoses(Doc()), cut=100), "half-answer"),
        (Reply(b"<html/>", 502), "http-status"),
        (Reply(b"x" * (65 * 1024 * 1024)), "too-large"),
    ],
    ids=["cut", "error-page", "too-large"],
)
def test_no_answer_is_told_with_a_reason(
    small_shell: Shell, up: MockSource, reply: Reply, code: str
) -> None:
    _ready(small_shell, _source(up))
    _answer(up, reply, notes_3())
    first, second = _pulled(small_shell).lines
    assert (first["state"], [each["code"] for each in first["issues"]]) == ("source_error", [code])
    assert second["state"] == "unchanged"


def test_what_the_aggregator_could_not_reach_is_told(ready: Shell, up: MockSource) -> None:
    _answer(up, diagnoses(Doc(), head=NOT_REACHED), notes_3())
    first = _pulled(ready).lines[0]
    assert first["state"] == "stored"
    assert "SE2329999990-E002 could not be reached" in first["issues"][0]["text"]


def test_a_complete_source_that_holds_nothing_more_withdraws(shell: Shell, up: MockSource) -> None:
    _ready(shell, _source(up, complete="true"))
    _answer(up, diagnoses(Doc(), Doc("D-2")), notes_3(Doc("N-1")))
    _pulled(shell)
    assert _withdrawn(shell) == []
    _answer(up, diagnoses(head=NOT_REACHED), fault("VP007"))
    _pulled(shell)
    assert _withdrawn(shell) == []
    _answer(up, NO_RECORDS, notes_3(Doc("N-1")))
    first = _pulled(shell).lines[0]
    assert (first["state"], first["issues"][-1]["code"]) == ("replaced", "disappeared")
    assert _withdrawn(shell) == ["Condition", "Condition"]


def test_numbers_come_by_file_or_standard_input(ready: Shell, up: MockSource) -> None:
    def answer(heard: Heard) -> Reply:
        return Reply(diagnoses(Doc(person=heard.value("id") or "")))

    up.answering = answer
    path = ready.write("persons.txt", f"{SIGNE}\n\n{AINA[2:8]}-{AINA[8:]}\n")
    ran = ready.run(
        "pull", "journal", "--person", f"@{path}", "--contract", "GetDiagnosis", "--json"
    )
    assert [each["state"] for each in ran.lines] == ["stored", "stored"]
    assert [each.value("id") for each in up.heard] == [SIGNE, AINA]


@pytest.mark.parametrize("given", ["19420317238", "@nosuch.txt", "", "19420231-2384"])
def test_what_is_no_number_is_refused_and_not_repeated(ready: Shell, given: str) -> None:
    ran = ready.run("pull", "journal", "--person", given)
    assert ran.status == 2
    assert "1942" not in ran.err + ran.out


def test_a_source_without_pull_says_what_to_add(small_shell: Shell) -> None:
    _ready(small_shell, f"sources: [{{id: journal, adapter: rivta, owners: [{REGION}]}}]")
    ran = _pulled(small_shell)
    assert ran.status == 2
    assert "`pull` in the sources file" in ran.err


def test_over_mutual_tls_with_paths_beside_the_sources_file(small_shell: Shell) -> None:
    folder = small_shell.folder / "tls"
    folder.mkdir()
    authority = Authority(folder)
    authority.issue("function")
    files = "certificate: tls/function.pem\n      key: tls/function.key\n      ca: tls/ca.pem"
    with source_up(authority.issue("source"), authority) as up:
        _ready(small_shell, _source(up, files))
        _answer(up, diagnoses(Doc()), notes_3())
        assert [each["state"] for each in _pulled(small_shell).lines] == ["stored", "unchanged"]
    assert [each["issues"][0]["code"] for each in _pulled(small_shell).lines] == ["no-contact"] * 2


def _withdrawn(shell: Shell) -> list[str]:
    store = Store(shell.environment["SAMVY_STORE"])
    query = "SELECT type FROM resource WHERE withdrawn AND type <> 'Provenance'"
    with store.read() as connection:
        found = [str(row.type) for row in connection.execute(text(query))]
    store.close()
    return found


@pytest.mark.parametrize(
    ("pull", "said"),
    [
        ("{}", "pull.endpoint: the key is required"),
        ("{endpoint: 'http://source.example/x', logical_address: A}", "not https"),
        ("{endpoint: 'https://u:p@source.example/x', logical_address: A}", "holds a password"),
        ("{endpoint: 'https://s.example/{nosuch}', logical_address: A}", "{domain}"),
        ("{endpoint: 'https://s.example/{operation.x}', logical_address: A}", "{domain}"),
        ("{endpoint: 'https://s.example/x', logical_address: A}", "mutual TLS"),
        (
            "{endpoint: 'https://s.example/x', logical_address: A, certificate: no.pem}",
            "no such file",
        ),
        (
            "{endpoint: 'https://s.example/x', logical_address: A, certificate: s.yaml}",
            "cannot be used together",
        ),
        ("{endpoint: 'http://127.0.0.1/x', logical_address: A, contracts: [GetX]}", "write one of"),
        (
            "{endpoint: 'http://[::1]/x', logical_address: A, contracts: [GetCareDocumentation]}",
            "several versions",
        ),
        (
            "{endpoint: 'http://127.0.0.1/x', logical_address: A, contracts: [GetObservations]}",
            "agreement",
        ),
        ("{endpoint: 'http://127.0.0.1/x', logical_address: A, seconds: 0}", "from 1 to 600"),
        ("{endpoint: 'http://127.0.0.1/x', logical_adress: A}", "did you mean `logical_address`?"),
    ],
)
def test_what_is_wrong_with_a_pull_is_told_with_its_place(
    small_shell: Shell, tmp_path: Path, pull: str, said: str
) -> None:
    assert small_shell.run("organisations", "load", small_shell.write("o.yaml", ORGANISATIONS))
    sources = f"sources:\n  - id: a\n    adapter: rivta\n    owners: [{REGION}]\n    pull: {pull}\n"
    ran = small_shell.run("sources", "load", small_shell.write("s.yaml", sources))
    assert ran.status == 2
    assert said in ran.err
    assert f"{tmp_path / 's.yaml'}:5: sources[0].pull" in ran.err


def test_an_answer_about_somebody_else_is_taken_and_told_of(ready: Shell, up: MockSource) -> None:
    _answer(up, diagnoses(Doc(), Doc("D-2", person=AINA)), notes_3(Doc("N-1")))
    ran = _pulled(ready)
    assert ran.status == 0
    told = [[note["code"] for note in each["issues"]].count("another-person") for each in ran.lines]
    assert told == [0, 1, 0]
    assert [each["state"] for each in ran.lines] == ["stored"] * 3


def test_an_answer_about_a_linked_number_is_about_who_was_asked_about(
    ready: Shell, up: MockSource
) -> None:
    pair = ready.write("pair.txt", f"{SIGNE} {AINA}")
    assert ready.run("person", "link", "--pairs", f"@{pair}").status == 0
    _answer(up, diagnoses(Doc(person=AINA)), NO_RECORDS)
    assert "another-person" not in _pulled(ready).out


def test_an_answer_about_somebody_else_withdraws_nothing_of_theirs(
    shell: Shell, up: MockSource
) -> None:
    ready = _ready(shell, _source(up, complete="true"))
    _answer(up, diagnoses(Doc(), Doc("D-2")), notes_3())
    _pulled(ready)
    _answer(up, diagnoses(Doc()), notes_3())
    ran = ready.run("pull", "journal", "--person", AINA, "--json")
    assert [each["state"] for each in ran.lines] == ["unchanged"] * 2
    assert [each["state"] for each in _pulled(ready).lines] == ["replaced", "unchanged"]
