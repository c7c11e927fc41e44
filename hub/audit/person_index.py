"""The authenticated index of persons: a proof that somebody's records are all that there are.

Source: DESIGN §6, P9. For each person the index holds how many of the tree's
records concern them and a chain over those leaves. Persons lie in 65,536 buckets by their hash; a
Merkle tree over the buckets has a root, and every checkpoint signs that root beside the log's own.
Whoever has somebody's records, their bucket and its path sees that none is missing; whoever has
the whole log can make the index again from the tree.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hub.audit.merkle import HASH_SIZE, inclusion_proof, nodes_of, root_of
from hub.store.schema.audit import audit_index_group, audit_subject, audit_tree

BUCKETS = 1 << 16
GROUP = 1 << 8
START = bytes(HASH_SIZE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person in the index: the hash of their key, their records, and the chain over these."""

    subject: bytes
    records: int
    chain_hash: bytes


def subject_of(person: str) -> bytes:
    """Return H(0x04 ‖ person), by which the index knows somebody; `person` is the hub's key."""
    return sha256(b"\x04" + person.encode()).digest()


def bucket_of(subject: bytes) -> int:
    """Return the bucket that a subject lies in, 0 to 65,535."""
    return int.from_bytes(subject[:2])


def follow(chain_hash: bytes, leaf_index: int, leaf: bytes) -> bytes:
    """Return H(0x05 ‖ chain ‖ index ‖ leaf), a person's chain with one more record."""
    return sha256(b"\x05" + chain_hash + leaf_index.to_bytes(8) + leaf).digest()


def bucket_hash(entries: Iterable[Entry]) -> bytes:
    """Return H(0x06 ‖ its entries in the order of their subjects)."""
    ordered = sorted(entries, key=lambda entry: entry.subject)
    return sha256(
        b"\x06" + b"".join(e.subject + e.records.to_bytes(8) + e.chain_hash for e in ordered)
    ).digest()


NO_BUCKET = bucket_hash(())
NO_GROUP = root_of([NO_BUCKET] * GROUP)


@dataclass(frozen=True, slots=True)
class Membership:
    """What proves a person's entry: their whole bucket, and the path from it to the root."""

    entries: tuple[Entry, ...]
    path: tuple[bytes, ...]


def add_records(connection: Connection, leaves: Iterable[tuple[int, bytes, bytes | None]]) -> bytes:
    """Take (index, leaf, subject) in the tree's order into the index; return its new root."""
    by_subject: dict[bytes, list[tuple[int, bytes]]] = defaultdict(list)
    for leaf_index, leaf, subject in leaves:
        if subject is not None:
            by_subject[subject].append((leaf_index, leaf))
    touched = _buckets(connection, {bucket_of(subject) for subject in by_subject})
    new: list[Entry] = []
    changed: list[Entry] = []
    for subject, more in by_subject.items():
        bucket = touched[bucket_of(subject)]
        (changed if subject in bucket else new).append(_extend(bucket, subject, more))
    if new:
        connection.execute(insert(audit_subject), [_row(entry) for entry in new])
    if changed:
        connection.execute(_CHANGE, [_row(entry, "_") for entry in changed])
    return _rehash(connection, {number: bucket_hash(b.values()) for number, b in touched.items()})


def index_root(connection: Connection) -> bytes:
    """Return the root of the index as it is stored."""
    return root_of(_group_roots(connection))


def make_again(connection: Connection) -> bytes:
    """Make the index anew from the whole tree; return its root."""
    connection.execute(delete(audit_subject))
    connection.execute(delete(audit_index_group))
    root, after = index_root(connection), -1
    columns = (audit_tree.c.leaf_index, audit_tree.c.leaf_hash, audit_tree.c.subject)
    while True:
        query = select(*columns).where(audit_tree.c.leaf_index > after)
        rows = connection.execute(query.order_by(audit_tree.c.leaf_index).limit(10_000)).all()
        if not rows:
            return root
        after = rows[-1].leaf_index
        taken = [(r.leaf_index, bytes(r.leaf_hash), r.subject and bytes(r.subject)) for r in rows]
        root = add_records(connection, taken)


def membership(connection: Connection, subject: bytes) -> Membership:
    """Return the proof of a subject's entry, or that there is none, under the stored index."""
    number = bucket_of(subject)
    entries = _buckets(connection, {number})[number].values()
    group = _group(connection, number // GROUP)
    inner = inclusion_proof(nodes_of(group), GROUP, number % GROUP)
    outer = inclusion_proof(nodes_of(_group_roots(connection)), BUCKETS // GROUP, number // GROUP)
    return Membership(tuple(entries), (*inner, *outer))


def _buckets(connection: Connection, numbers: set[int]) -> dict[int, dict[bytes, Entry]]:
    found: dict[int, dict[bytes, Entry]] = {number: {} for number in numbers}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        rows = connection.execute(
            select(audit_subject).where(audit_subject.c.bucket.in_(wanted[start : start + 500]))
        )
        for row in rows:
            subject = bytes(row.subject)
            found[row.bucket][subject] = Entry(subject, row.records, bytes(row.chain_hash))
    return found


def _extend(bucket: dict[bytes, Entry], subject: bytes, more: Sequence[tuple[int, bytes]]) -> Entry:
    known = bucket.get(subject, Entry(subject, 0, START))
    chain_hash = known.chain_hash
    for leaf_index, leaf in more:
        chain_hash = follow(chain_hash, leaf_index, leaf)
    bucket[subject] = Entry(subject, known.records + len(more), chain_hash)
    return bucket[subject]


_CHANGE = (
    update(audit_subject)
    .where(
        audit_subject.c.bucket == bindparam("bucket_"),
        audit_subject.c.subject == bindparam("subject_"),
    )
    .values(records=bindparam("records_"), chain_hash=bindparam("chain_hash_"))
)


def _row(entry: Entry, mark: str = "") -> dict[str, object]:
    return {
        f"bucket{mark}": bucket_of(entry.subject),
        f"subject{mark}": entry.subject,
        f"records{mark}": entry.records,
        f"chain_hash{mark}": entry.chain_hash,
    }


def _rehash(connection: Connection, changed: dict[int, bytes]) -> bytes:
    by_group: dict[int, dict[int, bytes]] = defaultdict(dict)
    for number, found in changed.items():
        by_group[number // GROUP][number % GROUP] = found
    stored = set(connection.scalars(select(audit_index_group.c.number)))
    for number, buckets in by_group.items():
        hashes = _group(connection, number)
        for place, found in buckets.items():
            hashes[place] = found
        values = {"buckets": b"".join(hashes), "root": root_of(hashes)}
        if number in stored:
            connection.execute(update(audit_index_group).filter_by(number=number).values(**values))
        else:
            connection.execute(insert(audit_index_group).values(number=number, **values))
    return index_root(connection)


def _group(connection: Connection, number: int) -> list[bytes]:
    packed = connection.scalar(
        select(audit_index_group.c.buckets).where(audit_index_group.c.number == number)
    )
    if packed is None:
        return [NO_BUCKET] * GROUP
    raw = bytes(packed)
    return [raw[start : start + HASH_SIZE] for start in range(0, len(raw), HASH_SIZE)]


def _group_roots(connection: Connection) -> list[bytes]:
    roots = [NO_GROUP] * (BUCKETS // GROUP)
    for row in connection.execute(select(audit_index_group.c.number, audit_index_group.c.root)):
        roots[row.number] = bytes(row.root)
    return roots
