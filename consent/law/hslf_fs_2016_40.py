"""HSLF-FS 2016:40 4 kap.: the active choice before data at other units are seen, and opened."""

from datetime import date

from consent.condition import either, unless
from consent.item import own_as_vardgivare, own_unit_or_process
from consent.law.pdl_4 import PDL_4_4
from consent.reader import chose_to_look, for_care, for_own_lawful_purpose
from consent.section import Opens, Section, meets, opens

AT_ANOTHER_UNIT = (own_as_vardgivare, unless(own_unit_or_process))

HSLF_FS_2016_40 = Section(
    "HSLF-FS 2016:40",
    "Having chosen to look, the reader sees that other units hold data, and which",
    "den som aktivt har valt det ser att andra enheter har uppgifter",
    (
        opens(
            Opens.I0,
            either(for_care, for_own_lawful_purpose),
            chose_to_look,
            meets(PDL_4_4),
            applies=AT_ANOTHER_UNIT,
        ),
        opens(
            Opens.I1,
            applies=AT_ANOTHER_UNIT,
        ),
    ),
    in_force=date(2017, 3, 1),
)
