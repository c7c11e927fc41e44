"""What came of a watch, and the figure of several: kept in a file, so that a long run can go on."""

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path

SOON = 0.25
"""Seconds after an act: an answer then is the one that a cache would spoil."""


@dataclass(slots=True)
class Seen:
    """Answers, acts and what was wrong. An answer is decisive where one thing alone was allowed."""

    answers: int = 0
    decisive: Counter[str] = field(default_factory=Counter)
    soon: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: "Seen") -> "Seen":
        return Seen(
            self.answers + other.answers,
            self.decisive + other.decisive,
            self.soon + other.soon,
            self.acts + other.acts,
            self.wrong + other.wrong,
            self.seconds + other.seconds,
        )

    def __str__(self) -> str:
        rate = self.answers / self.seconds if self.seconds else 0
        return (
            f"{self.answers:,} answers in {self.seconds:.0f} s ({rate:.0f}/s),"
            f" {self.decisive.total():,} of them decisive, {self.soon.total():,} of those within"
            f" {SOON} s of an act; {self.acts.total():,} acts; {len(self.wrong)} wrong"
        )

    def keep(self, file: Path) -> None:
        """Write it down whole, or leave what was there."""
        beside = file.with_name(file.name + ".new")
        content = {each.name: getattr(self, each.name) for each in fields(self)}
        beside.write_text(json.dumps(content), encoding="utf-8")
        beside.replace(file)


def kept(file: Path) -> Seen:
    """Return what an earlier run wrote down; nothing when there was none."""
    if not file.exists():
        return Seen()
    found = json.loads(file.read_text(encoding="utf-8"))
    counted = {name: Counter(found[name]) for name in ("decisive", "soon", "acts")}
    return Seen(**{**found, **counted})
