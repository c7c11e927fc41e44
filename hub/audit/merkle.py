"""The Merkle tree of the log: roots, proofs and their verification.

Source: RFC 6962 §2.1 (hashes and proofs), RFC 9162 §2.1.4.2 (consistency verified, for a witness).
Indexes count from 0. A leaf is hashed with a prefix of 0x00 and a node with 0x01, so that neither
can pass for the other. Whoever has a proof verifies it without this (hub/audit/verify_receipt.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

HASH_SIZE = 32
Node = Callable[[int, int], bytes]
"""The hash of the perfect subtree at (level, index), over 2^level leaves from index·2^level on."""


class ProofError(ValueError):
    """A proof that does not hold, with what was expected and what was found."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf's data."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from those of its two children."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """The roots of the perfect subtrees that a tree of `size` leaves consists of, largest first.

    It is all that is needed to append: a leaf costs amortised one node hash, a root log2(size).
    """

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash: as in binary counting, each trailing one bit is a subtree to merge."""
        self.roots.append(leaf)
        carry = self.size
        while carry & 1:
            right = self.roots.pop()
            self.roots[-1] = node_hash(self.roots[-1], right)
            carry >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Return the tree's root; of no leaves the hash of nothing."""
        if not self.roots:
            return sha256(b"").digest()
        root = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            root = node_hash(left, root)
        return root

    def pack(self) -> bytes:
        """Return the roots as stored beside a checkpoint."""
        return b"".join(self.roots)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        """Return the frontier of a tree of `size` leaves from its stored roots."""
        if len(packed) != HASH_SIZE * size.bit_count():
            raise ProofError(f"a frontier of {size} leaves has {size.bit_count()} hashes")
        hashes = [packed[i : i + HASH_SIZE] for i in range(0, len(packed), HASH_SIZE)]
        return cls(size, hashes)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def nodes_of(leaves: Sequence[bytes]) -> Node:
    """Return the perfect subtrees over these leaf hashes, made when they are asked for."""
    return lambda level, index: root_of(leaves[index << level : (index + 1) << level])


def cover(start: int, end: int) -> list[tuple[int, int]]:
    """Return (level, index) of the perfect subtrees that leaves `start` to `end` consist of."""
    found = []
    while start < end:
        level = min((start & -start or end).bit_length(), (end - start).bit_length()) - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_proof(node: Node, size: int, index: int) -> list[bytes]:
    """Return the path from a leaf to the root of the first `size` leaves (RFC 6962 §2.1.1)."""
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size}")
    start, end = 0, size
    path = []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(_root_between(node, split, end))
            end = split
        else:
            path.append(_root_between(node, start, split))
            start = split
    return path[::-1]


def consistency_proof(node: Node, size: int, old_size: int) -> list[bytes]:
    """Return the proof that the first `old_size` leaves stayed as they were (RFC 6962 §2.1.2)."""
    if not 0 < old_size <= size:
        raise ProofError(f"size {old_size} is not within a tree of {size}")
    start, end = 0, size
    proof: list[bytes] = []
    while old_size != end:
        split = start + _split(end - start)
        if old_size <= split:
            proof.append(_root_between(node, split, end))
            end = split
        else:
            proof.append(_root_between(node, start, split))
            start = split
    # What remains is the old tree itself, whose root whoever verifies has, or its last part.
    return [*([_root_between(node, start, end)] if start else []), *proof[::-1]]


def verify_consistency(
    old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Return nothing if the tree of `old_root` is a beginning of that of `root`; raise if not."""
    if not 0 < old_size <= size:
        raise ProofError(f"size {old_size} is not within a tree of {size}")
    if old_size == size:
        if proof:
            raise ProofError("equal sizes need no proof")
        _same(old_root, root, "consistency")
        return
    hashes = list(proof)
    if old_size.bit_count() == 1:  # The old root is itself a node of the new tree.
        hashes.insert(0, old_root)
    if not hashes:
        raise ProofError("the proof is empty")
    old, new = _both_roots(old_size - 1, size - 1, hashes)
    _same(old, old_root, "consistency")
    _same(new, root, "consistency")


def _both_roots(node: int, last: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the old and the new root that a consistency proof leads to.

    `node` climbs from the old tree's last leaf and `last` from the new one's, level by level.
    """
    steps = (node ^ (node + 1)).bit_length() - 1
    node, last = node >> steps, last >> steps
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    return old, new


def _root_between(node: Node, start: int, end: int) -> bytes:
    """Return the root over leaves `start` to `end` of a larger tree, from its perfect subtrees."""
    hashes = [node(level, index) for level, index in cover(start, end)]
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    return int(1 << ((size - 1).bit_length() - 1))


def _same(found: bytes, expected: bytes, proof: str) -> None:
    if found != expected:
        raise ProofError(f"{proof}: found root {found.hex()}, expected {expected.hex()}")
