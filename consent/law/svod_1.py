"""SVOD 1 kap.: what documentation, and which services, the act covers."""

from datetime import date

from consent.condition import either
from consent.item import anothers, kept_per_person, within_1_1, within_1_1_before_2025_07
from consent.reader import is_individual
from consent.section import Section, gate

SVOD = date(2023, 1, 1)
NEW_SOL = date(2025, 7, 1)

through_the_act = either(anothers, is_individual)
"""The reader reaches the item through the act: as another organisation, or as the person."""

SVOD_1_1 = Section(
    "SVOD 1:1",
    "Which documentation is covered, with SoL (2025:400)",
    (gate(within_1_1, applies=[through_the_act]),),
    in_force=NEW_SOL,
)
SVOD_1_1_BEFORE_2025_07 = Section(
    "SVOD 1:1",
    "Which documentation is covered, with SoL (2001:453)",
    (gate(within_1_1_before_2025_07, applies=[through_the_act]),),
    in_force=SVOD,
    until=NEW_SOL,
)
SVOD_1_3 = Section(
    "SVOD 1:3",
    "Social care documentation only where the file is kept for each recipient",
    (gate(kept_per_person, applies=[through_the_act]),),
    in_force=SVOD,
)
