"""Claims about what is read inside an organisation, and its walls (PDL 4 kap., OSL 8:2)."""

from consent.facts import (
    ActiveChoice,
    BlockKind,
    Capacity,
    Purpose,
)
from tests.prove.claims.entered import In, claim, sees, shown
from tests.prove.logic import Bool


@claim(
    "An insurance-medical investigation is closed to other units and processes, and who works"
    " in one sees nothing else (PDL 4:2, FMU 13)."
)
def the_wall_around_an_investigation(world: In) -> tuple[Bool, Bool]:
    m = world({})
    fmu = m.lg.any(m.lg.eq(m.w["regime"], "FMU"), m.lg.eq(m.w["purpose"], Purpose.FMU))
    return m.lg.all(m.care_staff, fmu, m.lg.no(m.own_place), m.same_vardgivare), shown(m)


@claim(
    "Without an active choice nothing of other units of the own vardgivare is seen"
    " (HSLF-FS 2016:40)."
)
def no_choice_shows_nothing_of_other_units(world: In) -> tuple[Bool, Bool]:
    m = world({"choice": ActiveChoice.NONE})
    return m.lg.all(m.own_care, m.lg.no(m.own_place), m.staff_may_act), shown(m)


@claim(
    "Content behind an inner block opens only when each block has been lifted by the officer"
    " (PDL 4:4, 4:5)."
)
def inner_blocks_open_by_the_officer_only(world: In) -> tuple[Bool, Bool]:
    m = world({})
    return m.lg.all(m.own_care, m.blocked_inside, sees(m)), m.inside_not_all_lifted


@claim(
    "A lift without consent opens only what can be assumed to matter for care that is"
    " absolutely needed (PDL 4:5)."
)
def an_inner_lift_without_consent_needs_need(world: In) -> tuple[Bool, Bool]:
    m = world({})
    return (
        m.lg.all(m.own_care, m.inside_lifted_without_consent, sees(m)),
        m.lg.no(m.needed_without_consent),
    )


@claim("A lift inside a vardgivare (PDL 4:5) opens nothing to another organisation.")
def an_inner_lift_opens_nothing_outside(world: In) -> tuple[Bool, Bool]:
    m = world({})
    inner = m.lg.all(m.stands("b1", BlockKind.INNER), m.covers("b1"), m.lifted("b1"))
    return m.lg.all(m.through_the_act, inner, m.has_route), sees(m)


@claim(
    "Between the two capacities of one body only the act opens: health care staff reach the"
    " own organisation's social care documentation through SVOD alone, and the other way round."
)
def capacities_are_walls(world: In) -> tuple[Bool, Bool]:
    m = world({})
    across = m.lg.any(m.lg.all(m.care_staff, m.social), m.lg.all(m.social_staff, m.care))
    return m.lg.all(m.same_organisation, across, sees(m)), m.lg.no(
        m.lg.all(m.in_scope, m.offered, m.has_route)
    )


@claim("Two namnder of one organisation reach each other through the act alone (OSL 8:2, SVOD).")
def authorities_are_walls(world: In) -> tuple[Bool, Bool]:
    m = world({})
    other = m.lg.no(m.lg.eq(m.w["authority"], m.w["i_authority"]))
    given = m.lg.all(m.social_staff, m.social, m.same_organisation, other, sees(m))
    return given, m.lg.no(m.lg.all(m.in_scope, m.offered, m.has_route))


@claim(
    "Staff without strong log-in, a valid assignment or a part in the care see nothing"
    " (PDL 4:1, 4:2, SVOD 4:3)."
)
def staff_need_log_in_assignment_and_a_part(world: In) -> tuple[Bool, Bool]:
    m = world({})
    staff = m.lg.any(m.care_staff, m.social_staff)
    lacks = m.lg.no(m.lg.all(m.true("strong"), m.true("assignment"), m.true("takes_part")))
    return m.lg.all(staff, lacks, m.consents), shown(m)


@claim("An organisation's system reads its own organisation's data and no other (PDL 2:4).")
def a_system_reads_its_own_data(world: In) -> tuple[Bool, Bool]:
    m = world({})
    return m.lg.all(m.is_reader(Capacity.SYSTEM), sees(m)), m.lg.no(m.same_organisation)
