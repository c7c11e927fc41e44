"""Conditions about the reader: log-in, assignment, capacity, and the purpose of the reading.

Source: PDL 4:1, 4:2; SVOD 2:1, 3:7, 4:3. Each access is made in exactly one capacity.
"""

from consent.condition import acts_as, both, called, fact
from consent.facts import Ability, ActiveChoice, Capacity, Kind, Purpose
from consent.situation import Situation, Switch

SEEN_BY_GUARDIAN = 13
"""Years: below them practice lets a guardian see, where the switch does at all."""
STAFF = (Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL)
CARE_PURPOSES = (Purpose.VARD, Purpose.KOORDINERING, Purpose.INTYG_3_16)
SERVICE_PURPOSES = (Purpose.INSATS, Purpose.UTREDNING_INSATS)
OWN_LAWFUL_PURPOSES = (Purpose.KVALITET, Purpose.STATISTIK, Purpose.TILLSYN)


def acts_for(situation: Situation, kind: Kind) -> bool:
    """Tell whether the reader's organisation is known to have the capacity that is read in."""
    own = situation.organisation(situation.request.reader.organisation)
    return own is not None and kind in own.kind


is_staff = acts_as(
    "reader.is_staff",
    "the reader acts as staff of a care provider or a social care provider",
    *STAFF,
)
is_vardpersonal = acts_as(
    "reader.is_vardpersonal",
    "the reader acts as staff of a vårdgivare",
    Capacity.VARDPERSONAL,
)
is_omsorgspersonal = acts_as(
    "reader.is_omsorgspersonal",
    "the reader acts as staff of an omsorgsgivare",
    Capacity.OMSORGSPERSONAL,
)
is_individual = acts_as(
    "reader.is_individual",
    "the reader is the person whom the documentation concerns",
    Capacity.INDIVIDUAL,
)
is_guardian = acts_as(
    "reader.is_guardian",
    "the reader is a guardian of the child whom the documentation concerns",
    Capacity.GUARDIAN,
)
is_individual_or_guardian = acts_as(
    "reader.is_individual_or_guardian",
    "the reader is the person whom the documentation concerns, or a guardian of that child",
    Capacity.INDIVIDUAL,
    Capacity.GUARDIAN,
)
guardian_may_see = fact(
    "guardian.may_see",
    "the child is young enough for the guardian to see what is documented",
    lambda s: s.switches[Switch.GUARDIAN_SEES_CHILD] and s.facts.person.age < SEEN_BY_GUARDIAN,
)
is_system = acts_as(
    "reader.is_system",
    "the reader is an organisation's own system",
    Capacity.SYSTEM,
)
is_somebody_else = fact(
    "reader.is_somebody_else",
    "the reader is neither staff, nor the person, nor a guardian, nor an organisation's own system",
    lambda s: (
        s.request.reader.as_
        not in (*STAFF, Capacity.INDIVIDUAL, Capacity.GUARDIAN, Capacity.SYSTEM)
    ),
)
organisation_has_the_capacity = fact(
    "reader.organisation_has_the_capacity",
    "the reader's organisation is one in the capacity that the reader acts in",
    lambda s: acts_for(
        s,
        Kind.VARDGIVARE if s.request.reader.as_ is Capacity.VARDPERSONAL else Kind.OMSORGSGIVARE,
    ),
)
strongly_authenticated = fact(
    "reader.strongly_authenticated",
    "the reader has logged in with strong authentication",
    lambda s: s.request.reader.strong_auth,
)
assignment_is_valid = fact(
    "reader.assignment_is_valid",
    "the reader has an assignment that covers the unit, the purpose and the instant",
    lambda s: s.request.reader.assignment_valid,
)
takes_part = fact(
    "reader.takes_part",
    "the reader takes part in the care or the service, or otherwise needs the data for the work",
    lambda s: s.request.reader.takes_part,
)
assesses = called(
    "staff who take part in the care or the service, under an assignment, assess the person",
    both(is_staff, strongly_authenticated, assignment_is_valid, takes_part),
)
organisation_is_connected = fact(
    "reader.organisation_is_connected",
    "the reader's organisation is connected",
    lambda s: (own := s.organisation(s.request.reader.organisation)) is not None and own.connected,
)

for_care = fact(
    "purpose.care",
    "the purpose is care, coordination, a certificate or an insurance-medical investigation",
    lambda s: s.request.purpose in (*CARE_PURPOSES, Purpose.FMU),
)
for_vard = fact(
    "purpose.vard",
    "the purpose is to prevent, investigate or treat",
    lambda s: s.request.purpose is Purpose.VARD,
)
for_vard_or_coordination = fact(
    "purpose.vard_or_coordination",
    "the purpose is to prevent, investigate or treat, or a coordination measure",
    lambda s: s.request.purpose in (Purpose.VARD, Purpose.KOORDINERING),
)
for_requested_certificate = fact(
    "purpose.requested_certificate",
    "the purpose is a certificate about the care that the patient has asked for",
    lambda s: s.request.purpose is Purpose.INTYG_3_16 and s.request.patient_requested,
)
for_service = fact(
    "purpose.service",
    "the purpose is a service or the investigation of one",
    lambda s: s.request.purpose in SERVICE_PURPOSES,
)
for_own_lawful_purpose = fact(
    "purpose.own_lawful",
    "the purpose is the owner's quality work, statistics or supervision",
    lambda s: s.request.purpose in OWN_LAWFUL_PURPOSES,
)
for_fmu = fact(
    "purpose.fmu",
    "the reader works in an insurance-medical investigation",
    lambda s: s.request.purpose is Purpose.FMU,
)
for_education = fact(
    "purpose.education",
    "the purpose is education",
    lambda s: s.request.purpose is Purpose.UTBILDNING,
)

relevant = fact(
    "request.relevant",
    "the data can be assumed to matter for the purpose",
    lambda s: s.request.relevance,
)
necessary = fact(
    "request.necessary",
    "the care or the service is necessary",
    lambda s: s.request.necessary,
)
registers_answer = fact(
    "registers.answer",
    "the registers of blocks and consents answer",
    lambda s: s.request.registers_reachable,
)
looks_beyond = fact(
    "choice.looks_beyond",
    "the reader has chosen to see whether other units hold data",
    lambda s: s.request.active_choice is not ActiveChoice.NONE,
)
chose_to_open = fact(
    "choice.open",
    "the reader has chosen to open what other units hold",
    lambda s: s.request.active_choice is ActiveChoice.CONTENT,
)
chose_to_look = fact(
    "choice.look",
    "the reader has chosen to see whether other units hold data, and no more",
    lambda s: s.request.active_choice is ActiveChoice.EXISTS,
)
chose_nothing = fact(
    "choice.none",
    "the reader has made no active choice",
    lambda s: s.request.active_choice is ActiveChoice.NONE,
)

person_is_alive = fact(
    "person.alive",
    "the person is alive",
    lambda s: s.facts.person.deceased is None or s.request.at < s.facts.person.deceased,
)
lastingly_unable = fact(
    "person.lastingly_unable",
    "the person not only temporarily lacks the ability to take a stand",
    lambda s: s.facts.person.capacity is Ability.LASTING_LACK,
)
child_who_cannot_consent = fact(
    "person.child_who_cannot_consent",
    "the person is a child who cannot consent",
    lambda s: not s.facts.person.can_consent_self,
)
identity_is_protected = fact(
    "person.identity_is_protected",
    "the person's identity is protected",
    lambda s: s.facts.person.protected_identity != "none",
)
