"""samvy queue, and the key `notified`: what waits, what was given up, what is wrong in a file."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from hub.store.connect import Store
from hub.store.pull_queue import Wanted, tell
from mappings.personal_identity import PERSONNUMMER
from tests.adapters.rivta.certificates import Authority
from tests.adapters.rivta.mock_source import fault, source_up
from tests.hub.cli.cli_files import ORGANISATIONS
from tests.hub.cli.cli_runner import Shell
from tests.hub.ingest.documents import REGION, SIGNE, SYSTEM, Doc, diagnoses

PULL = "{{endpoint: '{url}', logical_address: {system}, contracts: [GetDiagnosis]}}"


def _sources(url: str = "http://127.0.0.1/x", notified: str = "") -> str:
    pull = PULL.format(url=url, system=SYSTEM)
    line = f"    notified: {notified}\n" if notified else ""
    head = f"sources:\n  - id: journal\n    adapter: rivta\n    owners: [{REGION}]\n"
    return f"{head}    pull: {pull}\n{line}"


def _ready(shell: Shell, url: str) -> None:
    shell.run("db", "upgrade")
    shell.run("organisations", "load", shell.write("o.yaml", ORGANISATIONS))
    assert shell.run("sources", "load", shell.write("s.yaml", _sources(url))).status == 0


def test_what_waits_is_worked_on_listed_and_revived(shell: Shell) -> None:
    with source_up() as source:
        _ready(shell, source.url)
        store = Store(shell.environment["SAMVY_STORE"])
        wanted = Wanted("p" * 32, PERSONNUMMER, SIGNE, "journal", SYSTEM, "GetDiagnosis 2.0")
        with store.write() as connection:
            tell(connection, [wanted], datetime.now(UTC))
        source.answers(fault("VP007"))
        assert shell.run("queue", "work", "--until-empty").status == 0
        listed = shell.run("queue", "list", "--json")
        (task,) = listed.lines
        assert (listed.status, task["state"], task["attempts"]) == (0, "waiting", 1)
        assert [each["code"] for each in task["reasons"]] == ["VP007"]
        assert SIGNE not in listed.out
        assert "p" * 32 not in listed.out
        with store.write() as connection:
            connection.execute(text("UPDATE pull_task SET state = 'dead'"))
        dead = shell.run("queue", "list", "--dead")
        assert (dead.status, "given up" in dead.out) == (1, True)
        assert shell.run("queue", "retry", "none").status == 1
        assert shell.run("queue", "retry", task["id"]).status == 0
        source.answers(diagnoses(Doc()))
        assert shell.run("queue", "work", "--until-empty").status == 0
        assert shell.run("queue", "list").out == ""
        store.close()


@pytest.mark.parametrize("proxies", [", proxies: [127.0.0.1]", ""])
def test_who_may_tell_is_a_digest_or_a_certificate(small_shell: Shell, proxies: str) -> None:
    small_shell.run("organisations", "load", small_shell.write("o.yaml", ORGANISATIONS))
    Authority(small_shell.folder).issue("index")
    given = f"{{tokens: ['{'0' * 64}'], certificates: [index.pem]{proxies}}}"
    file = small_shell.write("s.yaml", _sources(notified=given))
    ran = small_shell.run("sources", "load", file)
    assert (ran.status, ran.err) == (0, "sources: 1 added, 0 changed, 0 unchanged\n")


@pytest.mark.parametrize(
    ("notified", "said"),
    [
        ("{}", "nobody may tell"),
        ("{tokens: [secret]}", "never the token itself"),
        ("{tokens: [1234]}", "never the token itself"),
        ("{certificates: [no.pem], proxies: [127.0.0.1]}", "no certificate in such a file"),
        ("{certificates: [s.yaml], proxies: [127.0.0.1]}", "no certificate in such a file"),
        ("{certificates: [s.yaml]}", "no certificate in such a file"),
        ("{proxies: [127.0.0.1]}", "no certificate that they may show"),
        ("{certificates: [s.yaml], proxies: [proxy.example]}", "IP address"),
        ("{token: []}", "did you mean `tokens`?"),
    ],
)
def test_what_is_wrong_is_told_and_no_secret_repeated(
    small_shell: Shell, notified: str, said: str
) -> None:
    small_shell.run("organisations", "load", small_shell.write("o.yaml", ORGANISATIONS))
    ran = small_shell.run(
        "sources", "load", small_shell.write("s.yaml", _sources(notified=notified))
    )
    assert ran.status == 2
    assert said in ran.err
    assert "secret" not in ran.err


def test_a_source_that_is_never_asked_is_not_told_of(small_shell: Shell) -> None:
    small_shell.run("organisations", "load", small_shell.write("o.yaml", ORGANISATIONS))
    text_ = _sources(notified=f"{{tokens: ['{'a' * 64}']}}")
    lines = [line for line in text_.splitlines() if "pull:" not in line]
    ran = small_shell.run("sources", "load", small_shell.write("s.yaml", "\n".join(lines)))
    assert ran.status == 2
    assert "add `pull`" in ran.err
