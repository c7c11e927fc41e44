"""docs/law.md: the law as the hub decides it, made from the sections and from the scenarios.

Source: DESIGN §2: no rule has a second text. A test holds the page in docs/ to this.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from consent.law import DRAFTS, SECTIONS, changes
from consent.section import Section
from consent.situation import DEFAULTS
from consent.trail import does
from hub.scenario.answer import answer
from hub.scenario.scenario import Scenario

MADE = (
    "Made by `samvy law page` from the sections in `consent/law` and the scenarios in"
    " `tests/law`; do not edit."
)
_OPEN = re.compile(r"^ *# OPEN: (.+(?:\n *# (?!OPEN).+)*)", re.MULTILINE)


def law_page(consent: Path, scenarios: Iterable[Scenario]) -> str:
    """Return the page; `consent` is the folder of the package, where the open questions stand."""
    exercised = _exercised(scenarios)
    parts = [
        "# The law, as it is decided\n",
        f"{MADE}\n",
        f"The law changed on {', '.join(day.isoformat() for day in changes())}.",
        f"Drafts that are not in force: {', '.join(DRAFTS)}.\n",
        "## Switches: what is unsettled, and the default\n",
        "| Switch | Default |\n|---|---|",
        *(f"| `{switch.value}` | {'yes' if on else 'no'} |" for switch, on in DEFAULTS.items()),
        "\nA hub decides otherwise with `samvy switches load FILE` ([switches.md](switches.md)).",
        "\n## Open questions\n",
        *(f"* {text} (`{file}`)" for file, text in _open_questions(consent)),
        "\n## Sections, in the order in which they are walked\n",
        *(line for section in SECTIONS for line in _section(section, exercised)),
        "## Drafts\n",
        *(
            f"* `{name}`: {section.citation}, {section.title}"
            for name, sections in DRAFTS.items()
            for section in sections
        ),
    ]
    return "\n".join(parts) + "\n"


def _section(section: Section, exercised: Mapping[str, list[str]]) -> Iterator[str]:
    until = f", until {section.until.isoformat()}" if section.until else ""
    yield f"### {section.citation}: {section.title}\n"
    yield f"*{section.plain}.* In force from {section.in_force.isoformat()}{until}.\n"
    numbers = {(step, condition): number for number, step, condition in section.numbered()}
    for step in section.steps:
        where = " and ".join(each.text for each in step.applies)
        yield f"{does(step)[:1].upper()}{does(step)[1:]}{f', where {where}' if where else ''}:\n"
        for condition in step.conditions:
            cites = f" ({condition.cites})" if condition.cites else ""
            yield f"{numbers[step, condition]}. {condition.text}{cites}"
        if step.also:
            yield f"\nRests also on {', '.join(step.also)}."
        yield ""
    names = exercised.get(section.citation, [])
    yield f"Scenarios: {', '.join(names) or 'none'}.\n"


def _exercised(scenarios: Iterable[Scenario]) -> dict[str, list[str]]:
    """Return the scenarios by the sections that their answers cite."""
    found: dict[str, set[str]] = defaultdict(set)
    for scenario in scenarios:
        for answered in answer(scenario):
            for decision in answered.decisions.values():
                for citation in decision.basis:
                    found[citation].add(scenario.id)
    return {citation: sorted(ids) for citation, ids in found.items()}


def _open_questions(consent: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(consent.rglob("*.py")):
        for match in _OPEN.finditer(file.read_text(encoding="utf-8")):
            text = " ".join(line.strip().removeprefix("# ") for line in match[1].splitlines())
            yield f"consent/{file.relative_to(consent).as_posix()}", text
