"""PDL 4 kap.: inner secrecy, authorisation, inner blocks and their lifting."""

from datetime import date

from consent.condition import both, either, unless
from consent.emergency import absolutely_needed, consent_cannot_be_obtained
from consent.item import is_fmu, own_as_vardgivare, own_unit_or_process
from consent.reader import (
    assignment_is_valid,
    chose_to_open,
    for_care,
    is_vardpersonal,
    looks_beyond,
    registers_answer,
    relevant,
    strongly_authenticated,
    takes_part,
)
from consent.section import Opens, Section, gate, meets, opens, standard
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
    (
        gate(registers_answer, applies=[own_as_vardgivare]),
        standard(not_inner_blocked),
        opens(
            Opens.I0,
            either(own_unit_or_process, looks_beyond),
            applies=INNER_BLOCKED,
        ),
    ),
    in_force=PDL,
)
PDL_4_1 = Section(
    "PDL 4:1",
    "Inner secrecy: staff who take part in the care, or need the data for their work",
    (
        gate(takes_part, applies=[is_vardpersonal]),
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
    (
        gate(strongly_authenticated, assignment_is_valid, applies=[is_vardpersonal]),
        gate(own_unit_or_process, applies=[own_as_vardgivare, is_fmu]),
    ),
    in_force=PDL,
)
PDL_4_5 = Section(
    "PDL 4:5",
    "An authorised officer lifts an inner block",
    (
        opens(
            Opens.I1,
            either(own_unit_or_process, looks_beyond),
            either(
                both(every_inner_block_lifted, unless(inner_lifted_without_consent)),
                needed_without_consent,
            ),
            applies=INNER_BLOCKED,
        ),
        opens(
            Opens.CONTENT,
            for_care,
            either(own_unit_or_process, chose_to_open),
            every_inner_block_lifted,
            applies=INNER_BLOCKED,
        ),
    ),
    in_force=PDL,
)
