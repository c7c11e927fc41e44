"""Claims about blocking, lifting, asking for a lift, and searching across persons."""

from consent.facts import (
    BlockKind,
    Capacity,
    Operation,
)
from consent.search_term import SearchTerm
from tests.prove.claims.entered import In, claim, does
from tests.prove.logic import Bool


@claim(
    "A guardian cannot block, and neither can a representative: only the person can, also on"
    " their word to staff of the owner (SVOD 2:3 st.2, PDL 4:4 st.2)."
)
def guardian_cannot_block(world: In) -> tuple[Bool, Bool]:
    m = world({})
    someone = m.lg.no(m.is_reader(Capacity.INDIVIDUAL))
    asks = m.lg.eq(m.w["op"], Operation.BLOCK)
    return m.lg.all(someone, asks, m.is_reader(Capacity.GUARDIAN)), m.answer.content


@claim(
    "A block is lifted by the person, also on their word to staff of the organisation that holds"
    " the data, or by its officer (SVOD 2:3, 3:5, PDL 4:5)."
)
def only_the_person_or_the_owners_officer_lifts(world: In) -> tuple[Bool, Bool]:
    m = world({})
    who = m.lg.any(
        m.is_reader(Capacity.INDIVIDUAL),
        m.lg.all(m.is_reader(Capacity.OFFICER), m.same_organisation),
        m.lg.all(m.written_down, m.same_organisation),
    )
    return does(m, Operation.LIFT), m.lg.no(who)


@claim(
    "Nobody answers for the person, and staff write down only what is said to their own"
    " organisation (SVOD 3:1, 3:2)."
)
def nobody_answers_for_the_person(world: In) -> tuple[Bool, Bool]:
    m = world({})
    own = m.lg.all(m.written_down, m.lg.eq(m.w["target_owner"], m.w["org"]))
    staff = m.lg.all(own, m.lg.any(m.care_staff, m.social_staff))
    who = m.lg.any(m.is_reader(Capacity.INDIVIDUAL), staff)
    given = m.lg.any(does(m, Operation.ANSWER), does(m, Operation.WITHDRAW))
    return given, m.lg.no(who)


@claim(
    "An officer lifts a block towards others only in danger, for somebody who can neither"
    " consent nor ask, and what is absolutely needed (SVOD 3:5)."
)
def an_outer_block_is_lifted_in_danger_only(world: In) -> tuple[Bool, Bool]:
    m = world({"target_kind": BlockKind.OUTER, "officer_judges_alone": False})
    met = m.lg.all(m.danger, m.lg.no(m.true("can_request_lift")), m.needed_without_consent)
    return m.lg.all(does(m, Operation.LIFT), m.is_reader(Capacity.OFFICER)), m.lg.no(met)


@claim("Nobody asks an omsorgsgivare to lift, and social care asks nobody (SVOD 3:5).")
def lifts_are_asked_of_and_by_care_only(world: In) -> tuple[Bool, Bool]:
    m = world({})
    return does(m, Operation.REQUEST_LIFT), m.lg.no(m.lg.all(m.care, m.care_staff))


@claim(
    "A search across persons finds only the own vardgivare's health care data, for its staff or"
    " its system, and never by support from the social services, crime, measures under the aliens"
    " act or sensitive data (PDL 2:8, SoLPuL 7 a)."
)
def a_search_across_persons_stays_at_home(world: In) -> tuple[Bool, Bool]:
    m = world({"across": True})
    own = m.lg.any(
        m.lg.all(m.care_staff, m.same_vardgivare),
        m.lg.all(m.is_reader(Capacity.SYSTEM), m.same_organisation),
    )
    lawful = m.lg.all(own, m.care, m.one_of(m.w["term"], (None, SearchTerm.HEALTH)))
    return does(m, Operation.SEARCH), m.lg.no(lawful)
