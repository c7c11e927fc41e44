"""SVOD 4 kap.: the person's own access, and who among an omsorgsgivare's staff is authorised."""

from dataclasses import replace

from consent.condition import either
from consent.facts import READING, Operation
from consent.item import (
    anothers,
    held_as_care,
    held_as_service,
    may_be_disclosed_to_the_person,
    owner_offers_own_access,
    rests_on_2_4,
)
from consent.law.operations import STAFFS
from consent.law.svod_1 import LOG, SVOD
from consent.law.svod_2 import SVOD_2_3, SVOD_2_6
from consent.reader import (
    assignment_is_valid,
    is_individual_or_guardian,
    is_omsorgspersonal,
    is_vardpersonal,
    person_is_alive,
    strongly_authenticated,
    takes_part,
)
from consent.section import Opens, Section, allows, gate, meets, opens
from consent.sparr import not_blocked_outwards

OWN_RECORD = "PDL 5:5"
"""A vårdgivare may show its patient its own record otherwise, also what this act keeps out."""

held_by_one_or_the_other = either(held_as_care, held_as_service)

SVOD_4_2 = Section(
    "SVOD 4:2",
    "The person reads their own data where the owner offers it",
    "personen får själv läsa sina uppgifter där vårdgivaren eller omsorgsgivaren erbjuder det",
    (
        gate(
            strongly_authenticated,
            person_is_alive,
            applies=[is_individual_or_guardian],
            of=READING | LOG,
        ),
        opens(
            Opens.CONTENT,
            owner_offers_own_access,
            may_be_disclosed_to_the_person,
            replace(rests_on_2_4, cites=OWN_RECORD),
            meets(SVOD_2_3),
            replace(not_blocked_outwards, cites=OWN_RECORD),
            meets(SVOD_2_6),
            applies=[is_individual_or_guardian],
        ),
        allows(Operation.LOG_EXTRACT, is_individual_or_guardian, held_by_one_or_the_other),
    ),
    in_force=SVOD,
)
SVOD_4_3 = Section(
    "SVOD 4:3",
    "An omsorgsgivare's staff read as far as their tasks need",
    "omsorgspersonal läser bara det som de egna uppgifterna kräver",
    (
        gate(
            strongly_authenticated,
            assignment_is_valid,
            takes_part,
            applies=[is_omsorgspersonal],
            of=STAFFS,
        ),
        # Third paragraph: for a vårdgivare's staff PDL 4:2 holds for access through this act too.
        gate(
            strongly_authenticated,
            assignment_is_valid,
            takes_part,
            applies=[is_vardpersonal, anothers],
            of=STAFFS,
        ),
    ),
    in_force=SVOD,
)
SVOD_4_5 = Section(
    "SVOD 4:5",
    "An omsorgsgivare tells the person on request what access there has been",
    "omsorgsgivaren berättar på begäran vilka som har tagit del av uppgifterna",
    (allows(Operation.LOG_EXTRACT, is_individual_or_guardian, applies=[held_as_service]),),
    in_force=SVOD,
)
