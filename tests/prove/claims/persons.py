"""Claims about the person, those who speak for them, and what an answer or a block can do."""

from consent.facts import (
    Ability,
    Availability,
    Capacity,
    Giver,
)
from tests.prove.claims.entered import In, claim, sees, shown
from tests.prove.logic import Bool
from tests.prove.model import RUNGS


@claim("A block or an answer by a guardian or a god man changes nothing (SVOD 2:3, 3:1).")
def what_others_say_for_the_person_is_void(world: In) -> tuple[Bool, Bool]:
    off = {"guardian_consents_for_child": False}
    m = world(off)
    without = world(off | {"b1_on": False, "c1_on": False})
    given = m.lg.all(
        m.true("b1_on"),
        m.true("c1_on"),
        m.lg.no(m.lg.eq(m.w["b1_set_by"], Giver.SELF)),
        m.lg.no(m.lg.eq(m.w["c1_giver"], Giver.SELF)),
        shown(m),
    )
    differs = [(m.answer.content, without.answer.content)]
    differs += [(m.answer.rungs[r], without.answer.rungs[r]) for r in RUNGS]
    return given, m.lg.any(*(m.lg.no(m.lg.eq(a, b)) for a, b in differs))


@claim("Nothing about the deceased is read through the act (SVOD 3:7).")
def nothing_of_the_deceased(world: In) -> tuple[Bool, Bool]:
    m = world({})
    reader = m.lg.any(m.through_the_act, m.is_reader(Capacity.INDIVIDUAL))
    return m.lg.all(reader, m.lg.no(m.alive), m.true("strong")), shown(m)


@claim(
    "The person never sees through the act what is secret from them, what is blocked, or what"
    " rests on 2:6 (SVOD 4:2)."
)
def the_persons_own_view_has_its_limits(world: In) -> tuple[Bool, Bool]:
    m = world({})
    kept = m.lg.any(
        m.true("secret"),
        m.blocked_outwards,
        m.lg.eq(m.w["availability"], Availability.GROUND_2_6),
        m.lg.no(m.knows(m.w["owner"], "offers")),
    )
    return m.lg.all(m.is_reader(Capacity.INDIVIDUAL), kept, m.true("strong")), shown(m)


@claim("A guardian sees nothing and gets no log while the switch is off (OSL 12:3).")
def a_guardian_sees_nothing_by_default(world: In) -> tuple[Bool, Bool]:
    m = world({"guardian_sees_child": False})
    return m.is_reader(Capacity.GUARDIAN), m.answer.content


@claim("Being unable for a while opens nothing that is closed to somebody able (SVOD 3:7).")
def temporary_incapacity_opens_nothing(world: In) -> tuple[Bool, Bool]:
    lacking, able = (
        world({"ability": Ability.TEMPORARILY_LACKING}),
        world({"ability": Ability.FULL}),
    )
    # An answer that is void because it was given while unable may be a refusal: it is left out.
    return lacking.lg.all(sees(lacking), lacking.lg.no(able.refuses)), (
        able.lg.no(able.answer.content)
    )


@claim("A refusal never opens anything: without it as much would be seen, or more (SVOD 3:7).")
def a_refusal_never_widens(world: In) -> tuple[Bool, Bool]:
    m, without = world({"c1_on": True, "c1_answer": False}), world({"c1_on": False})
    return sees(m), m.lg.no(without.answer.content)


@claim("A block never opens anything (SVOD 2:3, PDL 4:4).")
def a_block_never_widens(world: In) -> tuple[Bool, Bool]:
    m, without = world({"b1_on": True}), world({"b1_on": False})
    return sees(m), m.lg.no(without.answer.content)


@claim("A lift never closes anything (SVOD 3:5, PDL 4:5).")
def a_lift_never_narrows(world: In) -> tuple[Bool, Bool]:
    m, without = world({"l1_on": True}), world({"l1_on": False})
    return sees(without), m.lg.no(m.answer.content)


@claim(
    "Withdrawing a consent never opens anything but what a later refusal had closed"
    " (SVOD 3:1, 3:2)."
)
def a_consent_that_ends_never_widens(world: In) -> tuple[Bool, Bool]:
    m, without = world({"c1_on": True, "c1_answer": True}), world({"c1_on": False})
    return m.lg.all(sees(without), m.lg.no(without.refuses)), m.lg.no(m.answer.content)


@claim("Another organisation's judgement of the attitude counts for nobody else (SVOD 3:3, 3:4).")
def judgements_are_ones_own(world: In) -> tuple[Bool, Bool]:
    m = world({"org": "A", "w1_by": "B", "w2_by": "B"})
    none = world({"org": "A", "w1_on": False, "w2_on": False})
    same = m.lg.eq(m.answer.content, none.answer.content)
    return m.lg.all(m.true("w1_on"), shown(m)), m.lg.no(same)


@claim("A consent for another organisation or capacity gives nothing (SVOD 3:1, 3:2).")
def a_consent_is_for_one_organisation_and_capacity(world: In) -> tuple[Bool, Bool]:
    m = world({"org": "A"})
    none = world({"org": "A", "c1_on": False, "c2_on": False})
    other = [
        m.lg.any(
            m.lg.eq(m.w[f"{c}_org"], "B"),
            m.lg.no(m.lg.any(m.none(m.w[f"{c}_as"]), m.lg.eq(m.w[f"{c}_as"], m.w["as"]))),
        )
        for c in ("c1", "c2")
    ]
    return m.lg.all(*other, m.true("c1_on"), sees(m)), m.lg.no(none.answer.content)


@claim("Officers, auditors, representatives and others see nothing as such (SVOD 2:1, 3:7).")
def nobody_else_sees_anything(world: In) -> tuple[Bool, Bool]:
    m = world({})
    others = (Capacity.OFFICER, Capacity.AUDITOR, Capacity.REPRESENTATIVE, Capacity.OTHER)
    return m.lg.all(m.one_of(m.w["as"], others), m.consents), shown(m)
