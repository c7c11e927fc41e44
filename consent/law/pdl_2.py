"""PDL 2 kap.: the purposes for which a vardgivare may process its own data."""

from datetime import date

from consent.condition import either, unless
from consent.facts import Operation
from consent.item import held_as_care, own_as_vardgivare, own_system, own_unit_or_process
from consent.law.operations import SEARCH, STAFFS
from consent.law.pdl_4 import PDL_4_4
from consent.operation import (
    across_persons,
    for_a_purpose_of_pdl_2_4,
    system_searches_across,
    terms_are_allowed,
)
from consent.reader import (
    chose_to_open,
    for_education,
    for_own_lawful_purpose,
    is_individual,
    is_omsorgspersonal,
)
from consent.section import Opens, Section, allows, gate, meets, opens

PDL = date(2008, 7, 1)

PDL_2_4 = Section(
    "PDL 2:4",
    "A vårdgivare processes its own data for its own lawful purposes",
    "vårdgivaren använder egna uppgifter för egna lagliga ändamål",
    (
        gate(
            unless(for_education),
            applies=[unless(is_individual)],
            of=STAFFS | {Operation.LIFT},
            also=("SVOD 3:7",),
        ),
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
PDL_2_8 = Section(
    "PDL 2:8",
    "What a vårdgivare may search for across persons",
    "vårdgivarens sökningar över flera personer är begränsade",
    (
        gate(terms_are_allowed, applies=[across_persons, unless(is_omsorgspersonal)], of=SEARCH),
        allows(
            Operation.SEARCH,
            own_as_vardgivare,
            for_a_purpose_of_pdl_2_4,
            either(own_unit_or_process, chose_to_open),
            meets(PDL_4_4),
            applies=[across_persons, unless(is_omsorgspersonal)],
        ),
        allows(
            Operation.SEARCH,
            system_searches_across,
            held_as_care,
            for_a_purpose_of_pdl_2_4,
            applies=[across_persons, own_system],
        ),
    ),
    in_force=PDL,
)
