"""Conditions about an item: whose it is to the reader, and what it is about.

Source: SVOD 1:1, 1:3, 2:1, 2:2, 2:4; PDL 4:1, 5:4; OSL 8:2. The regime says in which capacity the
owner holds an item; between the two capacities of one body only SVOD opens.
"""

from datetime import datetime, timedelta

from consent.condition import Condition, both, unless
from consent.facts import (
    OMSORGSGIVARE_REGIMES,
    VARDGIVARE_REGIMES,
    Availability,
    Capacity,
    Collected,
    Kind,
    Recipient,
    Regime,
)
from consent.predicate import (
    FALSE,
    TRUE,
    Absent,
    Before,
    Column,
    Predicate,
    all_of,
    any_of,
    equals,
    negate,
    one_of,
)
from consent.reader import is_staff
from consent.situation import Situation, Switch

IN_SCOPE_AS_CARE = VARDGIVARE_REGIMES - {Regime.FMU, Regime.ESTETIK}


def _same_vardgivare(situation: Situation) -> frozenset[str]:
    """The ids of the vardgivare that the reader's organisation is: one region, one vardgivare."""
    name = situation.request.reader.organisation
    own = situation.organisation(name)
    if name is None or own is None:
        return frozenset()
    root = own.part_of or own.id
    kin = {
        other.id
        for other in situation.facts.organisations.values()
        if Kind.VARDGIVARE in other.kind and (other.part_of or other.id) == root
    }
    return frozenset(kin | {name})


def _own_as_vardgivare(situation: Situation) -> Predicate:
    if situation.request.reader.as_ is not Capacity.VARDPERSONAL:
        return FALSE
    return all_of(
        [
            one_of(Column.OWNER, _same_vardgivare(situation)),
            one_of(Column.REGIME, VARDGIVARE_REGIMES),
        ]
    )


def _own_as_omsorgsgivare(situation: Situation) -> Predicate:
    reader = situation.request.reader
    if reader.as_ is not Capacity.OMSORGSPERSONAL or reader.organisation is None:
        return FALSE
    return all_of(
        [
            equals(Column.OWNER, reader.organisation),
            one_of(Column.REGIME, OMSORGSGIVARE_REGIMES),
            equals(Column.AUTHORITY, reader.authority),
        ]
    )


def _own_system(situation: Situation) -> Predicate:
    reader = situation.request.reader
    if reader.as_ is not Capacity.SYSTEM or reader.organisation is None:
        return FALSE
    return equals(Column.OWNER, reader.organisation)


def _own_unit_or_process(situation: Situation) -> Predicate:
    reader = situation.request.reader
    return any_of(
        [
            FALSE if reader.unit is None else equals(Column.UNIT, reader.unit),
            FALSE if reader.process is None else equals(Column.PROCESS, reader.process),
        ]
    )


own_as_vardgivare = Condition(
    "item.own_as_vardgivare",
    "the reader's own vårdgivare holds the item as health care",
    _own_as_vardgivare,
)
own_as_omsorgsgivare = Condition(
    "item.own_as_omsorgsgivare",
    "the reader's own omsorgsgivare, and the same authority of it, holds the item",
    _own_as_omsorgsgivare,
)
own_system = Condition(
    "item.own_system", "the reader's own organisation holds the item", _own_system
)
own_unit_or_process = Condition(
    "item.own_unit_or_process",
    "the item was made at the reader's own unit or in the reader's own process",
    _own_unit_or_process,
)
anothers = both(is_staff, unless(own_as_vardgivare), unless(own_as_omsorgsgivare))
"""The reader reaches the item through SVOD or not at all."""

held_as_care = Condition(
    "item.held_as_care",
    "the item's owner holds it as vårdgivare",
    lambda _: one_of(Column.REGIME, VARDGIVARE_REGIMES),
)
held_as_service = Condition(
    "item.held_as_service",
    "the item's owner holds it as omsorgsgivare",
    lambda _: one_of(Column.REGIME, OMSORGSGIVARE_REGIMES),
)
is_fmu = Condition(
    "item.is_fmu",
    "the item was made in an insurance-medical investigation",
    lambda _: equals(Column.REGIME, Regime.FMU),
)


def _next(situation: Situation) -> datetime:
    """The first whole second after the request: columns hold whole seconds."""
    return situation.request.at.replace(microsecond=0) + timedelta(seconds=1)


def _service(*codes: str, to: tuple[Recipient, ...] = ()) -> Predicate:
    services = one_of(Column.SERVICE, codes)
    return all_of([services, one_of(Column.RECIPIENT, to)]) if to else services


NEW_SOL = any_of(
    [
        _service("SoL 8:1", to=(Recipient.OLDER, Recipient.DISABILITY)),
        _service("SoL 8:3", "SoL 8:4", "SoL 8:10", "SoL 8:11"),
        _service("SoL 11:5 home_help", to=(Recipient.OLDER,)),
    ]
)
OLD_SOL = any_of(
    [
        _service("SoL2001 3:6", to=(Recipient.OLDER, Recipient.DISABILITY)),
        _service("SoL2001 5:5", "SoL2001 5:7"),
        _service("SoL2001 4:2 a home_help", to=(Recipient.OLDER,)),
    ]
)


def _care_or_lss() -> Predicate:
    return any_of([one_of(Column.REGIME, IN_SCOPE_AS_CARE), equals(Column.REGIME, Regime.LSS)])


def _within_1_1_now(situation: Situation) -> Predicate:
    old = OLD_SOL if situation.switches[Switch.OLD_SOL_IN_SCOPE] else FALSE
    social = all_of([equals(Column.REGIME, Regime.SOL), any_of([NEW_SOL, old])])
    return any_of([_care_or_lss(), social])


within_1_1 = Condition(
    "item.within_1_1",
    "the item documents health care, LSS, or a service under SoL (2025:400) that the act lists",
    _within_1_1_now,
)
within_1_1_before_2025_07 = Condition(
    "item.within_1_1_before_2025_07",
    "the item documents health care, LSS, or a service under SoL (2001:453) that the act listed",
    lambda _: any_of([_care_or_lss(), all_of([equals(Column.REGIME, Regime.SOL), OLD_SOL])]),
)
kept_per_person = Condition(
    "item.kept_per_person",
    "documentation of social care is kept in a file of its own for each recipient",
    lambda _: any_of(
        [one_of(Column.REGIME, VARDGIVARE_REGIMES), equals(Column.PER_PERSON_FILE, value=True)]
    ),
)
collected_for_care = Condition(
    "item.collected_for_care",
    "the item was collected for care or service, not for quality, planning, statistics or research",
    lambda _: equals(Column.COLLECTED_FOR, Collected.CARE),
)
person_was_informed = Condition(
    "item.person_was_informed",
    "the person was informed before the item was made available",
    lambda _: equals(Column.INFORMED, value=True),
)
is_made_available = Condition(
    "item.is_made_available",
    "the owner has made the item available",
    lambda s: all_of(
        [
            negate(equals(Column.AVAILABILITY, Availability.NONE)),
            any_of([Absent(Column.AVAILABLE_SINCE), Before(Column.AVAILABLE_SINCE, _next(s))]),
        ]
    ),
)
is_not_withdrawn = Condition(
    "item.is_not_withdrawn",
    "the item has neither been nullified nor disappeared at its source",
    lambda _: equals(Column.WITHDRAWN, value=False),
)
owner_is_connected = Condition(
    "item.owner_is_connected",
    "the item's owner is connected",
    lambda s: one_of(
        Column.OWNER, [each.id for each in s.facts.organisations.values() if each.connected]
    ),
)
owner_offers_own_access = Condition(
    "item.owner_offers_own_access",
    "the item's owner offers the person access of their own",
    lambda s: one_of(
        Column.OWNER, [each.id for each in s.facts.organisations.values() if each.offers_own_access]
    ),
)
rests_on_2_4 = Condition(
    "item.rests_on_2_4",
    "the item was made available while the person could take a stand",
    lambda _: equals(Column.AVAILABILITY, Availability.GROUND_2_4),
)
may_be_disclosed_to_the_person = Condition(
    "item.may_be_disclosed_to_the_person",
    "the item is not secret from the person",
    lambda _: equals(Column.SECRET_FROM_PERSON, value=False),
)
owner_was_chosen = Condition(
    "item.owner_was_chosen",
    "the reader, having learnt where data are, chose to open this organisation's",
    lambda s: TRUE if s.request.chosen is None else one_of(Column.OWNER, s.request.chosen),
)


def _available_while_able(situation: Situation) -> Predicate:
    """SVOD 2:6 for somebody lastingly unable: an assessment, or availability from before."""
    since = situation.facts.person.lacking_since
    before = (
        TRUE
        if since is None
        else any_of([Absent(Column.AVAILABLE_SINCE), Before(Column.AVAILABLE_SINCE, since)])
    )
    return any_of(
        [
            equals(Column.AVAILABILITY, Availability.GROUND_2_6),
            all_of([equals(Column.AVAILABILITY, Availability.GROUND_2_4), before]),
        ]
    )


available_while_able_or_assessed = Condition(
    "item.available_while_able_or_assessed",
    "the owner has assessed the person's attitude, or had made the item available before"
    " the ability was lost",
    _available_while_able,
)
