"""Conditions about an item: whose it is to the reader, and what it is about.

Source: SVOD 1:1, 1:3, 2:1, 2:2, 2:4; PDL 4:1, 5:4; OSL 8:2. The regime says in which capacity the
owner holds an item; between the two capacities of one body only SVOD opens.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from consent.condition import Condition, both, called, either, fact, of_item, unless
from consent.facts import (
    OMSORGSGIVARE_REGIMES,
    VARDGIVARE_REGIMES,
    Availability,
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
from consent.reader import is_omsorgspersonal, is_staff, is_system, is_vardpersonal
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


def _of_the_readers_organisation(situation: Situation) -> Predicate:
    name = situation.request.reader.organisation
    return FALSE if name is None else equals(Column.OWNER, name)


def _own_unit_or_process(situation: Situation) -> Predicate:
    reader = situation.request.reader
    return any_of(
        [
            FALSE if reader.unit is None else equals(Column.UNIT, reader.unit),
            FALSE if reader.process is None else equals(Column.PROCESS, reader.process),
        ]
    )


held_as_care = of_item(
    "item.held_as_care",
    "the item's owner holds it as vårdgivare",
    one_of(Column.REGIME, VARDGIVARE_REGIMES),
)
held_as_service = of_item(
    "item.held_as_service",
    "the item's owner holds it as omsorgsgivare",
    one_of(Column.REGIME, OMSORGSGIVARE_REGIMES),
)
is_fmu = of_item(
    "item.is_fmu",
    "the item was made in an insurance-medical investigation",
    equals(Column.REGIME, Regime.FMU),
)
of_the_readers_vardgivare = Condition(
    "item.of_the_readers_vardgivare",
    "the reader's own vårdgivare holds the item",
    lambda s: one_of(Column.OWNER, _same_vardgivare(s)),
)
of_the_readers_organisation = Condition(
    "item.of_the_readers_organisation",
    "the reader's own organisation holds the item",
    _of_the_readers_organisation,
)
of_the_readers_authority = Condition(
    "item.of_the_readers_authority",
    "the item is the same authority's as the reader is at",
    lambda s: equals(Column.AUTHORITY, s.request.reader.authority),
)
own_as_vardgivare = called(
    "the reader's own vårdgivare holds the item as health care",
    both(is_vardpersonal, held_as_care, of_the_readers_vardgivare),
)
own_as_omsorgsgivare = called(
    "the reader's own omsorgsgivare, and the same authority of it, holds the item",
    both(
        is_omsorgspersonal, held_as_service, of_the_readers_organisation, of_the_readers_authority
    ),
)
own_system = called(
    "the item is held by the organisation whose system reads",
    both(is_system, of_the_readers_organisation),
)
own_unit_or_process = Condition(
    "item.own_unit_or_process",
    "the item was made at the reader's own unit or in the reader's own process",
    _own_unit_or_process,
)
anothers = both(is_staff, unless(own_as_vardgivare), unless(own_as_omsorgsgivare))
"""The reader reaches the item through SVOD or not at all."""


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


CARE_OR_LSS = one_of(Column.REGIME, IN_SCOPE_AS_CARE | {Regime.LSS})
IS_SOL = equals(Column.REGIME, Regime.SOL)

under_sol_of_2001 = of_item(
    "item.under_sol_of_2001",
    "the item documents a service under SoL (2001:453) that the act listed",
    all_of([IS_SOL, OLD_SOL]),
)
old_sol_is_in_scope = fact(
    "switch.old_sol_in_scope",
    "what was documented under SoL (2001:453) is taken to be within the act still",
    lambda s: s.switches[Switch.OLD_SOL_IN_SCOPE],
)
within_1_1 = called(
    "the item documents health care, LSS, or a service under SoL (2025:400) that the act lists",
    either(
        of_item(
            "item.within_1_1",
            "the item documents health care, LSS, or a service under SoL (2025:400)",
            any_of([CARE_OR_LSS, all_of([IS_SOL, NEW_SOL])]),
        ),
        both(under_sol_of_2001, old_sol_is_in_scope),
    ),
)
within_1_1_before_2025_07 = of_item(
    "item.within_1_1_before_2025_07",
    "the item documents health care, LSS, or a service under SoL (2001:453) that the act listed",
    any_of([CARE_OR_LSS, all_of([IS_SOL, OLD_SOL])]),
)
kept_per_person = of_item(
    "item.kept_per_person",
    "documentation of social care is kept in a file of its own for each recipient",
    any_of([one_of(Column.REGIME, VARDGIVARE_REGIMES), equals(Column.PER_PERSON_FILE, value=True)]),
)
collected_for_care = of_item(
    "item.collected_for_care",
    "the item was collected for care or service, not for quality, planning, statistics or research",
    equals(Column.COLLECTED_FOR, Collected.CARE),
)
person_was_informed = of_item(
    "item.person_was_informed",
    "the person was informed before the item was made available",
    equals(Column.INFORMED, value=True),
)
_is_offered = of_item(
    "item.is_offered",
    "the owner offers the item to others",
    negate(equals(Column.AVAILABILITY, Availability.NONE)),
)
_since_always = of_item(
    "item.offered_since_always",
    "no day is known before which it was not offered",
    Absent(Column.AVAILABLE_SINCE),
)
_since_the_request = Condition(
    "item.offered_by_then",
    "it was offered by the instant of the request",
    lambda s: Before(Column.AVAILABLE_SINCE, _next(s)),
)
is_made_available = replace(
    both(_is_offered, either(_since_always, _since_the_request)),
    name="item.is_made_available",
    text="the owner has made the item available",
)
is_not_withdrawn = of_item(
    "item.is_not_withdrawn",
    "the item has neither been nullified nor disappeared at its source",
    equals(Column.WITHDRAWN, value=False),
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
rests_on_2_4 = of_item(
    "item.rests_on_2_4",
    "the item was made available while the person could take a stand",
    equals(Column.AVAILABILITY, Availability.GROUND_2_4),
)
may_be_disclosed_to_the_person = of_item(
    "item.may_be_disclosed_to_the_person",
    "the item is not secret from the person",
    equals(Column.SECRET_FROM_PERSON, value=False),
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
