"""Conditions about blocks: which items they cover, for whom they stand, and what lifts them.

Source: SVOD 2:3, 2:5; PDL 4:4, 4:5. An outer block stands towards every other organisation; an
inner one towards staff at other units (or processes), and towards every other organisation too. Any
overlap of the information's date with a block's period blocks. Several blocks on one item: each
must be lifted. A lift may open some of what a block covers, what can be assumed to matter (PDL
4:5). A block set by anybody but the person is void, and so is an inner one on an item that is held
as omsorgsgivare.
"""

from datetime import timedelta

from consent.condition import Condition, fact, unless
from consent.facts import VARDGIVARE_REGIMES, BlockKind, Giver, Lift, LiftGround, Sparr
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
from consent.situation import Situation

SHORTEST = timedelta(seconds=1)
"""Columns hold whole seconds, spans are half-open: one that ends as a block starts is outside."""


def covers(block: Sparr) -> Predicate:
    """Return which items a block covers, whoever reads."""
    parts = [equals(Column.OWNER, block.owner)]
    if block.unit is not None:
        parts.append(equals(Column.UNIT, block.unit))
    if block.process is not None:
        parts.append(equals(Column.PROCESS, block.process))
    if block.kind is BlockKind.INNER:
        parts.append(one_of(Column.REGIME, VARDGIVARE_REGIMES))
    if block.excluded_types:
        parts.append(negate(one_of(Column.INFO_TYPE, block.excluded_types)))
    if block.information.end is not None:
        end = block.information.end
        parts.append(any_of([Absent(Column.DATE_FROM), Before(Column.DATE_FROM, end)]))
    if block.information.start is not None:
        outside = Before(Column.DATE_TO, block.information.start + SHORTEST)
        parts.append(negate(outside))
    return all_of(parts)


def in_force(situation: Situation, kind: BlockKind) -> list[Sparr]:
    """Return the blocks of a kind that stand at the instant: set by then, and by the person."""
    at = situation.request.at
    return [
        each
        for each in situation.facts.blocks
        if each.kind is kind
        and each.set_by is Giver.SELF
        and (each.set_at is None or each.set_at <= at)
    ]


def _lifts_for_reader(situation: Situation, block: Sparr) -> list[Lift]:
    request = situation.request
    reader = request.reader
    return [
        each
        for each in situation.facts.lifts
        if each.block == block.id
        and each.organisation in (None, reader.organisation)
        and each.unit in (None, reader.unit)
        and each.user in (None, reader.user)
        and each.period.holds(request.at)
    ]


def _opened_by(lift: Lift) -> Predicate:
    """Return which of the items that its block covers a lift opens."""
    parts = []
    if lift.of_units:
        parts.append(one_of(Column.UNIT, lift.of_units))
    if lift.of_types:
        parts.append(one_of(Column.INFO_TYPE, lift.of_types))
    return all_of(parts)


def _lifted(situation: Situation, block: Sparr, *grounds: LiftGround) -> Predicate:
    """Return which items a block is lifted of for the reader, on any of the grounds."""
    return any_of(
        _opened_by(each)
        for each in _lifts_for_reader(situation, block)
        if each.ground in (grounds or LiftGround)
    )


def _stands_on(situation: Situation, block: Sparr) -> Predicate:
    """Return which items a block covers and is not lifted of for the reader."""
    return all_of([covers(block), negate(_lifted(situation, block))])


def _blocked_outwards(situation: Situation) -> Predicate:
    outer, inner = (in_force(situation, kind) for kind in (BlockKind.OUTER, BlockKind.INNER))
    if not situation.facts.lifts:
        return any_of([covers(each) for each in (*outer, *inner)])
    return any_of([*(_stands_on(situation, each) for each in outer), *map(covers, inner)])


def _stands_outside(situation: Situation, block: Sparr) -> Predicate:
    """Whether the reader stands outside an inner block; one without names blocks unit by unit."""
    reader = situation.request.reader
    named = [
        name != own
        for name, own in ((block.unit, reader.unit), (block.process, reader.process))
        if name is not None
    ]
    if named:
        return TRUE if any(named) else FALSE
    inside = [
        equals(column, own)
        for column, own in ((Column.UNIT, reader.unit), (Column.PROCESS, reader.process))
        if own is not None
    ]
    return negate(any_of(inside))


def _inner_against_reader(situation: Situation) -> Predicate:
    blocks = in_force(situation, BlockKind.INNER)
    return any_of(all_of([covers(each), _stands_outside(situation, each)]) for each in blocks)


def _grounds(situation: Situation, block: Sparr) -> set[LiftGround]:
    return {each.ground for each in _lifts_for_reader(situation, block)}


def _outer_lifts(situation: Situation) -> list[set[LiftGround]]:
    """On what grounds each outer block is lifted for the reader; most people have no lifts."""
    blocks = in_force(situation, BlockKind.OUTER) if situation.facts.lifts else []
    return [_grounds(situation, each) for each in blocks]


def _inner_not_lifted(situation: Situation) -> Predicate:
    blocks = in_force(situation, BlockKind.INNER)
    return any_of(
        all_of([_stands_on(situation, each), _stands_outside(situation, each)]) for each in blocks
    )


def _inner_lifted_without_consent(situation: Situation) -> Predicate:
    blocks = in_force(situation, BlockKind.INNER)
    return any_of(
        all_of(
            [
                covers(each),
                _stands_outside(situation, each),
                _lifted(situation, each, LiftGround.EMERGENCY),
                negate(_lifted(situation, each, LiftGround.CONSENT)),
            ]
        )
        for each in blocks
    )


blocked_outwards = Condition(
    "sparr.outwards",
    "a block by the person covers the item towards other organisations and is not lifted for the"
    " reader",
    _blocked_outwards,
)
not_blocked_outwards = unless(blocked_outwards)
not_opposed = unless(
    Condition(
        "sparr.opposed",
        "the person has opposed that the item is made available, and a block says so",
        lambda s: any_of(covers(each) for each in in_force(s, BlockKind.OUTER)),
    )
)
inner_blocked = Condition(
    "sparr.inner",
    "an inner block by the person covers the item and the reader stands outside it",
    _inner_against_reader,
)
not_inner_blocked = unless(inner_blocked)
every_inner_block_lifted = unless(
    Condition(
        "sparr.inner_not_lifted",
        "an inner block on the item is not lifted for the reader",
        _inner_not_lifted,
    )
)
inner_lifted_without_consent = Condition(
    "sparr.inner_lifted_without_consent",
    "an inner block on the item was lifted without the person's consent",
    _inner_lifted_without_consent,
)
outer_block_lifted = fact(
    "sparr.outer_lifted",
    "a block towards other organisations has been lifted for the reader",
    lambda s: any(_outer_lifts(s)),
)
outer_block_lifted_without_consent = fact(
    "sparr.outer_lifted_without_consent",
    "a block towards other organisations has been lifted for the reader without the person's"
    " consent",
    lambda s: {LiftGround.EMERGENCY} in _outer_lifts(s),
)
