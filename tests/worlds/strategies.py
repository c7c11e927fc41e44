"""Random worlds: small sets of names and instants, so that edges and coincidences are frequent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from consent.facts import (
    Ability,
    ActiveChoice,
    Assessment,
    Availability,
    BlockKind,
    Capacity,
    Collected,
    Danger,
    Emergency,
    Facts,
    Giver,
    InfoType,
    Item,
    Kind,
    Lift,
    LiftGround,
    Organisation,
    Person,
    ProtectedIdentity,
    Purpose,
    Reader,
    Recipient,
    Regime,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
    Sparr,
)
from consent.period import Period
from consent.situation import Situation

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
INSTANTS = st.sampled_from([NOW + timedelta(days=d) for d in (-900, -400, -30, -1, 0, 1, 30)])
REGION, CLINIC, FIRM, NAMND, NAMND2 = "RegionA", "ClinicC", "FirmAB", "NamndK", "NamndS"
OWNERS = st.sampled_from([REGION, CLINIC, FIRM, NAMND, NAMND2])
UNITS = st.sampled_from([None, "Medicine", "Surgery"])
PROCESSES = st.sampled_from([None, "Diabetes"])
AUTHORITIES = st.sampled_from([None, "Aldre"])
SERVICES = st.sampled_from(
    [None, "SoL 8:1", "SoL 8:4", "SoL 11:5 home_help", "LSS 9", "SoL2001 5:5", "ekonomiskt_bistand"]
)
KINDS = {
    REGION: {Kind.VARDGIVARE},
    CLINIC: {Kind.VARDGIVARE},
    FIRM: {Kind.VARDGIVARE, Kind.OMSORGSGIVARE},
    NAMND: {Kind.OMSORGSGIVARE},
    NAMND2: {Kind.OMSORGSGIVARE},
}


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, end = draw(st.none() | INSTANTS), draw(st.none() | INSTANTS)
    if start is not None and end is not None and end <= start:
        end = start + timedelta(days=1)
    return Period(start, end)


@st.composite
def organisations(draw: st.DrawFn) -> dict[str, Organisation]:
    mostly = st.sampled_from([True, True, True, False])
    return {
        name: Organisation(
            name,
            frozenset(kinds),
            "KommunK" if name in (NAMND, NAMND2) else None,
            draw(mostly),
            draw(mostly),
        )
        for name, kinds in KINDS.items()
    }


ITEMS = st.builds(
    Item,
    id=st.uuids().map(str),
    owner=OWNERS,
    authority=AUTHORITIES,
    unit=UNITS,
    process=PROCESSES,
    regime=st.sampled_from(list(Regime)),
    service=SERVICES,
    recipient=st.sampled_from(list(Recipient)),
    info_type=st.sampled_from([InfoType.NOTE, InfoType.MEDICATION, InfoType.ALERT]),
    date=periods(),
    collected_for=st.sampled_from([Collected.CARE, Collected.CARE, Collected.QUALITY]),
    per_person_file=st.sampled_from([True, True, True, False]),
    informed=st.sampled_from([True, True, True, False]),
    availability=st.sampled_from(list(Availability)),
    available_since=st.none() | INSTANTS,
    secret_from_person=st.booleans(),
    withdrawn=st.sampled_from([False, False, False, True]),
)
RELATIONS = st.builds(
    Relation,
    organisation=OWNERS,
    kind=st.sampled_from(list(RelationKind)),
    state=st.sampled_from(list(RelationState)),
    unit=UNITS,
    service=SERVICES.filter(bool),
    period=periods(),
)
CONSENTS = st.builds(
    Samtycke,
    giver=st.sampled_from([Giver.SELF, Giver.SELF, Giver.GUARDIAN]),
    organisation=OWNERS,
    answer=st.booleans(),
    unit=UNITS,
    user=st.sampled_from([None, "u1", "u2"]),
    as_=st.sampled_from([None, Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL]),
    period=periods(),
    withdrawn_at=st.none() | INSTANTS,
)
BLOCKS = st.builds(
    Sparr,
    id=st.sampled_from(["b1", "b2", "b3"]),
    kind=st.sampled_from(list(BlockKind)),
    owner=OWNERS,
    unit=UNITS,
    process=PROCESSES,
    information=periods(),
    excluded_types=st.sampled_from([frozenset(), frozenset({InfoType.ALERT})]),
    set_at=st.none() | INSTANTS,
    set_by=st.sampled_from([Giver.SELF, Giver.SELF, Giver.GUARDIAN]),
)
LIFTS = st.builds(
    Lift,
    block=st.sampled_from(["b1", "b2", "b3"]),
    ground=st.sampled_from(list(LiftGround)),
    organisation=st.none() | OWNERS,
    unit=UNITS,
    user=st.sampled_from([None, "u1"]),
    period=periods(),
)
ASSESSMENTS = st.builds(
    Assessment, by=OWNERS, clarified=st.booleans(), reason_to_think_opposed=st.booleans()
)
PERSONS = st.builds(
    Person,
    can_consent_self=st.sampled_from([True, True, False]),
    capacity=st.sampled_from(list(Ability)),
    lacking_since=st.none() | INSTANTS,
    deceased=st.sampled_from([None, None, None, NOW - timedelta(days=1)]),
    protected_identity=st.sampled_from(list(ProtectedIdentity)),
)
READERS = st.builds(
    Reader,
    user=st.sampled_from(["u1", "u2"]),
    organisation=OWNERS,
    as_=st.sampled_from(
        [Capacity.VARDPERSONAL] * 3
        + [Capacity.OMSORGSPERSONAL] * 3
        + [Capacity.INDIVIDUAL, Capacity.SYSTEM, Capacity.OTHER]
    ),
    authority=AUTHORITIES,
    unit=UNITS,
    process=PROCESSES,
    assignment_valid=st.sampled_from([True, True, True, False]),
    strong_auth=st.sampled_from([True, True, True, False]),
    takes_part=st.sampled_from([True, True, True, False]),
)
EMERGENCIES = st.builds(
    Emergency,
    danger=st.sampled_from(list(Danger)),
    consent_obtainable=st.booleans(),
    can_request_lift=st.booleans(),
    absolutely_needed=st.booleans(),
)
LIKELY_PURPOSES = [Purpose.VARD, Purpose.VARD, Purpose.INSATS, Purpose.INSATS, Purpose.EGEN]
REQUESTS = st.builds(
    Request,
    reader=READERS,
    at=st.just(NOW),
    purpose=st.sampled_from([*LIKELY_PURPOSES, *Purpose]),
    patient_requested=st.booleans(),
    relevance=st.sampled_from([True, True, False]),
    active_choice=st.sampled_from(list(ActiveChoice)),
    necessary=st.booleans(),
    emergency=EMERGENCIES,
    registers_reachable=st.sampled_from([True, True, True, False]),
    chosen=st.sampled_from([None, None, frozenset({REGION, NAMND}), frozenset()]),
)
FACTS = st.builds(
    Facts,
    organisations=organisations(),
    person=PERSONS,
    relations=st.lists(RELATIONS, max_size=4).map(tuple),
    consents=st.lists(CONSENTS, max_size=3).map(tuple),
    blocks=st.lists(BLOCKS, max_size=3).map(tuple),
    lifts=st.lists(LIFTS, max_size=2).map(tuple),
    assessments=st.lists(ASSESSMENTS, max_size=2).map(tuple),
)

CARE = (RelationKind.PATIENT, RelationState.CURRENT)
SERVICE = (RelationKind.SERVICE, RelationState.ONGOING)
ROUTES = [
    (REGION, Capacity.VARDPERSONAL, Purpose.VARD, *CARE),
    (NAMND, Capacity.OMSORGSPERSONAL, Purpose.INSATS, *SERVICE),
    (REGION, Capacity.INDIVIDUAL, Purpose.EGEN, *CARE),
]


@st.composite
def likely_situations(draw: st.DrawFn) -> Situation:
    """A situation in which a route through the act is open, before blocks and the like are drawn.

    Wholly random worlds seldom permit anything, and what is never permitted tests no limit.
    """
    facts, request = draw(FACTS), draw(REQUESTS)
    organisation, as_, purpose, kind, state = draw(st.sampled_from(ROUTES))
    reader = replace(
        request.reader,
        organisation=organisation,
        as_=as_,
        assignment_valid=True,
        strong_auth=True,
        takes_part=True,
    )
    names = {
        name: replace(each, connected=True, offers_own_access=True)
        for name, each in facts.organisations.items()
    }
    relation = Relation(organisation, kind, state)
    consent = Samtycke(Giver.SELF, organisation, answer=True)
    person = replace(facts.person, deceased=None, can_consent_self=True, capacity=Ability.FULL)
    return Situation(
        replace(
            facts,
            organisations=names,
            person=draw(st.sampled_from([person, facts.person])),
            relations=(relation, *facts.relations),
            consents=draw(st.sampled_from([(consent,), facts.consents])),
        ),
        replace(request, reader=reader, purpose=purpose, relevance=True),
    )


@st.composite
def likely_items(draw: st.DrawFn) -> Item:
    """An item that its owner has made available."""
    item = draw(ITEMS)
    return replace(
        item,
        regime=Regime.HSL if item.owner in (REGION, CLINIC, FIRM) else Regime.LSS,
        collected_for=Collected.CARE,
        per_person_file=True,
        informed=True,
        availability=Availability.GROUND_2_4,
        available_since=None,
        secret_from_person=False,
        withdrawn=False,
    )


SITUATIONS = st.builds(Situation, facts=FACTS, request=REQUESTS) | likely_situations()
RECORDS = st.lists(ITEMS | likely_items(), max_size=8, unique_by=lambda item: item.id)
