"""SVOD 1 kap.: what documentation, and which services, the act covers."""

from datetime import date

from consent.condition import either
from consent.facts import Operation
from consent.item import (
    anothers,
    held_as_service,
    kept_per_person,
    within_1_1,
    within_1_1_before_2025_07,
)
from consent.law.operations import MAKING, REACHING
from consent.reader import is_individual_or_guardian
from consent.section import Section, gate

SVOD = date(2023, 1, 1)
NEW_SOL = date(2025, 7, 1)

through_the_act = either(anothers, is_individual_or_guardian)
"""The reader reaches the item through the act: as another organisation, or as the person."""
LOG = frozenset({Operation.LOG_EXTRACT})

SVOD_1_1 = Section(
    "SVOD 1:1",
    "Which documentation is covered, with SoL (2025:400)",
    "lagen omfattar bara viss vård och vissa insatser",
    (
        gate(within_1_1, applies=[through_the_act], of=REACHING),
        gate(within_1_1, applies=[held_as_service], of=LOG),
        gate(within_1_1, of=MAKING),
    ),
    in_force=NEW_SOL,
)
SVOD_1_1_BEFORE_2025_07 = Section(
    "SVOD 1:1",
    "Which documentation is covered, with SoL (2001:453)",
    "lagen omfattar bara viss vård och vissa insatser",
    (
        gate(within_1_1_before_2025_07, applies=[through_the_act], of=REACHING),
        gate(within_1_1_before_2025_07, applies=[held_as_service], of=LOG),
        gate(within_1_1_before_2025_07, of=MAKING),
    ),
    in_force=SVOD,
    until=NEW_SOL,
)
SVOD_1_3 = Section(
    "SVOD 1:3",
    "Social care documentation only where the file is kept for each recipient",
    "dokumentationen ska hållas för varje person för sig",
    (
        gate(kept_per_person, applies=[through_the_act], of=REACHING),
        gate(kept_per_person, of=MAKING),
    ),
    in_force=SVOD,
)
