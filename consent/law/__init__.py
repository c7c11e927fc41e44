"""The law as data: one module for each chapter, each section once, in the order it is walked."""

from datetime import date

from consent.law.fmu import FMU_13
from consent.law.hslf_fs_2016_40 import HSLF_FS_2016_40
from consent.law.pdl_2 import PDL_2_4
from consent.law.pdl_4 import PDL_4_1, PDL_4_2, PDL_4_4, PDL_4_5
from consent.law.solpul import SOLPUL_6
from consent.law.svod_1 import SVOD_1_1, SVOD_1_1_BEFORE_2025_07, SVOD_1_3
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
from consent.law.svod_4 import SVOD_4_2, SVOD_4_3
from consent.section import Section

Law = tuple[Section, ...]

SECTIONS: Law = (
    SVOD_2_1,
    PDL_4_2,
    SVOD_4_3,
    FMU_13,
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
    SOLPUL_6,
    SVOD_4_2,
    SVOD_3_1,
    SVOD_3_2,
    SVOD_3_3,
    SVOD_3_4,
    SVOD_3_5,
    SVOD_3_6,
    SVOD_3_7,
)


def in_force(day: date) -> Law:
    """Return the sections in force on a Swedish calendar day."""
    return tuple(each for each in SECTIONS if each.applies_on(day))


def version(day: date) -> str:
    """Return the name of the law in force on a day: the date of its latest change, ISO 8601."""
    changes = {each.in_force for each in SECTIONS} | {each.until for each in SECTIONS if each.until}
    return max(change for change in changes if change <= day).isoformat()
