"""The world that most tests of the API begin with: one person's record at several organisations.

Every hidden document holds a marker, so that a test can look for it in whatever leaves the hub.
"""

from typing import Any

from consent.facts import (
    BlockKind,
    Facts,
    Giver,
    InfoType,
    Relation,
    RelationKind,
    RelationState,
    Samtycke,
    Sparr,
)
from consent.period import ALWAYS, Period
from tests.worlds.hub_world import (
    CLINIC,
    FIRM,
    HELP_AT_HOME,
    HOME_CARE,
    HOME_HELP,
    KOMMUN,
    NAMND,
    OFFICE,
    OLOF,
    OTHER_REGION,
    REGION,
    SINCE,
    SURGERY,
    TALKS,
    WARD,
    World,
    condition,
    documented,
)

HIDDEN = "zqxhemlig"
"""What only hidden documents hold; no reader of this world is ever shown it."""

CONSENT = Samtycke(Giver.SELF, REGION, answer=True)
OUTER = Sparr("outer", BlockKind.OUTER, CLINIC, set_at=SINCE.start)
INNER = Sparr("inner", BlockKind.INNER, REGION, SURGERY, set_at=SINCE.start)


def patient_of(organisation: str, period: Period = ALWAYS) -> Relation:
    return Relation(organisation, RelationKind.PATIENT, RelationState.CURRENT, None, period=period)


def served_by(organisation: str, period: Period = ALWAYS) -> Relation:
    return Relation(
        organisation, RelationKind.SERVICE, RelationState.ONGOING, None, HELP_AT_HOME, period
    )


RELATIONS = (
    patient_of(REGION),
    patient_of(OTHER_REGION),
    patient_of(CLINIC),
    patient_of(KOMMUN),
    served_by(NAMND),
    served_by(FIRM),
)


def facts(**changes: Any) -> Facts:  # noqa: ANN401 -- the fields of Facts
    """A person who is cared for everywhere, consents to the region and has blocked nothing."""
    return Facts(**{"relations": RELATIONS, "consents": (CONSENT,), **changes})


def fill(world: World) -> None:
    """Fill a world with the record of one person, and with somebody else's."""
    person, other = world.person(), world.person(OLOF)
    world.hold(
        [
            (condition(person, "ward-1", "Hypertoni"), documented(REGION, WARD)),
            (condition(person, "ward-2", "Astma"), documented(REGION, WARD)),
            (condition(person, "surgery-1", "Brock"), documented(REGION, SURGERY)),
            (condition(person, "clinic-1", "Sorg"), documented(CLINIC, TALKS)),
            (condition(person, "nurse-1", "Bensår"), documented(KOMMUN, HOME_CARE)),
            (
                condition(person, "service-1", "Dusch"),
                documented(NAMND, OFFICE, info_type=InfoType.DECISION),
            ),
            (condition(person, "help-1", "Inköp"), documented(FIRM, HOME_HELP)),
            (
                condition(person, "gone-1", HIDDEN),
                documented(OTHER_REGION, "SE2329999980-1002", withdrawn=True),
            ),
        ]
    )
    world.know(facts())
    world.hold([(condition(other, "other-1", HIDDEN), documented(REGION, WARD))], OLOF)
