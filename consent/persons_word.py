"""Conditions about who says what the person has decided: themself, or staff who write it down.

Source: SVOD 2:3, 3:1, 3:2; PDL 4:4, 4:5. Nobody decides for the person. Staff only write down what
the person has said, and only to their own organisation: of a block the one that holds the data, of
an answer the one that is to read; they take part in the care or the service, under an assignment.
"""

from consent.condition import Condition, both, called, either, fact
from consent.facts import Kind
from consent.item import held_as_care, held_as_service, of_the_readers_organisation
from consent.operation import asked_by_the_person
from consent.reader import assignment_is_valid, is_omsorgspersonal, is_vardpersonal, takes_part
from consent.situation import Situation

written_down = fact(
    "operation.written_down",
    "what the person has said is written down",
    lambda s: s.request.target.conveyed,
)
said_to_the_readers_organisation = fact(
    "target.readers_organisation",
    "it was said to the reader's own organisation",
    lambda s: s.request.target.owner in (None, s.request.reader.organisation),
)
_staff = (written_down, said_to_the_readers_organisation, assignment_is_valid, takes_part)

said_to_the_owner = called(
    "the person asks, or has said so to staff of the organisation that holds the item",
    either(
        asked_by_the_person,
        both(
            *_staff,
            of_the_readers_organisation,
            either(both(is_vardpersonal, held_as_care), both(is_omsorgspersonal, held_as_service)),
        ),
    ),
)
answered_to_a_vardgivare = called(
    "the person answers, or has answered staff of the vårdgivare that is to read",
    either(asked_by_the_person, both(*_staff, is_vardpersonal)),
)
answered_to_an_omsorgsgivare = called(
    "the person answers, or has answered staff of the omsorgsgivare that is to read",
    either(asked_by_the_person, both(*_staff, is_omsorgspersonal)),
)


def _kind(situation: Situation, kind: Kind) -> bool:
    asked = situation.organisation(situation.request.target.owner)
    return asked is not None and kind in asked.kind


def _is_to_be_read_by(kind: Kind) -> Condition:
    return fact(
        f"target.is_{kind}",
        f"the answer is about what a {kind} may read",
        lambda s: _kind(s, kind),
    )


a_vardgivare_is_to_read = _is_to_be_read_by(Kind.VARDGIVARE)
an_omsorgsgivare_is_to_read = _is_to_be_read_by(Kind.OMSORGSGIVARE)
