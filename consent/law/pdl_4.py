"""PDL 4 kap.: inner secrecy, authorisation, inner blocks and their lifting."""

from datetime import date

from consent.condition import both, either, unless
from consent.emergency import absolutely_needed, consent_cannot_be_obtained
from consent.facts import Operation
from consent.item import held_as_care, is_fmu, own_as_vardgivare, own_unit_or_process
from consent.law.operations import STAFFS
from consent.law.relation_and_purpose import patient_for_the_purpose
from consent.operation import (
    block_on_the_item,
    is_officer,
    of_the_target,
    officer_of_the_owner,
    person_can_take_a_stand,
    target_is_inner,
)
from consent.persons_word import said_to_the_owner
from consent.reader import (
    assignment_is_valid,
    chose_to_open,
    for_care,
    for_own_lawful_purpose,
    is_vardpersonal,
    looks_beyond,
    person_is_alive,
    registers_answer,
    relevant,
    strongly_authenticated,
    takes_part,
)
from consent.samtycke import person_consents
from consent.section import Opens, Section, allows, gate, meets, opens, standard
from consent.sparr import (
    every_inner_block_lifted,
    inner_blocked,
    inner_lifted_without_consent,
    not_inner_blocked,
)

PDL = date(2008, 7, 1)

needed_without_consent = both(consent_cannot_be_obtained, absolutely_needed, relevant)

INNER_BLOCKED = (own_as_vardgivare, inner_blocked)

PDL_4_4 = Section(
    "PDL 4:4",
    "An inner block closes a unit's or a process's data to the vårdgivare's other staff",
    "en inre spärr stänger uppgifterna för andra enheter hos vårdgivaren",
    (
        gate(registers_answer, applies=[own_as_vardgivare], of=STAFFS),
        standard(not_inner_blocked),
        opens(
            Opens.I0,
            either(for_care, for_own_lawful_purpose),
            either(own_unit_or_process, looks_beyond),
            applies=INNER_BLOCKED,
        ),
        allows(
            Operation.BLOCK,
            said_to_the_owner,
            person_can_take_a_stand,
            held_as_care,
            strongly_authenticated,
            person_is_alive,
            of_the_target,
            registers_answer,
            applies=[target_is_inner],
        ),
    ),
    in_force=PDL,
)
PDL_4_1 = Section(
    "PDL 4:1",
    "Inner secrecy: staff who take part in the care, or need the data for their work",
    "personal som deltar i vården inom samma vårdgivare läser det som behövs",
    (
        gate(takes_part, applies=[is_vardpersonal], of=STAFFS),
        opens(
            Opens.CONTENT,
            for_care,
            either(own_unit_or_process, chose_to_open),
            meets(PDL_4_4),
            applies=[own_as_vardgivare],
        ),
    ),
    in_force=PDL,
)
PDL_4_2 = Section(
    "PDL 4:2",
    "Authorisation as far as the tasks need; an investigation (FMU) is closed to others",
    "behörigheten räcker så långt som arbetet kräver; en försäkringsutredning är stängd",
    (
        gate(strongly_authenticated, assignment_is_valid, applies=[is_vardpersonal], of=STAFFS),
        gate(
            own_unit_or_process,
            applies=[own_as_vardgivare, is_fmu],
            of=STAFFS,
            also=("FMU 13",),
        ),
    ),
    in_force=PDL,
)
PDL_4_5 = Section(
    "PDL 4:5",
    "An authorised officer lifts an inner block",
    "en behörig befattningshavare kan häva en inre spärr",
    (
        opens(
            Opens.I1,
            for_care,
            either(own_unit_or_process, looks_beyond),
            either(
                both(every_inner_block_lifted, unless(inner_lifted_without_consent)),
                needed_without_consent,
            ),
            applies=INNER_BLOCKED,
        ),
        opens(
            Opens.CONTENT,
            either(own_unit_or_process, chose_to_open),
            every_inner_block_lifted,
            applies=INNER_BLOCKED,
        ),
        allows(
            Operation.LIFT,
            said_to_the_owner,
            person_can_take_a_stand,
            strongly_authenticated,
            person_is_alive,
            block_on_the_item,
            registers_answer,
            applies=[target_is_inner, unless(is_officer)],
        ),
        allows(
            Operation.LIFT,
            officer_of_the_owner,
            strongly_authenticated,
            assignment_is_valid,
            either(person_consents, needed_without_consent),
            block_on_the_item,
            registers_answer,
            applies=[target_is_inner, is_officer],
        ),
        allows(
            Operation.REQUEST_LIFT,
            own_as_vardgivare,
            patient_for_the_purpose,
            of_the_target,
            unless(every_inner_block_lifted),
            either(own_unit_or_process, looks_beyond),
            needed_without_consent,
            applies=[target_is_inner],
        ),
    ),
    in_force=PDL,
)
