"""Claims about drafts of the law that are not in force."""

from tests.prove.claims.entered import In, claim, reads
from tests.prove.logic import Bool


@claim(
    "Under the draft (EHDS art. 8) it is shown to nobody that something is blocked outwards.",
    laws=("ehds",),
)
def the_draft_shows_no_restriction(world: In) -> tuple[Bool, Bool]:
    m = world({})
    given = m.lg.all(m.blocked_outwards, m.reaches, m.has_route, m.care, m.care_staff)
    return given, m.answer.rungs["B0"]


@claim(
    "Under the draft an inner block shows in itself only where it has been lifted, and where it"
    " lies only where it may be.",
    laws=("ehds",),
)
def the_draft_hides_inner_blocks(world: In) -> tuple[Bool, Bool]:
    m = world({})
    hidden = m.lg.all(
        m.own_care, m.blocked_inside, m.inside_not_all_lifted, m.lg.no(m.needed_without_consent)
    )
    return hidden, m.lg.all(reads(m), m.lg.any(m.answer.rungs["I0"], m.answer.rungs["I1"]))
