"""samvy purge: nothing is left of what was purged, and the log says that it was."""

import json
from collections.abc import Iterator
from pathlib import Path
from zlib import decompress

import pytest
from sqlalchemy import select, text

from hub.audit.record import AccessRecord, Action, record_from
from hub.audit.verify_store import verify_store
from hub.store.connect import Store
from hub.store.schema.audit import audit_record
from hub.store.schema.search_index import INDEX_TABLES
from tests.hub.cli.cli_files import ORGANISATIONS, WITH_OTHER
from tests.hub.cli.cli_runner import Ran, Shell
from tests.hub.ingest.documents import AINA, OTHER_REGION, REGION, SIGNE, Doc, diagnoses, notes_2

DECISION = "Dnr 2026-17, 2026-03-01"
OLD, NEW = "20100119113000", "20260119113000"


@pytest.fixture
def ready(shell: Shell) -> Shell:
    shell.run("db", "upgrade")
    assert shell.run("organisations", "load", shell.write("o.yaml", ORGANISATIONS)).status == 0
    assert shell.run("sources", "load", shell.write("s.yaml", WITH_OTHER)).status == 0
    documents = {
        "first.xml": diagnoses(Doc("D-1", "Gammalfynd", time=OLD), Doc("D-2", "Nyfynd", time=NEW)),
        "changed.xml": diagnoses(Doc("D-1", "Gammalfynd andrat", time=OLD)),
        "note.xml": notes_2(Doc("N-1", "Gammalfynd i text", time=OLD)),
        "other.xml": diagnoses(Doc("D-3", "Annat", owner=OTHER_REGION, time=OLD)),
        "aina.xml": diagnoses(Doc("D-4", "Ainas", person=AINA, time=OLD)),
    }
    for name, content in documents.items():
        ran = shell.run("ingest", shell.write(name, content), "--source", "journal")
        assert ran.status == 0, ran.out
    return shell


@pytest.fixture
def store(ready: Shell) -> Iterator[Store]:
    opened = Store(ready.environment["SAMVY_STORE"])
    yield opened
    opened.close()


def _purge(shell: Shell, because: str, *words: str) -> Ran:
    return shell.run("purge", "--because", because, "--decision", DECISION, *words)


def _texts(store: Store) -> set[str]:
    """The displays of every diagnosis in any version, from behind the hub's back."""
    with store.read() as connection:
        bodies = connection.execute(text("SELECT body FROM resource_version")).scalars()
        return {
            coding["display"]
            for body in bodies
            for coding in json.loads(bytes(body)).get("code", {}).get("coding", ())
        }


def _records(store: Store) -> list[AccessRecord]:
    with store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars().all()
    found = [record_from(each) for each in payloads]
    return [each for each in found if (each.query or "").startswith(("purge", "readmit"))]


def _count(store: Store, table: str, where: str = "1 = 1") -> int:
    with store.read() as connection:
        query = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 - our own words
        return int(connection.execute(text(query)).scalar_one())


def test_gallring_takes_what_is_old_enough_of_the_owner_and_nothing_else(
    ready: Shell, store: Store
) -> None:
    ran = _purge(ready, "gallring", "--owner", REGION, "--before", "2015-01-01", "--json")
    assert ran.status == 0, ran.err
    assert len(ran.lines) == 2
    assert _texts(store) == {"Nyfynd", "Annat"}
    assert _count(store, "resource", "type = 'DocumentReference'") == 0
    # what stays has its provenance, what went has none
    assert _count(store, "resource", "type = 'Provenance'") == 2
    assert _count(store, "source_part", "document NOT LIKE '%other.xml'") == 0


def test_no_index_and_no_byte_is_left(small_shell: Shell) -> None:
    small_shell.run("organisations", "load", small_shell.write("o.yaml", ORGANISATIONS))
    small_shell.run("sources", "load", small_shell.write("s.yaml", WITH_OTHER))
    file = small_shell.write("a.xml", diagnoses(Doc("D-1", "Unikfynd"), Doc("D-2", "Unikfynd")))
    small_shell.run("ingest", file, "--source", "journal")
    database = small_shell.folder / "samvy.db"
    assert _holds(database, b"Unikfynd")
    ran = _purge(small_shell, "ivo", "--person", SIGNE, "--owner", REGION)
    assert ran.status == 0, ran.err
    assert not _holds(database, b"Unikfynd")
    store = Store(small_shell.environment["SAMVY_STORE"])
    tables = ["resource", "resource_version", "source_part"]
    tables += [table.name for table in INDEX_TABLES.values()]
    assert {name: _count(store, name) for name in tables} == dict.fromkeys(tables, 0)
    store.close()


def _holds(database: Path, what: bytes) -> bool:
    files = [database, *database.parent.glob("samvy.db-*")]
    return any(what in file.read_bytes() for file in files)


def test_the_log_says_what_went_and_why_and_keeps_its_tree(ready: Shell, store: Store) -> None:
    _purge(ready, "gallring", "--owner", REGION, "--before", "2015-01-01", "--person", SIGNE)
    (logged,) = _records(store)
    assert logged.action is Action.ADMINISTER
    assert (logged.query, logged.reason) == ("purge/gallring", DECISION)
    assert (logged.grounds, logged.organisation) == (("PDL 3:17",), REGION)
    kinds = {name.partition("/")[0] for each in logged.shown for name in each.references}
    assert kinds == {"Condition", "DocumentReference", "Provenance"}
    assert verify_store(store)["verified"]
    assert _texts(store) == {"Nyfynd", "Annat", "Ainas"}


def test_what_was_filed_under_the_wrong_person_goes_with_its_record(
    ready: Shell, store: Store
) -> None:
    with store.read() as connection:
        found = connection.execute(
            text("SELECT id FROM resource WHERE type = 'Condition' AND owner = :owner"),
            {"owner": OTHER_REGION},
        ).scalar_one()
    resource = f"Condition/{found}"
    ran = _purge(ready, "wrong-person", "--person", SIGNE, "--resource", resource)
    assert ran.status == 0, ran.err
    assert "Annat" not in _texts(store)
    assert {"Nyfynd", "Ainas"} <= _texts(store)


def _ingest(shell: Shell, name: str) -> list[tuple[str, list[str]]]:
    ran = shell.run("ingest", shell.folder / name, "--source", "journal", "--json")
    return [
        (each["state"], [note["code"] for note in each["issues"] if note["code"] != "test-number"])
        for each in ran.lines
    ]


def test_what_was_purged_does_not_come_back_unnoticed(ready: Shell, store: Store) -> None:
    _purge(ready, "ivo", "--person", AINA, "--owner", REGION)
    assert _ingest(ready, "aina.xml") == [("rejected", ["purged"])]
    # Changed, it is still the same record.
    ready.write("aina.xml", diagnoses(Doc("D-4", "Ainas andrade", person=AINA, time=NEW)))
    assert _ingest(ready, "aina.xml") == [("rejected", ["purged"])]
    assert _count(store, "source_part", "document LIKE '%aina.xml'") == 0
    assert "Ainas andrade" not in _texts(store)
    ready.write("signes.xml", diagnoses(Doc("D-4", "Signes", time=NEW)))
    assert _ingest(ready, "signes.xml") == [("stored", [])]  # another's of the same number


def test_the_rest_of_a_part_is_taken_in_without_what_was_purged(ready: Shell, store: Store) -> None:
    _purge(ready, "gallring", "--owner", REGION, "--before", "2015-01-01")
    assert _ingest(ready, "first.xml") == [("unchanged", ["purged"])]
    more = [Doc("D-1", "Gammalfynd", time=OLD), Doc("D-5", "Nytt", time=NEW)]
    ready.write("more.xml", diagnoses(*more, Doc("D-1", "Gammalfynd igen", time=OLD)))
    ((state, codes),) = _ingest(ready, "more.xml")
    assert (state, set(codes)) == ("stored", {"purged", "repeated-record-id"})
    assert _texts(store) == {"Nyfynd", "Annat", "Nytt"}
    with store.read() as connection:
        parts = connection.execute(text("SELECT content FROM source_part")).scalars()
        assert not any(b"Gammalfynd" in decompress(each) for each in parts)
    assert _ingest(ready, "more.xml")[0][0] == "unchanged"


def test_a_purge_that_was_a_mistake_is_undone_by_a_decision_that_is_logged(
    ready: Shell, store: Store
) -> None:
    _purge(ready, "ivo", "--person", AINA, "--owner", REGION)
    ran = ready.run("readmit", "--person", AINA, "--source", "other", "--decision", DECISION)
    assert "0 purged records" in ran.err
    ran = ready.run("readmit", "--person", AINA, "--source", "journal", "--decision", DECISION)
    assert (ran.status, "1 purged records" in ran.err) == (0, True)
    assert [each.query for each in _records(store)] == ["purge/ivo", "readmit"]
    assert _ingest(ready, "aina.xml") == [("stored", [])]


def test_a_dry_run_changes_nothing(ready: Shell, store: Store) -> None:
    before = _texts(store)
    ran = _purge(ready, "ivo", "--person", SIGNE, "--owner", REGION, "--dry-run")
    assert "would be purged" in ran.err
    assert _texts(store) == before
    assert _records(store) == []


@pytest.mark.parametrize(
    ("because", "words", "said"),
    [
        ("gallring", ("--owner", REGION), "--before"),
        ("gallring", ("--before", "2015-01-01"), "--owner"),
        ("gallring", ("--owner", REGION, "--before", "2999-01-01"), "has been"),
        ("gallring", ("--owner", REGION, "--before", "1 jan"), "2014-01-01"),
        ("gallring", ("--owner", "SE1-NONE", "--before", "2015-01-01"), "no organisation"),
        ("ivo", ("--owner", REGION), "--person"),
        ("ivo", ("--person", SIGNE), "--owner"),
        ("wrong-person", ("--person", SIGNE), "--resource"),
        ("wrong-person", ("--person", SIGNE, "--resource", "x"), "Type/id"),
        ("wrong-person", ("--person", SIGNE, "--source", "none"), "no source"),
        ("wrong-person", ("--person", SIGNE, "--source", "api"), "give --owner too"),
        ("ivo", ("--person", "12", "--owner", REGION), "twelve digits"),
    ],
)
def test_a_choice_wider_than_its_reason_is_refused(
    small_shell: Shell, because: str, words: tuple[str, ...], said: str
) -> None:
    small_shell.run("organisations", "load", small_shell.write("o.yaml", ORGANISATIONS))
    ran = _purge(small_shell, because, *words)
    assert ran.status == 2
    assert said in ran.err


def test_after_a_purge_all_accesses_of_the_person_are_still_proven_to_be_all(ready: Shell) -> None:
    """The documentation goes; who read it, and that it was purged, does not."""
    assert ready.run("audit", "export", "--person", SIGNE, "--to", "before.jsonl").status == 0
    ran = _purge(ready, "gallring", "--owner", REGION, "--before", "2015-01-01")
    assert ran.status == 0, ran.err
    assert ready.run("audit", "export", "--person", SIGNE, "--to", "after.jsonl").status == 0
    before, after = (
        ready.run("audit", "verify", f"{name}.jsonl", "--json").lines[0]
        for name in ("before", "after")
    )
    assert (before["complete"], after["complete"], after["erased"]) == (True, True, 0)
    assert after["records"] > before["records"] + 1  # the purge, and this export
    assert "purge" in (ready.folder / "after.jsonl").read_text(encoding="utf-8")


def test_what_an_organisations_own_systems_wrote_can_be_chosen(ready: Shell, store: Store) -> None:
    written = text(
        "UPDATE resource SET source = 'api', record = NULL, contract = NULL, part = NULL"
        " WHERE EXISTS (SELECT 1 FROM resource_version v"
        " WHERE v.id = resource.id AND v.version = 2)"
    )
    with store.write() as connection:
        connection.execute(written)
    words = ("--person", SIGNE, "--source", "api", "--owner")
    assert _purge(ready, "wrong-person", *words, OTHER_REGION).err == "0 resources are purged\n"
    assert _purge(ready, "wrong-person", *words, REGION).status == 0
    assert _texts(store) == {"Nyfynd", "Annat", "Ainas"}
