"""SVOD 2 kap.: making available, opposition and blocks, and what may be known of either."""

from consent.condition import either, unless
from consent.emergency import attitude_clarified, no_reason_to_think_opposed
from consent.facts import READING, Operation
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
from consent.law.operations import MAKING, REACHING, SEARCH, STAFFS
from consent.law.relation_and_purpose import reader_has_a_route
from consent.law.svod_1 import SVOD, through_the_act
from consent.operation import (
    block_on_the_item,
    of_the_target,
    owner_makes_available,
    person_can_take_a_stand,
    target_is_outer,
)
from consent.persons_word import said_to_the_owner
from consent.reader import (
    is_somebody_else,
    is_staff,
    is_vardpersonal,
    lastingly_unable,
    organisation_has_the_capacity,
    organisation_is_connected,
    person_is_alive,
    registers_answer,
    strongly_authenticated,
)
from consent.section import Opens, Section, allows, gate, meets, opens, standard
from consent.sparr import blocked_outwards, not_blocked_outwards, not_opposed

EXHAUSTIVE = ("SVOD 3:7",)
"""Whoever and whatever the act does not name is kept out by 3:7."""

SVOD_2_1 = Section(
    "SVOD 2:1",
    "Only vårdgivare and omsorgsgivare, and only data of individual care and service",
    "bara vårdgivare och omsorgsgivare tar del, och bara av uppgifter om vård och omsorg",
    (
        gate(unless(is_somebody_else), of=READING | SEARCH, also=EXHAUSTIVE),
        gate(organisation_has_the_capacity, applies=[is_staff], of=STAFFS, also=EXHAUSTIVE),
        gate(collected_for_care, applies=[through_the_act], of=REACHING, also=EXHAUSTIVE),
        gate(collected_for_care, of=MAKING, also=EXHAUSTIVE),
    ),
    in_force=SVOD,
)
SVOD_2_2 = Section(
    "SVOD 2:2",
    "The person is informed before data are made available",
    "personen ska ha fått information innan uppgifterna görs tillgängliga",
    (
        gate(person_was_informed, applies=[through_the_act], of=REACHING),
        gate(person_was_informed, of=MAKING),
    ),
    in_force=SVOD,
)
SVOD_2_3 = Section(
    "SVOD 2:3",
    "What the person opposes is blocked at once",
    "det som personen motsätter sig är spärrat",
    (
        gate(registers_answer, applies=[through_the_act], of=REACHING),
        gate(registers_answer, not_opposed, of=MAKING),
        standard(not_blocked_outwards),
        allows(
            Operation.BLOCK,
            said_to_the_owner,
            person_can_take_a_stand,
            strongly_authenticated,
            person_is_alive,
            of_the_target,
            registers_answer,
            applies=[target_is_outer],
        ),
        allows(
            Operation.LIFT,
            said_to_the_owner,
            person_can_take_a_stand,
            strongly_authenticated,
            person_is_alive,
            block_on_the_item,
            registers_answer,
            applies=[target_is_outer],
        ),
    ),
    in_force=SVOD,
)
SVOD_2_6 = Section(
    "SVOD 2:6",
    "Making available for somebody who not only temporarily lacks the ability to take a stand",
    "för den som varaktigt inte kan ta ställning krävs en bedömning av inställningen",
    (
        gate(
            owner_is_connected,
            organisation_is_connected,
            is_made_available,
            applies=[anothers, lastingly_unable],
            of=REACHING,
        ),
        standard(either(unless(lastingly_unable), available_while_able_or_assessed)),
        allows(
            Operation.MAKE_AVAILABLE,
            owner_makes_available,
            owner_is_connected,
            is_not_withdrawn,
            attitude_clarified,
            no_reason_to_think_opposed,
            applies=[lastingly_unable],
        ),
    ),
    in_force=SVOD,
)
SVOD_2_4 = Section(
    "SVOD 2:4",
    "Unblocked data are made available, and that they exist is shown",
    "ospärrade uppgifter görs tillgängliga, och att de finns får synas",
    (
        gate(owner_is_connected, applies=[through_the_act], of=REACHING),
        gate(organisation_is_connected, applies=[anothers], of=REACHING),
        gate(is_made_available, is_not_withdrawn, applies=[through_the_act], of=REACHING),
        opens(
            Opens.U0,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            reader_has_a_route,
            applies=[anothers],
        ),
        # A child who cannot take a stand is no exception, and the guardian has no veto (2:3).
        allows(
            Operation.MAKE_AVAILABLE,
            owner_makes_available,
            owner_is_connected,
            is_not_withdrawn,
            applies=[unless(lastingly_unable)],
        ),
    ),
    in_force=SVOD,
)
SVOD_2_5 = Section(
    "SVOD 2:5",
    "That a vårdgivare's data are blocked is shown to other vårdgivare",
    "att en vårdgivare har spärrade uppgifter får synas för andra vårdgivare",
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
