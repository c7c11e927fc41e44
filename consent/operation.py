"""Conditions about operations other than reading: who asks for them, and what they are about.

Source: SVOD 2:3, 3:5, 4:2, 4:5; PDL 2:8, 4:4, 4:5, 8:5; SoLPuL 6, 7 a. Only the person can oppose,
and ask for a lift; a guardian, a god man or anybody else cannot do either for them.
"""

from consent.condition import Condition, acts_as, both, called, fact
from consent.facts import Ability, BlockKind, Capacity, Purpose
from consent.item import of_the_readers_organisation
from consent.predicate import TRUE, Column, Predicate, all_of, any_of, equals
from consent.reader import CARE_PURPOSES, OWN_LAWFUL_PURPOSES
from consent.search_term import SearchTerm
from consent.situation import Situation, Switch
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


asked_by_the_person = acts_as(
    "operation.asked_by_the_person",
    "the person asks, and nobody for them",
    Capacity.INDIVIDUAL,
)
person_can_take_a_stand = fact(
    "person.can_take_a_stand",
    "the person is able to take a stand, and a child mature enough to",
    lambda s: s.facts.person.can_consent_self and s.facts.person.capacity is Ability.FULL,
)
is_officer = acts_as(
    "reader.is_officer",
    "the one who acts is authorised to lift blocks",
    Capacity.OFFICER,
)
officer_judges_alone = fact(
    "switch.officer_judges_alone",
    "the officer's own judgement is taken to suffice",
    lambda s: s.switches[Switch.OFFICER_JUDGES_ALONE],
)
officer_of_the_owner = called(
    "the officer is the one of the organisation that holds the item", of_the_readers_organisation
)
owner_makes_available = called(
    "the organisation that holds the item makes it available",
    both(
        acts_as(
            "reader.acts_for_the_organisation",
            "the one who acts is its staff, its officer or its system",
            Capacity.VARDPERSONAL,
            Capacity.OMSORGSPERSONAL,
            Capacity.OFFICER,
            Capacity.SYSTEM,
        ),
        of_the_readers_organisation,
    ),
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
system_searches_across = fact(
    "switch.system_searches_across",
    "a vårdgivare's own system is taken to search as its staff may",
    lambda s: s.switches[Switch.SYSTEM_SEARCHES_ACROSS],
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
