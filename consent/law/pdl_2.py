"""PDL 2 kap.: the purposes for which a vardgivare may process its own data."""

from datetime import date

from consent.condition import either, unless
from consent.item import held_as_care, own_as_vardgivare, own_system, own_unit_or_process
from consent.law.pdl_4 import PDL_4_4
from consent.reader import chose_to_open, for_education, for_own_lawful_purpose, is_individual
from consent.section import Opens, Section, gate, meets, opens

PDL = date(2008, 7, 1)

PDL_2_4 = Section(
    "PDL 2:4",
    "A vårdgivare processes its own data for its own lawful purposes",
    (
        gate(unless(for_education), applies=[unless(is_individual)]),
        opens(
            Opens.CONTENT,
            for_own_lawful_purpose,
            either(own_unit_or_process, chose_to_open),
            meets(PDL_4_4),
            applies=[own_as_vardgivare],
        ),
        opens(Opens.CONTENT, held_as_care, applies=[own_system]),
    ),
    in_force=PDL,
)
