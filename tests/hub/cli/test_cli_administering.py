"""Every command that changes what the hub knows leaves a record before it does."""

import json
from typing import Any

from sqlalchemy import select, text

from hub.demo.load import DATA
from hub.store.connect import Store
from hub.store.schema.audit import audit_record
from tests.hub.cli.cli_runner import Shell

ORGANISATION = {"id": "SE2329999990-0001", "name": "Region Ekskog", "kind": ["vardgivare"]}
SOURCE = {"id": "ekskog-journal", "adapter": "rivta", "owners": [ORGANISATION["id"]]}
SIGNE = "194203172384"
FACTS = f"""person:
  identifier: {{system: "http://electronichealth.se/identifier/personnummer", value: "{SIGNE}"}}
  age: 84
"""


def records(shell: Shell) -> list[dict[str, Any]]:
    store = Store(shell.environment["SAMVY_STORE"])
    with store.read() as connection:
        rows = connection.execute(
            select(audit_record.c.payload).order_by(audit_record.c.recorded)
        ).scalars()
        found = [json.loads(each) for each in rows]
    store.close()
    return found


def test_what_is_loaded_is_logged_for_those_whom_it_is_about(shell: Shell) -> None:
    shell.run("db", "upgrade")
    shell.write("organisations.yaml", json.dumps({"organisations": [ORGANISATION]}))
    shell.write("sources.yaml", json.dumps({"sources": [SOURCE]}))
    shell.write("facts.yaml", FACTS)
    for what in ("organisations", "sources", "facts"):
        assert shell.run(what, "load", f"{what}.yaml").status == 0, what
    loaded, source, facts = records(shell)
    assert {each["action"] for each in (loaded, source, facts)} == {"administer"}
    assert (loaded["query"], loaded["organisation"]) == ("organisations/load", ORGANISATION["id"])
    assert source["query"] == "sources/load ekskog-journal"
    assert [each["owner"] for each in source["shown"]] == [ORGANISATION["id"]]
    assert facts["query"] == "facts/load"
    assert len(facts["person"]) > 20
    assert loaded["user"].startswith("os:")
    assert SIGNE not in json.dumps([loaded, source, facts])


def test_nothing_is_loaded_that_cannot_be_logged(small_shell: Shell) -> None:
    small_shell.run("audit", "key")
    store = Store(small_shell.environment["SAMVY_STORE"])
    with store.write() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER closed BEFORE INSERT ON audit_record"
                " BEGIN SELECT RAISE(ABORT, 'closed'); END"
            )
        )
    ran = small_shell.run("organisations", "load", DATA / "organisations.yaml")
    assert (ran.status, "not logged" in ran.err) == (2, True)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM organisation")).scalar_one() == 0
    store.close()


def test_a_file_that_is_not_right_leaves_no_record(small_shell: Shell) -> None:
    small_shell.write("organisations.yaml", "organisations: [{id: 1}]")
    assert small_shell.run("organisations", "load", "organisations.yaml").status == 2
    assert records(small_shell) == []


def test_an_export_says_what_was_asked_for_and_who_asked(small_shell: Shell) -> None:
    days = "2026-01-01/2026-01-02"
    assert small_shell.run("audit", "export", "--period", days, "--to", "x.jsonl").status == 0
    (found,) = records(small_shell)
    assert found["action"] == "export"
    assert found["query"].startswith("audit export 2025-12-31T23:00:00")
    assert found["user"].startswith("os:")


def test_a_retry_of_the_quarantine_is_logged(small_shell: Shell) -> None:
    assert small_shell.run("quarantine", "retry").status == 0
    assert records(small_shell)[0]["query"] == "quarantine/retry all"


def test_a_delivery_by_hand_is_logged_before_it_is_taken(small_shell: Shell) -> None:
    for what in ("organisations", "sources"):
        assert small_shell.run(what, "load", DATA / f"{what}.yaml").status == 0
    folder = DATA / "documents" / "ekskog-journal"
    before = len(records(small_shell))
    assert small_shell.run("ingest", folder, "--source", "ekskog-journal").status == 0
    (found,) = records(small_shell)[before:]
    number = len([each for each in folder.rglob("*") if each.is_file()])
    assert (found["action"], found["query"]) == (
        "administer",
        f"ingest/ekskog-journal {number} files",
    )
    assert found["user"].startswith("os:")
    assert [each["owner"] for each in found["shown"]]
    # and nothing is taken that cannot be logged
    store = Store(small_shell.environment["SAMVY_STORE"])
    with store.write() as connection:
        connection.execute(text("DELETE FROM source_part"))
        connection.execute(
            text(
                "CREATE TRIGGER closed BEFORE INSERT ON audit_record"
                " BEGIN SELECT RAISE(ABORT, 'closed'); END"
            )
        )
    ran = small_shell.run("ingest", folder, "--source", "ekskog-journal")
    assert (ran.status, ran.out, "not logged" in ran.err) == (2, "", True)
    with store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM source_part")).scalar_one() == 0
    store.close()
