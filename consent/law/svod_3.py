"""SVOD 3 kap.: when a reader may learn where data are, and read them."""

from consent.condition import both, either, unless
from consent.emergency import (
    absolutely_needed,
    attitude_clarified,
    consent_cannot_be_obtained,
    danger_to_life_or_health,
    no_reason_to_think_opposed,
    person_cannot_request_lift,
)
from consent.facts import Operation
from consent.item import anothers, held_as_care, held_as_service, owner_was_chosen
from consent.law.operations import REACHING, SEARCH
from consent.law.relation_and_purpose import patient_for_the_purpose
from consent.law.svod_1 import SVOD
from consent.law.svod_2 import SVOD_2_3, SVOD_2_6
from consent.operation import (
    across_persons,
    asked_by_the_person,
    block_on_the_item,
    is_officer,
    of_the_target,
    officer_judges_alone,
    officer_of_the_owner,
    person_can_take_a_stand,
    target_is_outer,
)
from consent.persons_word import (
    a_vardgivare_is_to_read,
    an_omsorgsgivare_is_to_read,
    answered_to_a_vardgivare,
    answered_to_an_omsorgsgivare,
)
from consent.reader import (
    assignment_is_valid,
    child_who_cannot_consent,
    for_service,
    for_vard,
    is_omsorgspersonal,
    is_vardpersonal,
    lastingly_unable,
    necessary,
    person_is_alive,
    registers_answer,
    relevant,
    strongly_authenticated,
)
from consent.relation import (
    patient_is_current,
    service_is_given_or_investigated,
    service_is_within_1_1,
)
from consent.samtycke import (
    guardian_consents,
    no_own_refusal,
    no_refusal_that_bars_emergency,
    person_consents,
)
from consent.section import Opens, Section, allows, gate, meets, opened_by, opens
from consent.sparr import blocked_outwards

SVOD_3_1 = Section(
    "SVOD 3:1",
    "A vårdgivare reads with a relation and the patient's consent",
    "en vårdgivare läser med patientrelation och patientens samtycke",
    (
        opens(
            Opens.CONTENT,
            patient_for_the_purpose,
            either(person_consents, child_who_cannot_consent),
            relevant,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            applies=[anothers, is_vardpersonal],
        ),
        allows(
            Operation.ANSWER,
            answered_to_a_vardgivare,
            person_can_take_a_stand,
            strongly_authenticated,
            person_is_alive,
            registers_answer,
            applies=[a_vardgivare_is_to_read],
        ),
        # A yes is taken back also by who can no longer give one.
        allows(
            Operation.WITHDRAW,
            answered_to_a_vardgivare,
            strongly_authenticated,
            registers_answer,
            applies=[a_vardgivare_is_to_read],
        ),
    ),
    in_force=SVOD,
)
SVOD_3_2 = Section(
    "SVOD 3:2",
    "An omsorgsgivare reads with a service and the person's consent",
    "en omsorgsgivare läser för sina insatser med personens samtycke",
    (
        opens(
            Opens.CONTENT,
            service_is_given_or_investigated,
            service_is_within_1_1,
            for_service,
            relevant,
            either(
                person_consents,
                both(child_who_cannot_consent, either(held_as_service, guardian_consents)),
            ),
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            applies=[anothers, is_omsorgspersonal],
        ),
        allows(
            Operation.ANSWER,
            answered_to_an_omsorgsgivare,
            person_can_take_a_stand,
            strongly_authenticated,
            person_is_alive,
            registers_answer,
            applies=[an_omsorgsgivare_is_to_read],
        ),
        # A yes is taken back also by who can no longer give one.
        allows(
            Operation.WITHDRAW,
            answered_to_an_omsorgsgivare,
            strongly_authenticated,
            registers_answer,
            applies=[an_omsorgsgivare_is_to_read],
        ),
    ),
    in_force=SVOD,
)
# What 3:1 or 3:2 opens needs no other ground, and its source is then no step of its own (U1). The
# steps of one section build on each other where they apply to the same readers.
INCAPACITY_FOR_CARE = (anothers, is_vardpersonal, lastingly_unable, unless(opened_by(SVOD_3_1)))
INCAPACITY_FOR_SERVICE = (
    anothers,
    is_omsorgspersonal,
    lastingly_unable,
    unless(opened_by(SVOD_3_2)),
)
UNBLOCKED_IN_EMERGENCY = (
    anothers,
    is_vardpersonal,
    danger_to_life_or_health,
    unless(opened_by(SVOD_3_1)),
)

SVOD_3_3 = Section(
    "SVOD 3:3",
    "A vårdgivare reads about a patient who not only temporarily lacks the ability to consent",
    "en vårdgivare läser om den som varaktigt inte kan samtycka, när vården är nödvändig",
    (
        opens(
            Opens.U1,
            for_vard,
            patient_is_current,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            applies=INCAPACITY_FOR_CARE,
        ),
        opens(
            Opens.CONTENT,
            owner_was_chosen,
            relevant,
            necessary,
            attitude_clarified,
            no_reason_to_think_opposed,
            no_own_refusal,
            applies=INCAPACITY_FOR_CARE,
        ),
    ),
    in_force=SVOD,
)
SVOD_3_4 = Section(
    "SVOD 3:4",
    "An omsorgsgivare reads other omsorgsgivare's data about somebody who lacks the ability",
    "en omsorgsgivare läser hos andra omsorgsgivare om den som varaktigt inte kan samtycka",
    (
        opens(
            Opens.U1,
            service_is_given_or_investigated,
            service_is_within_1_1,
            for_service,
            held_as_service,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            applies=INCAPACITY_FOR_SERVICE,
        ),
        opens(
            Opens.CONTENT,
            owner_was_chosen,
            relevant,
            necessary,
            attitude_clarified,
            no_reason_to_think_opposed,
            no_own_refusal,
            applies=INCAPACITY_FOR_SERVICE,
        ),
    ),
    in_force=SVOD,
)
SVOD_3_5 = Section(
    "SVOD 3:5",
    "In an emergency a vårdgivare learns which vårdgivare blocked, and may ask for a lift",
    "i en nödsituation får en vårdgivare veta vem som har spärrat, och be den att häva",
    (
        opens(
            Opens.B1,
            for_vard,
            patient_is_current,
            held_as_care,
            person_cannot_request_lift,
            applies=[anothers, is_vardpersonal, blocked_outwards, danger_to_life_or_health],
        ),
        allows(
            Operation.REQUEST_LIFT,
            is_vardpersonal,
            anothers,
            for_vard,
            patient_is_current,
            held_as_care,
            danger_to_life_or_health,
            person_cannot_request_lift,
            absolutely_needed,
            relevant,
            of_the_target,
            blocked_outwards,
            applies=[target_is_outer],
        ),
        allows(
            Operation.LIFT,
            is_officer,
            officer_of_the_owner,
            held_as_care,
            strongly_authenticated,
            assignment_is_valid,
            danger_to_life_or_health,
            person_cannot_request_lift,
            consent_cannot_be_obtained,
            absolutely_needed,
            relevant,
            block_on_the_item,
            person_is_alive,
            registers_answer,
            applies=[target_is_outer, unless(asked_by_the_person), unless(officer_judges_alone)],
        ),
        allows(
            Operation.LIFT,
            is_officer,
            officer_of_the_owner,
            held_as_care,
            strongly_authenticated,
            assignment_is_valid,
            block_on_the_item,
            person_is_alive,
            registers_answer,
            applies=[target_is_outer, unless(asked_by_the_person), officer_judges_alone],
        ),
    ),
    in_force=SVOD,
)
SVOD_3_6 = Section(
    "SVOD 3:6",
    "In an emergency a vårdgivare opens other vårdgivare's unblocked data",
    "i en nödsituation öppnar en vårdgivare andra vårdgivares ospärrade uppgifter",
    (
        opens(
            Opens.U1,
            for_vard,
            patient_is_current,
            held_as_care,
            consent_cannot_be_obtained,
            no_refusal_that_bars_emergency,
            meets(SVOD_2_3),
            meets(SVOD_2_6),
            applies=UNBLOCKED_IN_EMERGENCY,
        ),
        opens(
            Opens.CONTENT,
            owner_was_chosen,
            relevant,
            absolutely_needed,
            applies=UNBLOCKED_IN_EMERGENCY,
        ),
    ),
    in_force=SVOD,
)
SVOD_3_7 = Section(
    "SVOD 3:7",
    "Nothing is read on any other conditions, not even with consent",
    "på andra villkor läser ingen, inte ens med samtycke",
    (
        gate(person_is_alive, applies=[anothers], of=REACHING),
        gate(unless(across_persons), applies=[anothers], of=SEARCH),
    ),
    in_force=SVOD,
    residual=(anothers,),
)
