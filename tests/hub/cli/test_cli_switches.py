"""samvy switches: what the statutes leave open, decided for a hub, and felt in the next request."""

import base64
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from consent.situation import DEFAULTS, Switch
from hub.again import situation_of
from hub.audit.record import record_from
from hub.store.connect import Store
from hub.store.directory import load_switches
from hub.store.schema.audit import audit_record
from tests.hub.api.test_api_refused import logged
from tests.hub.cli.cli_runner import Shell
from tests.worlds.hub_world import NOON, REGION_SYSTEM, WARD_DOCTOR, key_files, opened_world
from tests.worlds.usual import fill

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "switches.md").read_text(encoding="utf-8")
RUN = "import sys; from hub.cli.main import run; sys.argv[0] = 'samvy'; run()"
WRITTEN = re.search(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NAMES = tuple(each.value for each in Switch)


def test_the_page_s_file_is_taken_listed_and_taken_back(small_shell: Shell) -> None:
    assert WRITTEN
    small_shell.write("switches.yaml", WRITTEN[1])
    ran = small_shell.run("switches", "load", "switches.yaml")
    assert (ran.status, ran.err) == (0, "switches: 1 changed system_searches_across\n")
    assert "0 changed" in small_shell.run("switches", "load", "switches.yaml").err
    listed = {
        each["id"]: each["on"] for each in small_shell.run("switches", "list", "--json").lines
    }
    assert listed == {
        **{each.value: on for each, on in DEFAULTS.items()},
        "system_searches_across": False,
    }
    said = small_shell.run("switches", "list").out
    assert "system_searches_across  no  (default: yes)" in said
    small_shell.write("none.yaml", "decision: Nytt beslut\nswitches: {}")
    assert "1 changed" in small_shell.run("switches", "load", "none.yaml").err
    assert "default:" not in small_shell.run("switches", "list").out
    store = Store(small_shell.environment["SAMVY_STORE"])
    with store.read() as connection:
        rows = connection.execute(
            select(audit_record.c.payload).order_by(audit_record.c.recorded)
        ).scalars()
        records = [json.loads(each) for each in rows]
    store.close()
    assert [(each["action"], each["query"], each["reason"]) for each in records[:1]] == [
        (
            "administer",
            "switches/load existence_without_relation=no system_searches_across=no",
            "Chefsjurist, beslut 2026-11-30, dnr REG 2026/118",
        )
    ]
    assert (records[-1]["query"], records[-1]["reason"]) == ("switches/load", "Nytt beslut")


WRONG = {
    "decision: x\nswitches: {guardian_see_child: yes}": (
        "2",
        "no switch of this name",
        "did you mean `guardian_sees_child`?",
    ),
    "decision: x\nswitches: {zzz: yes}": ("2", "no switch of this name", ", ".join(NAMES)),
    "decision: x\nswitches: {guardian_sees_child: 'yes'}": ("2", "not yes or no", "without quotes"),
    "decision: x\nswitches: {guardian_sees_child: 1}": ("2", "not yes or no", "without quotes"),
    "decision: x\nswitches: [guardian_sees_child]": ("2", "does not fit here", "switches"),
    "switches: {guardian_sees_child: yes}": ("1", "required", "decision"),
    "decision: x\nswitch: {}": ("2", "not known", "did you mean `switches`?"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_file_that_is_wrong_changes_nothing_and_says_where(text: str, small_shell: Shell) -> None:
    small_shell.write("switches.yaml", text)
    ran = small_shell.run("switches", "load", "switches.yaml")
    line, what, remedy = WRONG[text]
    assert ran.status == 2
    assert f"switches.yaml:{line}: " in ran.err
    assert what in ran.err
    assert remedy in ran.err
    listed = small_shell.run("switches", "list", "--json").lines
    assert all(each["on"] is each["default"] for each in listed)


def test_every_process_decides_so_from_its_next_request(store_url: str, tmp_path: Path) -> None:
    """Another process loads the file; this one has kept its scopes."""
    assert WRITTEN
    file = tmp_path / "switches.yaml"
    file.write_text(WRITTEN[1], encoding="utf-8")
    with opened_world(store_url, tmp_path) as world:
        fill(world)
        own = {"patient": world.person()}
        assert world.get(REGION_SYSTEM, "/fhir/Condition").status == 200
        assert world.get(WARD_DOCTOR, "/fhir/Condition", own).status == 200
        assert logged(world)[-1]["law_version"] == "2025-07-01"
        command = [sys.executable, "-c", RUN, "switches", "load", str(file), "--store", store_url]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **key_files(tmp_path)})
        refused = world.get(REGION_SYSTEM, "/fhir/Condition")
        assert (refused.status, refused.codes) == (403, ["too-broad"])
        assert world.get(WARD_DOCTOR, "/fhir/Condition", own).status == 200
        assert logged(world)[-1]["law_version"] == "2025-07-01+system_searches_across=no"
        receipt = world.get(WARD_DOCTOR, "/fhir/Condition", own, headers={"Prefer": "receipt"})
        content = base64.urlsafe_b64decode(receipt.headers["x-samvy-receipt"] + "==")
        assert b"2025-07-01+system_searches_across=no" in content


def test_a_past_access_is_decided_again_by_the_switches_of_then(
    sqlite_store_url: str, tmp_path: Path
) -> None:
    with opened_world(sqlite_store_url, tmp_path) as world:
        fill(world)
        with world.store.write() as connection:
            load_switches(connection, {Switch.OLD_SOL_IN_SCOPE: True}, NOON)
        world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()})
        with world.store.write() as connection:
            load_switches(connection, {}, NOON + timedelta(hours=1))
        with world.store.read() as connection:
            row = connection.execute(
                select(audit_record.c.payload).order_by(audit_record.c.recorded.desc()).limit(1)
            ).scalar_one()
            record = record_from(bytes(row))
            then = situation_of(connection, record, NOON + timedelta(minutes=1))
            now = situation_of(connection, record)
        assert then is not None
        assert now is not None
        assert then[0].switches == {**DEFAULTS, Switch.OLD_SOL_IN_SCOPE: True}
        assert then[0].otherwise == "+old_sol_in_scope=yes"
        assert (now[0].switches, now[0].otherwise) == (DEFAULTS, "")


def test_a_situation_is_made_in_one_place_of_the_hub() -> None:
    """Whoever made one elsewhere would decide by default, whatever this hub has decided."""
    makes = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "hub").rglob("*.py")
        if "Situation(" in file.read_text(encoding="utf-8")
    }
    # scenarios and the comparison of laws are decided without any hub
    assert makes == {"hub/situated.py", "hub/scenario/answer.py", "hub/cli/law.py"}
