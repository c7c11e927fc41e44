"""The law as data: one module for each chapter, each section once, in the order it is walked."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from consent.law.ehds import (
    PDL_4_4_UNDER_EHDS,
    PDL_4_5_UNDER_EHDS_STRICT,
    SVOD_2_5_UNDER_EHDS,
    SVOD_3_5_UNDER_EHDS_STRICT,
)
from consent.law.fmu import FMU_13
from consent.law.hslf_fs_2016_40 import HSLF_FS_2016_40
from consent.law.osl import OSL_12_3
from consent.law.pdl_2 import PDL_2_4, PDL_2_8
from consent.law.pdl_4 import PDL_4_1, PDL_4_2, PDL_4_4, PDL_4_5
from consent.law.pdl_8 import PDL_8_5
from consent.law.sol import SOL_14_7, SOL_2001_11_5
from consent.law.solpul import SOLPUL_6, SOLPUL_7_A
from consent.law.svod_1 import SVOD, SVOD_1_1, SVOD_1_1_BEFORE_2025_07, SVOD_1_3
from consent.law.svod_2 import SVOD_2_1, SVOD_2_2, SVOD_2_3, SVOD_2_4, SVOD_2_5, SVOD_2_6
from consent.law.svod_3 import (
    SVOD_3_1,
    SVOD_3_2,
    SVOD_3_3,
    SVOD_3_4,
    SVOD_3_5,
    SVOD_3_6,
    SVOD_3_7,
)
from consent.law.svod_4 import SVOD_4_2, SVOD_4_3, SVOD_4_5
from consent.section import Section

Law = tuple[Section, ...]
DAYS_KEPT = 4096

SECTIONS: Law = (
    SVOD_2_1,
    PDL_4_2,
    SVOD_4_3,
    FMU_13,
    SOL_14_7,
    SOL_2001_11_5,
    OSL_12_3,
    SVOD_1_1,
    SVOD_1_1_BEFORE_2025_07,
    SVOD_1_3,
    SVOD_2_2,
    SVOD_2_3,
    SVOD_2_4,
    SVOD_2_5,
    SVOD_2_6,
    PDL_4_1,
    PDL_4_4,
    PDL_4_5,
    HSLF_FS_2016_40,
    PDL_2_4,
    PDL_2_8,
    SOLPUL_6,
    SOLPUL_7_A,
    SVOD_4_2,
    SVOD_4_5,
    PDL_8_5,
    SVOD_3_1,
    SVOD_3_2,
    SVOD_3_3,
    SVOD_3_4,
    SVOD_3_5,
    SVOD_3_6,
    SVOD_3_7,
)


@lru_cache(maxsize=DAYS_KEPT)
def in_force(day: date) -> Law:
    """Return the sections in force on a Swedish calendar day."""
    return tuple(each for each in SECTIONS if each.applies_on(day))


DRAFTS: Mapping[str, tuple[Section, ...]] = {
    "ehds": (SVOD_2_5_UNDER_EHDS, PDL_4_4_UNDER_EHDS),
    "ehds_strict": (
        SVOD_2_5_UNDER_EHDS,
        PDL_4_4_UNDER_EHDS,
        PDL_4_5_UNDER_EHDS_STRICT,
        SVOD_3_5_UNDER_EHDS_STRICT,
    ),
}
"""Sections that are not in force, by the name of the draft: each in the place of its citation."""


def named(name: str, day: date) -> Law:
    """Return the law by a name: a date (ISO 8601), or a draft laid over the law of `day`.

    Raises:
        LookupError: there is no such draft, and the name is no date.
    """
    if name in DRAFTS:
        instead = {section.citation: section for section in DRAFTS[name]}
        return tuple(instead.get(each.citation, each) for each in in_force(day))
    try:
        return in_force(date.fromisoformat(name))
    except ValueError:
        known = ", ".join(DRAFTS)
        raise LookupError(
            f"there is no law of that name; give a date, or one of: {known}"
        ) from None


def changes() -> tuple[date, ...]:
    """Return the days on which the law changed, from the first on which the act was in force."""
    days = {each.in_force for each in SECTIONS} | {each.until for each in SECTIONS if each.until}
    return tuple(sorted(day for day in days if day >= SVOD))


def next_change(day: date) -> date | None:
    """Return the first day after `day` on which another law is in force, or None."""
    days = {each.in_force for each in SECTIONS} | {each.until for each in SECTIONS if each.until}
    return min((change for change in days if change > day), default=None)


@lru_cache(maxsize=DAYS_KEPT)
def version(law: Law) -> str:
    """Return the name of a law: the date of its latest section (ISO 8601), or `draft`."""
    latest = max((section.in_force for section in law), default=date.min)
    return "draft" if latest == date.max else latest.isoformat()
