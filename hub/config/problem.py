"""What is wrong in a file that somebody wrote: where, what, and what to do about it.

A problem never repeats a value from the file, because a file may hold personal data. Keys are
named, since they are the format's own words; a key that looks like a number is not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_KEY = 40
SHOWN = 20
_SEVERAL_DIGITS = re.compile(r"\d.*\d.*\d.*\d.*\d.*\d")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in the terms of the one who wrote the file."""

    file: str
    line: int
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return it on one line, file and line first as editors expect."""
        return f"{self.file}:{self.line}: {self.key}: {self.what}; {self.remedy}"


class ConfigurationError(Exception):
    """A file cannot be used; `problems` holds everything that is wrong in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        left = len(self.problems) - SHOWN
        if left > 0:
            lines.append(f"and {left} more")
        super().__init__("\n".join(lines))


def shown_key(key: object) -> str:
    """Return a key as it may be printed: short, and never one that may be a person's number."""
    text = str(key)
    if _SEVERAL_DIGITS.search(text) or not text.isprintable():
        return "(a key that is not shown)"
    return text if len(text) <= LONGEST_KEY else text[:LONGEST_KEY] + "…"
