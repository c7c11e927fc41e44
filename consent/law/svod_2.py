"""SVOD 2 kap.: making available, opposition and blocks, and what may be known of either."""

from consent.condition import either, unless
from consent.item import (
    anothers,
    available_while_able_or_assessed,
    collected_for_care,
    held_as_care,
    is_made_available,
    is_not_withdrawn,
    owner_is_connected,
    person_was_informed,
)
from consent.law.relation_and_purpose import reader_has_a_route
from consent.law.svod_1 import SVOD, through_the_act
from consent.reader import (
    is_somebody_else,
    is_staff,
    is_vardpersonal,
    lastingly_unable,
    organisation_has_the_capacity,
    organisation_is_connected,
    registers_answer,
)
from consent.section import Opens, Section, gate, meets, opens, standard
from consent.sparr import blocked_outwards, not_blocked_outwards

SVOD_2_1 = Section(
    "SVOD 2:1",
    "Only vårdgivare and omsorgsgivare, and only data of individual care and service",
    (
        gate(unless(is_somebody_else)),
        gate(organisation_has_the_capacity, applies=[is_staff]),
        gate(collected_for_care, applies=[through_the_act]),
    ),
    in_force=SVOD,
    also=("SVOD 3:7",),
)
SVOD_2_2 = Section(
    "SVOD 2:2",
    "The person is informed before data are made available",
    (gate(person_was_informed, applies=[through_the_act]),),
    in_force=SVOD,
)
SVOD_2_3 = Section(
    "SVOD 2:3",
    "What the person opposes is blocked at once",
    (
        gate(registers_answer, applies=[through_the_act]),
        standard(not_blocked_outwards),
    ),
    in_force=SVOD,
)
SVOD_2_6 = Section(
    "SVOD 2:6",
    "Making available for somebody who not only temporarily lacks the ability to take a stand",
    (standard(either(unless(lastingly_unable), available_while_able_or_assessed)),),
    in_force=SVOD,
)
SVOD_2_4 = Section(
    "SVOD 2:4",
    "Unblocked data are made available, and that they exist is shown",
    (
        gate(owner_is_connected, applies=[through_the_act]),
        gate(organisation_is_connected, applies=[anothers]),
        gate(is_made_available, is_not_withdrawn, applies=[through_the_act]),
        opens(
            Opens.U0,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            reader_has_a_route,
            applies=[anothers],
        ),
    ),
    in_force=SVOD,
)
SVOD_2_5 = Section(
    "SVOD 2:5",
    "That a vårdgivare's data are blocked is shown to other vårdgivare",
    (
        opens(
            Opens.B0,
            is_vardpersonal,
            held_as_care,
            reader_has_a_route,
            applies=[anothers, blocked_outwards],
        ),
    ),
    in_force=SVOD,
)
