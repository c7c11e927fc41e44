"""samvy ingest and samvy quarantine: statuses, receipts, and nothing that names anybody."""

import os
from pathlib import Path

import pytest

from tests.hub.cli.cli_files import ORGANISATIONS, SOURCES, WITH_OTHER
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.documents import (
    AINA,
    NAMES,
    OTHER_REGION,
    SIGNE,
    Doc,
    Served,
    diagnoses,
    export,
)
from tests.hub.ingest.hostile import HOSTILE, UNREADABLE

TAINT = (*NAMES, SIGNE, SIGNE[2:], AINA, "Hypertoni", "Promenad")


@pytest.fixture
def ready(shell: Shell) -> Shell:
    assert shell.run("db", "upgrade").status == 0
    _load(shell, SOURCES)
    return shell


@pytest.fixture
def small_ready(small_shell: Shell) -> Shell:
    _load(small_shell, SOURCES)
    return small_shell


def _load(shell: Shell, sources: str) -> None:
    organisations = shell.write("organisations.yaml", ORGANISATIONS)
    assert shell.run("organisations", "load", organisations).status == 0
    assert shell.run("sources", "load", shell.write("sources.yaml", sources)).status == 0


def test_a_file_is_taken_and_told_to_people(ready: Shell) -> None:
    file = ready.write("a.xml", diagnoses(Doc()))
    ran = ready.run("ingest", file, "--source", "journal")
    assert ran.status == 0
    assert ran.out.startswith(f"stored       {file}  GetDiagnosis 2.0  1 resources\n")
    assert "warning: test-number" in ran.out
    assert ran.err == ""
    assert ready.run("ingest", file, "--source", "journal").out.startswith("unchanged")


def test_a_folder_is_taken_with_all_its_files_in_order(ready: Shell) -> None:
    ready.write("in/b/2.xml", diagnoses(Doc("D-2")))
    ready.write("in/a/1.xml", diagnoses(Doc("D-1"), Doc("D-3", person=AINA)))
    ready.write("in/c.xml", diagnoses())
    ran = ready.run("ingest", ready.folder / "in", "--source", "journal", "--json")
    assert ran.status == 0
    assert [(Path(each["document"]).name, each["part"], each["state"]) for each in ran.lines] == [
        ("1.xml", "person 1", "stored"),
        ("1.xml", "person 2", "stored"),
        ("2.xml", None, "stored"),
        ("c.xml", None, "unchanged"),
    ]
    assert [issue["code"] for issue in ran.lines[-1]["issues"]] == ["empty-answer"]


@pytest.mark.parametrize(
    ("content", "state", "status"),
    [
        (diagnoses(Doc()), "stored", 0),
        (diagnoses(Doc(owner=None)), "quarantined", 1),
        (diagnoses(Doc())[:-30], "quarantined", 1),
        (b"<a/>", "rejected", 0),
        (HOSTILE["entity-bomb"], "rejected", 0),
    ],
)
def test_the_status_tells_whether_somebody_has_something_to_do(
    small_ready: Shell, content: bytes, state: str, status: int
) -> None:
    ran = small_ready.run(
        "ingest", small_ready.write("a.xml", content), "--source", "journal", "--json"
    )
    assert ([each["state"] for each in ran.lines], ran.status) == ([state], status)


def test_the_sources_error_is_told(small_ready: Shell) -> None:
    fault = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        b"<faultcode>s:Server</faultcode><faultstring>VP009 Signe</faultstring>"
        b"</s:Fault></s:Body></s:Envelope>"
    )
    ran = small_ready.run(
        "ingest", small_ready.write("a.xml", fault), "--source", "journal", "--json"
    )
    assert ([each["state"] for each in ran.lines], ran.status) == (["source_error"], 1)
    assert "Signe" not in ran.out


def test_one_bad_document_does_not_end_the_run(ready: Shell) -> None:
    for number, content in enumerate((*HOSTILE.values(), *UNREADABLE.values())):
        ready.write(f"in/{number:02}.xml", content)
    ready.write("in/99.xml", diagnoses(Doc()))
    ran = ready.run("ingest", ready.folder / "in", "--source", "journal", "--json")
    assert ran.status == 1
    assert ran.lines[-1]["state"] == "stored"
    assert len(ran.lines) == len(HOSTILE) + len(UNREADABLE) + 1


def test_nothing_that_is_printed_names_anybody(ready: Shell) -> None:
    ready.write("in/1.xml", diagnoses(Doc(), Doc("D-2", owner="Norrby", person=AINA)))
    ready.write("in/2.xml", diagnoses(Doc())[:-30])
    for content, source in ((None, "journal"), (export(Served(), Served(None)), "social")):
        if content is not None:
            ready.write("in/1.xml", content)
        for words in (
            ("ingest", "in", "--source", source),
            ("ingest", "in", "--source", source, "--json"),
            ("quarantine", "list"),
            ("quarantine", "list", "--json"),
            ("quarantine", "retry"),
        ):
            ran = ready.run(*words)
            assert not [taint for taint in TAINT if taint in ran.out + ran.err], words
    for each in ready.run("quarantine", "list", "--json").lines:
        for words in (("show", each["id"]), ("show", each["id"], "--json")):
            ran = ready.run("quarantine", *words)
            assert ran.status == 0
            assert not [taint for taint in TAINT if taint in ran.out + ran.err]


def test_the_default_source_is_used_where_there_is_one(ready: Shell) -> None:
    file = ready.write("a.xml", diagnoses(Doc()))
    ran = ready.run("ingest", file)
    assert (ran.status, ran.out) == (2, "")
    assert "--source" in ran.err
    assert "journal, social" in ran.err
    ready.run("sources", "load", ready.write("d.yaml", SOURCES.replace("journal", "default")))
    assert ready.run("ingest", file, "--json").lines[0]["source"] == "default"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ingest", "a.xml", "--source", "nosuch"], "no source of that name"),
        (["ingest", "nosuch.xml", "--source", "journal"], "no file or folder nosuch.xml"),
        (["ingest", "/dev/null", "--source", "journal"], "no file or folder"),
        (["ingest", "a.xml", "--source", "journal", "--adapter", "x"], "rivta, xml_export"),
        (["quarantine", "show", "nosuch"], "quarantine list"),
        (["quarantine", "retry", "nosuch"], "quarantine list"),
    ],
)
def test_what_cannot_be_run_says_what_to_do(
    small_ready: Shell, words: list[str], said: str
) -> None:
    small_ready.write("a.xml", diagnoses(Doc()))
    ran = small_ready.run(*words)
    assert ran.status == (1 if words[0] == "quarantine" else 2)
    assert ran.out == ""
    assert said in ran.err


def test_a_file_that_cannot_be_read_is_told_and_the_next_is_taken(small_ready: Shell) -> None:
    unreadable = Path("/proc/self/mem")
    if not unreadable.is_file():
        pytest.skip("there is no file here that nobody can read")
    small_ready.write("in/2.xml", diagnoses(Doc()))
    (small_ready.folder / "in" / "1.xml").symlink_to(unreadable)
    ran = small_ready.run("ingest", "in", "--source", "journal", "--json")
    assert ran.status == 1
    assert [each["state"] for each in ran.lines] == ["rejected", "stored"]
    assert ran.lines[0]["issues"][0]["code"] == "cannot-read-file"


def test_a_file_with_an_odd_name_is_taken(small_ready: Shell) -> None:
    name = os.fsdecode(b"in/\xff\x1b[31m.xml")
    small_ready.write("in/x", b"")
    (small_ready.folder / "in" / "x").unlink()
    (small_ready.folder / name).write_bytes(diagnoses(Doc()))
    ran = small_ready.run("ingest", "in", "--source", "journal", "--json")
    assert (ran.status, [each["state"] for each in ran.lines]) == (0, ["stored"])
    assert "\x1b" not in ran.out


class TestQuarantine:
    def test_is_empty_after_the_cause_was_mended(self, ready: Shell) -> None:
        file = ready.write("a.xml", diagnoses(Doc(owner=OTHER_REGION)))
        assert ready.run("ingest", file, "--source", "journal").status == 1
        (waiting,) = ready.run("quarantine", "list", "--json").lines
        assert list(waiting) == [
            "id",
            "source",
            "adapter",
            "contract",
            "document",
            "part",
            "size",
            "received",
            "kept",
            "reasons",
        ]
        assert (waiting["document"], waiting["kept"]) == (str(file), True)
        shown = ready.run("quarantine", "show", waiting["id"])
        assert "owner-not-of-source" in shown.out
        assert "sources file" in shown.out
        assert ready.run("quarantine", "retry").status == 1
        _load(ready, WITH_OTHER)
        ran = ready.run("quarantine", "retry", waiting["id"], "--json")
        assert (ran.status, [each["state"] for each in ran.lines]) == (0, ["stored"])
        assert ready.run("quarantine", "list", "--json").lines == []
        assert ready.run("quarantine", "retry", "--json").lines == []

    def test_names_an_export_that_has_to_be_sent_again(self, ready: Shell) -> None:
        file = ready.write("a.xml", export(Served())[:-30])
        assert ready.run("ingest", file, "--source", "social").status == 1
        (waiting,) = ready.run("quarantine", "list", "--json").lines
        assert (waiting["kept"], waiting["document"]) == (False, None)
        assert "send it again" in ready.run("quarantine", "list").out
        ran = ready.run("quarantine", "retry", waiting["id"])
        assert (ran.status, ran.out) == (1, "")
        assert "send it again" in ran.err
        assert ready.run("quarantine", "retry").status == 0
