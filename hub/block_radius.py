"""What a new block would have stopped: past openings decided again with the block in place.

Source: SVOD 2:3, PDL 4:4; DESIGN P8 (whatif). For a talk with the person about what a block means,
for the person who has just set one, and for those who will no longer see what they are used to. An
owner learns of openings of its own documentation alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from consent.decision import Outcome
from consent.facts import BlockKind, Sparr
from consent.law import in_force
from consent.whatif import whatif
from hub.again import situation_of, with_session
from hub.audit.record import AccessRecord
from hub.store.items import items_of

NEW = "new"


@dataclass(frozen=True, slots=True)
class Stopped:
    """One opening, and how many of the things that it showed the block would have hidden."""

    record: AccessRecord
    items: int


@dataclass(frozen=True, slots=True)
class Radius:
    """What would have been stopped, and how many openings were tried."""

    tried: int
    stopped: tuple[Stopped, ...]

    @property
    def concerned(self) -> tuple[tuple[str, str | None, int, int], ...]:
        """Return organisation, unit, openings and things of each who would have been stopped."""
        found: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for each in self.stopped:
            found[each.record.organisation or "", each.record.unit].append(each.items)
        ordered = sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][1] or ""))
        return tuple((*place, len(items), sum(items)) for place, items in ordered)


def radius(connection: Connection, records: Iterable[AccessRecord], block: Sparr) -> Radius:
    """Return which of these past openings the block would have stopped, wholly or in part.

    A block that stands already is tried as if it were not there yet.
    """
    tried, stopped = 0, []
    for record in records:
        references = [
            reference
            for shown in record.shown
            if shown.owner == block.owner
            for reference in shown.references
        ]
        whole = with_session(connection, record) if references else record
        then = situation_of(connection, whole) if references else None
        if then is None:
            continue
        tried += 1
        situation, persons = then
        facts = situation.facts
        # under another key of the person's a block has that key before its id
        others = tuple(each for each in facts.blocks if each.id.rpartition("/")[2] != block.id)
        before = situation.amid(replace(facts, blocks=others))
        new = replace(block, id=NEW, set_at=None)  # as if it had stood then
        after = situation.amid(replace(facts, blocks=(*others, new)))
        items = items_of(connection, persons, references).values()
        changes = whatif(before, items, in_force(before.day), otherwise=after)
        lost = [each for each in changes if each.before.outcome is Outcome.PERMIT]
        if lost:
            stopped.append(Stopped(record, len(lost)))
    return Radius(tried, tuple(stopped))


def block_of(owner: str, *, inner: bool, unit: str | None) -> Sparr:
    """Return the block that is thought of: of all that an owner holds, or of one unit's."""
    kind = BlockKind.INNER if inner else BlockKind.OUTER
    return Sparr(NEW, kind, owner, unit=unit)
