"""docs/console.md says what the console does: pages, reasons, weights, figures and the sample."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from hub.review.judgement import ACTIONS, VERDICTS
from hub.review.looking import AT_A_TIME
from hub.review.sample import AHEAD, ONE_IN, drawn
from hub.review.signals import MANY_PERSONS, SIGNALS, TITLES
from hub.web.pages import PLACES
from hub.web.session import IDLE, LONGEST


def _page(root: Path) -> str:
    return " ".join((root / "docs" / "console.md").read_text(encoding="utf-8").split())


def test_the_page_names_every_page_reason_and_judgement(root: Path) -> None:
    text = _page(root)
    for place in PLACES:
        assert not place.menu or f"| {place.menu} |" in text, place.menu
    for signal in SIGNALS:
        always = "" if signal.unexplained else " ja"
        assert f"| {signal.title} | {signal.weight} |{always} |" in text, signal.title
        assert signal.enough or f"{signal.title} (mellan 22 och 06) räcker inte ensam" in text
    for code in TITLES:
        assert f"`{code}`" in text, code
    for name in (*VERDICTS.values(), *ACTIONS.values()):
        assert name in text, name


def test_the_pages_figures_are_the_codes(root: Path) -> None:
    text = _page(root)
    assert f"efter {IDLE.total_seconds() / 60:.0f} minuter utan" in text
    assert f"efter {LONGEST.total_seconds() / 3600:.0f} timmar" in text
    assert f"fler än {MANY_PERSONS} personer" in text
    assert f"en åtkomst av {ONE_IN}" in text
    assert f"de {AHEAD} följande" in text
    assert f"{AT_A_TIME} poster åt gången" in text


def test_the_pages_program_draws_the_sample_without_the_hub(root: Path) -> None:
    page = (root / "docs" / "console.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    month_seed = bytes(range(32))
    records = [f"record-{number}" for number in range(3000)]

    def run(commitment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-c", program, month_seed.hex(), commitment],
            input="\n".join(records),
            capture_output=True,
            text=True,
            check=False,
        )

    found = run(hashlib.sha256(month_seed).hexdigest()).stdout.split()
    assert found == [each for each in records if drawn(month_seed, each)]
    assert found
    other = run("0" * 64)
    assert other.returncode == 1
    assert other.stdout == ""
