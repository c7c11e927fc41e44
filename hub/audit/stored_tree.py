"""The stored tree: leaves, and the roots of the perfect subtrees that proofs are made from.

Source: RFC 6962 §2.1; DESIGN §6. A leaf is a row; of the subtrees those of 2^8, 2^16 … leaves are
rows too. Any other subtree is at most 128 of these away, so a proof in a log of ten million
records reads a few hundred hashes.
"""

from collections import OrderedDict

from sqlalchemy import Connection, func, insert, select

from hub.audit.merkle import root_of
from hub.store.schema.audit import audit_subtree, audit_tree

STEP = 8
BLOCKS_KEPT = 64
"""Of 256 hashes each; what is asked for next is near what was asked for last."""


class StoredTree:
    """The subtrees of a store's log by (level, index), as `hub.audit.merkle.Node`.

    What is asked for is read with its neighbours, since a proof and the gaps of an export ask for
    one after another: a query for each 256 hashes, and not for each subtree.
    """

    def __init__(self, connection: Connection) -> None:
        """Read through this connection."""
        self._connection = connection
        self._near: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash of the perfect subtree at (level, index); LookupError without one."""
        floor = level - level % STEP
        first, number = index << (level - floor), 1 << (level - floor)
        start = first % (1 << STEP)
        hashes = self._neighbours(floor, first >> STEP)[start : start + number]
        if len(hashes) != number:
            raise LookupError(f"the tree has no subtree {index} at level {level}")
        return root_of(hashes)

    def _neighbours(self, level: int, block: int) -> list[bytes]:
        """The stored hashes of a level, 256 of them from a multiple of 256 on."""
        key = level, block
        if key not in self._near:
            self._near[key] = _run(self._connection, level, block << STEP, (block + 1) << STEP)
            if len(self._near) > BLOCKS_KEPT:
                self._near.popitem(last=False)
        self._near.move_to_end(key)
        return self._near[key]


def keep_subtrees(connection: Connection, size: int) -> None:
    """Store the roots of the subtrees that a tree of `size` leaves has completed."""
    level = STEP
    while (complete := size >> level) > 0:
        last = select(func.max(audit_subtree.c.number)).where(audit_subtree.c.level == level)
        known = connection.scalar(last)
        rows = [
            {"level": level, "number": number, "hash": root_of(children)}
            for number in range(0 if known is None else known + 1, complete)
            for children in [_run(connection, level - STEP, number << STEP, (number + 1) << STEP)]
        ]
        if rows:
            connection.execute(insert(audit_subtree), rows)
        level += STEP


def _run(connection: Connection, level: int, first: int, after: int) -> list[bytes]:
    """Return the stored hashes of a level from one number to before another."""
    if level == 0:
        column, number = audit_tree.c.leaf_hash, audit_tree.c.leaf_index
        query = select(column).where(number >= first, number < after)
    else:
        column, number = audit_subtree.c.hash, audit_subtree.c.number
        query = select(column).where(
            audit_subtree.c.level == level, number >= first, number < after
        )
    return [bytes(found) for found in connection.scalars(query.order_by(number))]
