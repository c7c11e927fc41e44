"""samvy person link and unlink: by option or in a file, logged, and without a number said."""

import pytest
from sqlalchemy import select

from hub.audit.record import Action, record_from
from hub.store.connect import Store
from hub.store.schema.audit import audit_record
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.documents import AINA, BO, SIGNE


def test_numbers_are_linked_and_parted_and_both_are_logged(shell: Shell) -> None:
    shell.run("db", "upgrade")
    linked = shell.run("person", "link", "--first", SIGNE, "--other", BO)
    assert (linked.status, linked.err) == (0, "1 linked, 0 were so already\n")
    pairs = shell.write("pairs.txt", f"{SIGNE} {AINA}\n{BO}\t{AINA}\n")
    again = shell.run("person", "link", "--pairs", f"@{pairs}")
    assert (again.status, again.err) == (0, "1 linked, 1 were so already\n")
    parted = shell.run("person", "unlink", "--person", BO)
    assert (parted.status, parted.err) == (0, "1 parted, 0 were linked to nothing\n")
    store = Store(shell.environment["SAMVY_STORE"])
    with store.read() as connection:
        payloads = connection.execute(select(audit_record.c.payload)).scalars().all()
    store.close()
    records = [record_from(each) for each in payloads]
    assert {each.action for each in records} == {Action.ADMINISTER}
    assert sorted(str(each.query) for each in records) == ["person/link"] * 6 + ["person/unlink"]
    assert all(SIGNE.encode() not in each for each in payloads)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--first and --other"),
        (("--first", SIGNE), "--first and --other"),
        (("--first", SIGNE, "--other", SIGNE), "not to itself"),
        (("--first", SIGNE, "--other", "12"), "--other: "),
        (("--pairs", SIGNE), "@FILE"),
    ],
)
def test_what_is_no_pair_is_refused(small_shell: Shell, words: tuple[str, ...], said: str) -> None:
    ran = small_shell.run("person", "link", *words)
    assert ran.status == 2
    assert said in ran.err
    assert SIGNE not in ran.err


def test_a_line_without_two_numbers_is_named(small_shell: Shell) -> None:
    pairs = small_shell.write("pairs.txt", f"{SIGNE} {BO}\n{SIGNE}\n")
    ran = small_shell.run("person", "link", "--pairs", f"@{pairs}")
    assert ran.status == 2
    assert "line 2" in ran.err
