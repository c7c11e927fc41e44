"""Claims about what is read through the act (SVOD 2 and 3 kap.)."""

from typing import Any

from consent.facts import (
    BlockKind,
    Capacity,
    Danger,
    Purpose,
)
from tests.prove.claims.entered import In, claim, reads, sees, shown
from tests.prove.inside import SERVICE_PURPOSES
from tests.prove.logic import Bool
from tests.prove.model import RUNGS

SVOD_PURPOSES = (Purpose.VARD, Purpose.KOORDINERING, Purpose.INTYG_3_16, *SERVICE_PURPOSES)


@claim(
    "What is blocked towards others, and not lifted for the reader, is content to no other"
    " organisation (SVOD 2:3, 3:1-3:7)."
)
def blocked_and_not_lifted_never_content(world: In) -> tuple[Bool, Bool]:
    m = world({})
    return m.lg.all(m.through_the_act, m.blocked_outwards, reads(m)), m.answer.content


@claim(
    "Consent alone opens nothing: without a relation of the kind that the purpose asks for"
    " another organisation sees neither content nor that anything exists (SVOD 3:1, 3:2, 3:7)."
)
def consent_never_suffices(world: In) -> tuple[Bool, Bool]:
    m = world({"existence_without_relation": False})
    return m.lg.all(m.through_the_act, m.consents, m.lg.no(m.has_route)), shown(m)


@claim(
    "Social care has no emergency: danger changes nothing of what its staff see (SVOD 3:4, 3:7)."
)
def social_care_has_no_emergency(world: In) -> tuple[Bool, Bool]:
    m = world({})
    calm = world(
        {
            "danger": Danger.NONE,
            "consent_obtainable": True,
            "can_request_lift": True,
            "absolutely_needed": False,
        }
    )
    differs = m.lg.any(
        *(
            m.lg.no(m.lg.eq(a, b))
            for a, b in (
                (m.answer.content, calm.answer.content),
                *((m.answer.rungs[r], calm.answer.rungs[r]) for r in RUNGS),
            )
        )
    )
    return m.lg.all(m.social_staff, m.danger, reads(m), m.answer.content), differs


@claim("Registers of blocks and consents that do not answer never widen what is seen or done (P5).")
def error_never_widens(world: In) -> tuple[Bool, Bool]:
    down, up = world({"registers": False}), world({"registers": True})
    lg = down.lg
    wider = lg.any(
        lg.all(down.answer.content, lg.no(up.answer.content)),
        *(lg.all(down.answer.rungs[r], lg.no(up.answer.rungs[r])) for r in RUNGS),
    )
    return down.answer.content, wider


@claim(
    "Through the act staff see content only with consent, of a child who cannot consent, of"
    " somebody lastingly unable, or in danger (SVOD 3:1-3:6, 3:7)."
)
def nothing_outside_3_1_to_3_6(world: In) -> tuple[Bool, Bool]:
    m = world({})
    ground = m.lg.any(
        m.consents,
        m.lg.no(m.true("can_consent")),
        m.lastingly_unable,
        m.lg.all(m.danger, m.care_staff),
    )
    return m.lg.all(m.through_the_act, sees(m)), m.lg.no(ground)


@claim(
    "Every content through the act is relevant, to a reader with a relation and a lawful"
    " purpose, from a connected organisation to a connected one (SVOD 2:4, 3:1-3:6)."
)
def content_always_rests_on_relation_purpose_and_relevance(world: In) -> tuple[Bool, Bool]:
    m = world({})
    needed = m.lg.all(
        m.has_route,
        m.true("relevance"),
        m.one_of(m.w["purpose"], SVOD_PURPOSES),
        m.knows(m.w["owner"], "connected"),
        m.knows(m.w["org"], "connected"),
    )
    return m.lg.all(m.through_the_act, sees(m)), m.lg.no(needed)


@claim(
    "Without the person's own consent social care never reaches health data (SVOD 3:2, 3:4; by the"
    " default of the switches)."
)
def social_care_reads_health_by_consent_only(world: In) -> tuple[Bool, Bool]:
    m = world({"guardian_consents_for_child": False})
    return m.lg.all(m.social_staff, m.care, sees(m)), m.lg.no(m.consents)


@claim("A block by an omsorgsgivare is shown to nobody, and no block is shown to one (SVOD 2:5).")
def blocks_of_social_care_are_invisible(world: In) -> tuple[Bool, Bool]:
    m = world({})
    told = m.lg.any(m.answer.rungs["B0"], m.answer.rungs["B1"])
    return m.lg.all(
        m.blocked_outwards, m.reaches, m.has_route, m.lg.any(m.social, m.social_staff)
    ), (m.lg.all(reads(m), told))


@claim(
    "Which vardgivare has blocked is shown in danger alone, when the patient cannot ask for a"
    " lift (SVOD 3:5)."
)
def who_blocked_is_for_emergencies(world: In) -> tuple[Bool, Bool]:
    m = world({})
    met = m.lg.all(
        m.danger,
        m.lg.no(m.true("can_request_lift")),
        m.current_patient,
        m.lg.eq(m.w["purpose"], Purpose.VARD),
    )
    return m.lg.all(reads(m), m.answer.rungs["B1"]), m.lg.no(met)


@claim(
    "Where data are is a step of its own: who has not chosen an organisation reads nothing"
    " that only incapacity or danger opens (SVOD 3:3, 3:4, 3:6)."
)
def learning_where_comes_before_content(world: In) -> tuple[Bool, Bool]:
    m = world({"chose": True, "chose_A": False, "chose_B": False})
    plain = m.lg.any(m.consents, m.lg.no(m.true("can_consent")))
    return m.lg.all(m.answer.rungs["U1"], reads(m), m.lg.no(plain)), m.answer.content


@claim(
    "A purpose that no section serves sees nothing through the act, not even that data exist"
    " (SVOD 3:7)."
)
def purpose_comes_first(world: In) -> tuple[Bool, Bool]:
    m = world({"existence_without_relation": False})
    other = m.lg.no(m.one_of(m.w["purpose"], SVOD_PURPOSES))
    return m.lg.all(m.through_the_act, other, m.consents, m.true("relevance")), shown(m)


@claim(
    "What the act does not cover is invisible through it: insurance-medical investigations,"
    " aesthetic procedures, other services (SVOD 1:1, 1:3)."
)
def out_of_scope_is_invisible(world: In) -> tuple[Bool, Bool]:
    m = world({})
    kinds = m.one_of(m.w["regime"], ("FMU", "ESTETIK", "OTHER"))
    outside = m.lg.any(
        kinds,
        m.lg.all(
            m.lg.eq(m.w["regime"], "SoL"),
            m.one_of(m.w["service"], (None, "ekonomiskt_bistand", "missbruk")),
        ),
    )
    reader = m.lg.any(
        m.through_the_act, m.is_reader(Capacity.INDIVIDUAL), m.is_reader(Capacity.GUARDIAN)
    )
    return m.lg.all(reader, outside), shown(m)


@claim(
    "What was documented under SoL (2001:453) is invisible through the act from 2025-07-01,"
    " unless the switch says otherwise (SVOD 1:1).",
    laws=("2025-07-01", "ehds"),
)
def old_sol_is_closed(world: In) -> tuple[Bool, Bool]:
    m = world({"old_sol_in_scope": False})
    old = m.lg.all(
        m.lg.eq(m.w["regime"], "SoL"), m.listed(m.w["service"], m.w["recipient"], new=False)
    )
    return m.lg.all(m.through_the_act, old, m.consents), shown(m)


@claim(
    "Before 2025-07-01 no service under SoL (2025:400) was covered (SVOD 1:1).",
    laws=("2023-01-01",),
)
def new_sol_was_not_yet(world: In) -> tuple[Bool, Bool]:
    m = world({})
    new = m.lg.all(
        m.lg.eq(m.w["regime"], "SoL"), m.listed(m.w["service"], m.w["recipient"], new=True)
    )
    return m.lg.all(m.through_the_act, new, m.consents), shown(m)


@claim("Of two blocks on one item each must be lifted for the reader (SVOD 2:3).")
def each_of_two_blocks_must_be_lifted(world: In) -> tuple[Bool, Bool]:
    m = world({})
    both = [m.lg.all(m.stands(b, BlockKind.OUTER), m.covers(b)) for b in ("b1", "b2")]
    lifted = m.lg.all(m.lifted("b1"), m.lifted("b2"))
    return m.lg.all(m.through_the_act, *both, sees(m)), m.lg.no(lifted)


@claim("What has been nullified or has disappeared at its source is seen by the owner alone.")
def what_is_withdrawn_stays_with_the_owner(world: In) -> tuple[Bool, Bool]:
    m = world({"withdrawn": True})
    own = m.lg.any(m.own_care, m.own_social, m.is_reader(Capacity.SYSTEM))
    return m.lg.all(m.consents, m.has_route, m.lg.no(own)), shown(m)


@claim(
    "That data exist says nothing of whose: U0 does not depend on which organisation holds the"
    " item, among those that are connected (SVOD 2:4)."
)
def that_data_exist_is_one_bit(world: In) -> tuple[Bool, Bool]:
    open_b: dict[str, Any] = {
        "owner": "B",
        "b1_on": False,
        "b2_on": False,
        "B_connected": True,
        "A_connected": True,
        "org": "A",
        "B_part_of": None,
        "A_part_of": None,
    }
    m, more = world(open_b), world({**open_b, "B_vg": True, "B_og": True, "B_offers": False})
    same = m.lg.eq(m.answer.rungs["U0"], more.answer.rungs["U0"])
    return m.lg.all(reads(m), m.answer.rungs["U0"]), m.lg.no(same)


@claim(
    "Coordination and certificates open nothing without consent but to a child's care: incapacity"
    " and danger are about care alone (SVOD 3:3, 3:6)."
)
def incapacity_and_danger_are_about_care_alone(world: In) -> tuple[Bool, Bool]:
    m = world({"can_consent": True})
    other = m.one_of(m.w["purpose"], (Purpose.KOORDINERING, Purpose.INTYG_3_16))
    return m.lg.all(m.care_staff, m.through_the_act, other, m.has_route, reads(m)), (
        m.lg.all(m.answer.content, m.lg.no(m.consents))
    )


@claim(
    "A former patient is read about for a certificate alone, and only when they asked for it"
    " (SVOD 3:1)."
)
def a_former_patient_opens_certificates_only(world: In) -> tuple[Bool, Bool]:
    m = world({})
    asked = m.lg.all(m.lg.eq(m.w["purpose"], Purpose.INTYG_3_16), m.true("patient_requested"))
    given = m.lg.all(m.care_staff, m.through_the_act, m.lg.no(m.current_patient), sees(m))
    return given, m.lg.no(asked)


@claim(
    "In an emergency a lift of an outer block without consent is the only way past it: the"
    " reader cannot break it (SVOD 3:5)."
)
def no_reader_breaks_an_outer_block(world: In) -> tuple[Bool, Bool]:
    m = world({"l1_on": False, "l2_on": False})
    emergency = m.lg.all(m.danger, m.needed_without_consent, m.lg.no(m.true("can_request_lift")))
    return m.lg.all(m.through_the_act, m.opposed, emergency, m.cared_for), sees(m)
