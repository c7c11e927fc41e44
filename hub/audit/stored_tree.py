"""The stored tree: leaves, and the roots of the perfect subtrees that proofs are made from.

Source: RFC 6962 §2.1; DESIGN §6. A leaf is a row; of the subtrees those of 2^8, 2^16 … leaves are
rows too. Any other subtree is at most 128 of these away, so a proof in a log of ten million
records reads a few hundred hashes.
"""

from sqlalchemy import Connection, func, insert, select

from hub.audit.merkle import root_of
from hub.store.schema.audit import audit_subtree, audit_tree

STEP = 8


class StoredTree:
    """The subtrees of a store's log by (level, index), as `hub.audit.merkle.Node`."""

    def __init__(self, connection: Connection) -> None:
        """Read through this connection, each run of hashes once."""
        self._connection = connection
        self._known: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash of the perfect subtree at (level, index); LookupError without one."""
        if (level, index) not in self._known:
            floor = level - level % STEP
            first, after = index << (level - floor), (index + 1) << (level - floor)
            hashes = _run(self._connection, floor, first, after)
            if len(hashes) != after - first:
                raise LookupError(f"the tree has no subtree {index} at level {level}")
            self._known[level, index] = root_of(hashes)
        return self._known[level, index]


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
