"""samvy law: what changes between two versions of the law, and the page that says what holds.

Source: INTERFACES `law diff`; DESIGN P8.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

import consent
from consent.law import Law, named
from consent.period import STOCKHOLM
from consent.situation import Situation
from consent.whatif import Change, whatif
from hub.cli.opening import JsonOption, fail
from hub.config.problem import ConfigurationError
from hub.running import now
from hub.scenario.law_page import law_page
from hub.scenario.scenario import Scenario, read_scenario

law = typer.Typer(help="the law as data: versions, and what would change")
Version = Annotated[str, typer.Argument(help="a date such as 2025-06-30, or a draft: ehds")]
FolderOption = Annotated[Path, typer.Option("--facts", help="a folder of scenario files")]


@law.command("diff")
def law_diff(a: Version, b: Version, facts: FolderOption, as_json: JsonOption = False) -> None:
    """List the decisions that differ between two laws: for whom, which item, by which section."""
    changes = [
        (scenario, request, reader, change)
        for scenario in _scenarios(facts)
        for request, reader, change in _changes(scenario, a, b)
    ]
    for scenario, request, reader, change in changes:
        if as_json:
            line = json.dumps(
                {"scenario": scenario.id, "request": request, **_as_json(change)},
                ensure_ascii=False,
            )
        else:
            line = f"{scenario.id} {request} ({reader}) {change.item}: {_text(change)}"
        sys.stdout.write(line + "\n")
    if not as_json:
        sys.stdout.write(f"{len(changes)} decisions change\n")


@law.command("page")
def law_page_command(
    facts: FolderOption = Path("tests/law"),
) -> None:
    """Print docs/law.md: every section, its conditions, the open questions and the scenarios."""
    folder = Path(consent.__file__).parent
    sys.stdout.write(law_page(folder, _scenarios(facts)))


def _changes(scenario: Scenario, a: str, b: str) -> Iterator[tuple[str, str, Change]]:
    today = now().astimezone(STOCKHOLM).date()
    before, after = _named(a, today), _named(b, today)
    for asked in scenario.requests:
        situation = Situation(scenario.facts, asked.request)
        items = [scenario.items[name] for name in asked.items]
        reader = asked.request.reader
        who = f"{reader.as_} of {reader.organisation}" if reader.organisation else str(reader.as_)
        for change in whatif(situation, items, before, other_law=after):
            yield asked.id, who, change


def _named(name: str, today: date) -> Law:
    try:
        return named(name, today)
    except LookupError as problem:
        fail(f"{name}: {problem}")


def _scenarios(folder: Path) -> list[Scenario]:
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        fail(f"{folder} holds no scenario files (*.yaml)")
    try:
        return [read_scenario(file) for file in files if not file.name.startswith(("_", "lus"))]
    except ConfigurationError as problem:
        fail(str(problem))


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "item": change.item,
        "before": {"outcome": change.before.outcome.value, "basis": list(change.before.basis)},
        "after": {"outcome": change.after.outcome.value, "basis": list(change.after.basis)},
        "by": list(change.by),
        "no_longer": list(change.no_longer),
        "newly": list(change.newly),
    }


def _text(change: Change) -> str:
    words = [
        ", ".join([each.outcome.value, *sorted(rung.value for rung in each.rungs)])
        for each in (change.before, change.after)
    ]
    return f"{words[0]} → {words[1]} (by {', '.join(change.by) or 'no section'})"
