"""Conditions about operations other than reading: who asks for them, and what they are about.

Source: SVOD 2:3, 3:5, 4:2, 4:5; PDL 2:8, 4:4, 4:5, 8:5; SoLPuL 6, 7 a. Only the person can oppose,
and ask for a lift; a guardian, a god man or anybody else cannot do either for them.
"""

from consent.condition import Condition, fact
from consent.facts import Ability, BlockKind, Capacity, Purpose, SearchTerm
from consent.predicate import FALSE, TRUE, Column, Predicate, all_of, any_of, equals
from consent.reader import CARE_PURPOSES, OWN_LAWFUL_PURPOSES
from consent.situation import Situation
from consent.sparr import covers, in_force

PROHIBITED_TERMS = frozenset(
    {
        SearchTerm.SENSITIVE,
        SearchTerm.CRIME,
        SearchTerm.SOCIAL_SERVICES,
        SearchTerm.ALIENS_ACT,
    }
)


def _of_the_target(situation: Situation) -> Predicate:
    owner = situation.request.target.owner
    return TRUE if owner is None else equals(Column.OWNER, owner)


def _block_on_the_item(situation: Situation) -> Predicate:
    blocks = in_force(situation, situation.request.target.kind)
    return all_of([_of_the_target(situation), any_of(covers(each) for each in blocks)])


def _owner_is_officers(situation: Situation) -> Predicate:
    organisation = situation.request.reader.organisation
    return FALSE if organisation is None else equals(Column.OWNER, organisation)


asked_by_the_person = fact(
    "operation.asked_by_the_person",
    "the person asks, and nobody for them",
    lambda s: s.request.reader.as_ is Capacity.INDIVIDUAL,
)
person_can_take_a_stand = fact(
    "person.can_take_a_stand",
    "the person is able to take a stand, and a child mature enough to",
    lambda s: s.facts.person.can_consent_self and s.facts.person.capacity is Ability.FULL,
)
is_officer = fact(
    "reader.is_officer",
    "the one who acts is authorised to lift blocks",
    lambda s: s.request.reader.as_ is Capacity.OFFICER,
)
officer_of_the_owner = Condition(
    "reader.officer_of_the_owner",
    "the officer is the one of the organisation that holds the item",
    _owner_is_officers,
)
target_is_outer = fact(
    "target.outer",
    "it is about a block towards other organisations",
    lambda s: s.request.target.kind is BlockKind.OUTER,
)
target_is_inner = fact(
    "target.inner",
    "it is about a block inside the own vårdgivare",
    lambda s: s.request.target.kind is BlockKind.INNER,
)
of_the_target = Condition(
    "target.owner", "the item is one that the operation is about", _of_the_target
)
block_on_the_item = Condition(
    "target.block_on_the_item", "a block by the person covers the item", _block_on_the_item
)
across_persons = fact(
    "search.across_persons",
    "the search is across persons",
    lambda s: s.request.target.across_persons,
)
terms_are_allowed = fact(
    "search.terms_are_allowed",
    "the search asks neither for sensitive data other than health, nor for crime, support by the"
    " social services or measures under the aliens act",
    lambda s: not s.request.target.terms & PROHIBITED_TERMS,
)
for_a_purpose_of_pdl_2_4 = fact(
    "purpose.pdl_2_4",
    "the purpose is one for which the vårdgivare may process its own data",
    lambda s: s.request.purpose in (*CARE_PURPOSES, *OWN_LAWFUL_PURPOSES, Purpose.FMU),
)
