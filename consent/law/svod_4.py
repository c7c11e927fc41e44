"""SVOD 4 kap.: the person's own access, and who among an omsorgsgivare's staff is authorised."""

from consent.item import (
    may_be_disclosed_to_the_person,
    owner_offers_own_access,
    rests_on_2_4,
)
from consent.law.svod_1 import SVOD
from consent.law.svod_2 import SVOD_2_3, SVOD_2_6
from consent.reader import (
    assignment_is_valid,
    for_own_view,
    is_individual,
    is_omsorgspersonal,
    person_is_alive,
    strongly_authenticated,
    takes_part,
)
from consent.section import Opens, Section, gate, meets, opens

SVOD_4_2 = Section(
    "SVOD 4:2",
    "The person reads their own data where the owner offers it",
    (
        gate(strongly_authenticated, person_is_alive, applies=[is_individual]),
        opens(
            Opens.CONTENT,
            for_own_view,
            owner_offers_own_access,
            may_be_disclosed_to_the_person,
            rests_on_2_4,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            applies=[is_individual],
        ),
    ),
    in_force=SVOD,
)
SVOD_4_3 = Section(
    "SVOD 4:3",
    "An omsorgsgivare's staff read as far as their tasks need",
    (
        gate(
            strongly_authenticated,
            assignment_is_valid,
            takes_part,
            applies=[is_omsorgspersonal],
        ),
    ),
    in_force=SVOD,
)
