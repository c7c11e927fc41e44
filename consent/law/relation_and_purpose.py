"""What every rung asks of a reader through SVOD: a relation of the kind that the purpose asks for.

Source: SVOD 3:1, 3:2, 3:7. The act says when content may be read; that its rungs U0 and B0 ask for
the same relation and purpose is our reading of 2:4, 2:5 and 3:7 together.
"""

from consent.condition import both, either, fact
from consent.reader import (
    for_requested_certificate,
    for_service,
    for_vard_or_coordination,
    is_omsorgspersonal,
    is_vardpersonal,
)
from consent.relation import (
    patient_is_current,
    patient_is_or_was,
    service_is_given_or_investigated,
    service_is_within_1_1,
)
from consent.situation import Switch

patient_for_the_purpose = either(
    both(for_vard_or_coordination, patient_is_current),
    both(for_requested_certificate, patient_is_or_was),
)
service_for_the_purpose = both(for_service, service_is_given_or_investigated, service_is_within_1_1)
existence_is_for_all = fact(
    "switch.existence_without_relation",
    "that data exist is taken to be open to every reader of the act",
    lambda s: s.switches[Switch.EXISTENCE_WITHOUT_RELATION],
)
reader_has_a_route = either(
    both(is_vardpersonal, patient_for_the_purpose),
    both(is_omsorgspersonal, service_for_the_purpose),
    existence_is_for_all,
)
