"""samvy alerts: what did not arrive at a vårdgivare's alarm, and trying it again."""

import json
from datetime import UTC, datetime

from hub.store.connect import Store
from hub.store.lift_alerts import PAUSES, AlertKind, alert, put_off, take_alert
from tests.hub.cli.cli_runner import Shell
from tests.hub.cli.test_cli_administering import records

OWNER = "SE5599999988-0001"
CLINIC = {
    "id": OWNER,
    "name": "Kliniken",
    "kind": ["vardgivare"],
    "lift_alert": "https://larm.example.se/s3cr3t",
}
NOW = datetime(2026, 3, 10, 11, tzinfo=UTC)


def _given_up(shell: Shell) -> None:
    store = Store(shell.environment["SAMVY_STORE"])
    with store.write() as connection:
        alert(connection, OWNER, AlertKind.ASKED, NOW, request="lift-request-a")
    for _ in range(len(PAUSES) + 1):
        later = NOW.replace(year=2027)
        taken = take_alert(store, "w", later)
        assert taken is not None
        with store.write() as connection:
            put_off(connection, "w", taken, "the answer was 503", NOW)
    store.close()


def test_what_did_not_arrive_is_listed_and_tried_again(shell: Shell) -> None:
    shell.run("db", "upgrade")
    shell.write("organisations.yaml", json.dumps({"organisations": [CLINIC]}))
    assert shell.run("organisations", "load", "organisations.yaml").status == 0
    assert shell.run("alerts", "list").status == 0
    _given_up(shell)
    listed = shell.run("alerts", "list", "--json")
    assert listed.status == 1
    found = json.loads(listed.out)
    assert (found["state"], found["owner"], found["reason"]) == (
        "given-up",
        OWNER,
        "the answer was 503",
    )
    line = shell.run("alerts", "list")
    assert "the answer was 503" in line.out
    assert "s3cr3t" not in listed.out + listed.err + line.out + line.err
    again = shell.run("alerts", "retry")
    assert (again.status, "1 are tried again" in again.err) == (0, True)
    assert records(shell)[-1]["query"] == "alerts/retry"
    assert shell.run("alerts", "list").status == 0


def test_an_address_that_may_not_be_called_is_refused(small_shell: Shell) -> None:
    for wrong in ("http://larm.example.se/x", "https://a:b@larm.example.se", "larmet", 7001):
        text = json.dumps({"organisations": [{**CLINIC, "lift_alert": wrong}]})
        small_shell.write("organisations.yaml", text)
        done = small_shell.run("organisations", "load", "organisations.yaml")
        assert done.status == 2
        assert "https address" in done.err
        assert str(wrong) not in done.err
