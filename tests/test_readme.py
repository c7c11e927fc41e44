"""What README.md claims is so: its commands are there, and its request gets its answer."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hub.auth.built_in import issue_token, issuer_key
from hub.cli.main import app
from hub.cli.serve import listening
from hub.demo.client import Client
from hub.demo.load import DATA
from hub.demo.play import played, staged
from hub.running import now
from mappings.personal_identity import PERSONNUMMER

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ANYTHING = "…"


def _matches(expected: Any, found: Any) -> bool:  # noqa: ANN401  # JSON
    if expected == ANYTHING:
        return isinstance(found, str) and bool(found)
    if isinstance(expected, dict):
        return expected.keys() == found.keys() and all(
            _matches(expected[key], found[key]) for key in expected
        )
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(_matches, expected, found))
    return bool(expected == found)


def test_the_request_gets_the_answer_that_stands_there() -> None:
    request = json.loads(re.search(r"-d '(.*?)'", README, re.DOTALL)[1])
    expected = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    console = Console(stderr=True, quiet=True)
    with staged(DATA, console) as stage:
        reader = next(r for r in stage.script.readers if r.name == "ward doctor without consent")
        with played(stage, listening("127.0.0.1", 0), console) as scene, stage.store.read() as read:
            token = issue_token(issuer_key(read), reader.token, now())
            headers = {"Authorization": f"Bearer {token}"}
            host, port = scene.base.removeprefix("http://").removesuffix("/fhir").split(":")
            with Client(host, int(port)) as client:
                number = f"{PERSONNUMMER}|{stage.script.person}"
                found = client.post_form("Patient/_search", {"identifier": number}, headers)
                person = found["entry"][0]["resource"]["id"]
                answer = client.post(f"Patient/{person}/$open", request, headers)
    assert _matches(expected, answer), json.dumps(answer, ensure_ascii=False, indent=1)


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"^    make (\w+)", README, re.MULTILINE)))
)
def test_make_has_the_target(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{command}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("line", sorted(set(re.findall(r"samvy ([a-z]+(?: [a-z]+)?)", README))))
def test_samvy_has_the_command(line: str) -> None:
    first, _, second = line.partition(" ")
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    if first in groups:
        group = groups[first]
        names = {command.name for command in group.registered_commands}
        assert second in names | {each.name for each in group.registered_groups}
    else:
        assert first in {command.name for command in app.registered_commands}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize(
    "folder", sorted(set(re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE)))
)
def test_a_folder_of_the_table_is_there(folder: str) -> None:
    assert (ROOT / folder).is_dir()
