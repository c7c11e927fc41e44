"""samvy decide: what the law answers to the scenarios in files, and whether it was expected.

Source: INTERFACES; the page of the scenario format. Exit 0: every answer agrees with what its file
expects (or nothing is expected); 1: one does not; 2: a file cannot be read as a scenario.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from consent.situation import DEFAULTS, Switch
from consent.trail import Finding, Tried
from hub.cli.opening import JsonOption, fail, say
from hub.config.problem import ConfigurationError
from hub.scenario.answer import Answered, answer
from hub.scenario.scenario import Scenario, read_scenario


def decide(
    files: Annotated[list[Path], typer.Argument(help="scenario files (YAML)")],
    as_json: JsonOption = False,
    switch: Annotated[
        list[str] | None,
        typer.Option(help="what the statutes leave open, otherwise than by default: NAME=yes|no"),
    ] = None,
) -> None:
    """Decide every request in the files; without --json, as an account that a lawyer can follow."""
    status, switches = 0, _switches(switch or [])
    for file in files:
        try:
            scenario = read_scenario(file)
        except ConfigurationError as problem:
            say(str(problem))
            status = 2
            continue
        answers = answer(scenario, switches=switches)
        if as_json:
            requests = [each.as_json() for each in answers]
            text = json.dumps({"file": str(file), "requests": requests}, ensure_ascii=False)
        else:
            text = "\n".join(_account(file, scenario, answers))
        sys.stdout.write(text + "\n")
        if status == 0 and any(each.differs for each in answers):
            status = 1
    raise typer.Exit(status)


def _switches(given: list[str]) -> dict[Switch, bool]:
    """The table of defaults, with what was given in its place."""
    switches = dict(DEFAULTS)
    for each in given:
        name, _, value = each.partition("=")
        if name not in {known.value for known in Switch} or value not in ("yes", "no"):
            known = ", ".join(known.value for known in Switch)
            fail(f"--switch takes NAME=yes or NAME=no, where NAME is one of: {known}")
        switches[Switch(name)] = value == "yes"
    return switches


def _account(file: Path, scenario: Scenario, answers: tuple[Answered, ...]) -> Iterator[str]:
    yield f"{file}: {scenario.id} {scenario.title or ''}".rstrip()
    for each in answers:
        request = each.situation.request
        reader = request.reader
        who = f"{reader.as_} of {reader.organisation}" if reader.organisation else reader.as_
        yield f"\n{each.id}: {request.op} by {who} for {request.purpose}, {request.at.isoformat()}"
        for name, decision in each.decisions.items():
            explained = each.explanations[name]
            yield f"  {name}: {decision.outcome} ({', '.join(decision.basis) or 'no section'})"
            yield f"    till personen: {explained.person}"
            yield f"    till läsaren: {explained.reader}"
            yield from (f"    nästa steg: {step.sv}" for step in explained.next)
            for tried in explained.trail:
                yield from _tried(tried)
        yield f"  shows: {', '.join(each.shows) or 'nothing'}"
        if each.masked:
            yield f"  masked: {', '.join(each.masked)}"
        yield f"  obligations: {', '.join(each.obligations)}"
        if each.differs is not None:
            yield f"  {'DISAGREES' if each.differs else 'agrees'} with what the file expects"
            yield from (f"    {difference}" for difference in each.differs)
    yield ""


def _tried(tried: Tried) -> Iterator[str]:
    word = {"closes": ("passed", "closes"), "says when": ("met", "not met")}
    met, failed = word.get(tried.does, (tried.does, f"not: {tried.does}"))
    yield f"    {tried.section}: {met if tried.held else failed}"
    yield from (f"      {_finding(finding)}" for finding in tried.findings)


def _finding(finding: Finding) -> str:
    because = "; ".join(each for each in finding.because if not each.endswith(": none"))
    return f"{finding.number}. {finding.verdict}: {finding.text} [{because}]"
