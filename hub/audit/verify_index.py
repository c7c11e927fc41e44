"""Whether the index of persons is the one that the tree gives, and the one that was signed.

Source: DESIGN §6, P9. Made anew from the tree with the standard library alone, as
hub/audit/verify.py does for the tree itself: what writes the index cannot vouch for it.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

Execute = Callable[[str], Iterable[Sequence[Any]]]

LEAVES = (
    "SELECT t.leaf_index, t.chain, t.position, t.leaf_hash, t.subject, r.payload FROM audit_tree t"
    " LEFT JOIN audit_record r ON r.chain = t.chain AND r.position = t.position"
    " ORDER BY t.leaf_index"
)
ENTRIES = "SELECT subject, records, chain_hash FROM audit_subject"
LATEST = "SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1"
BUCKETS, LISTED = 1 << 16, 1000
LINE = "persons "


def verify_index(execute: Execute) -> list[dict[str, Any]]:
    """Return the faults: a leaf under another person, an entry that skips, an unsigned root.

    Each names a record where it can.
    """
    faults: list[dict[str, Any]] = []
    expected: dict[bytes, tuple[int, bytes]] = {}
    last: dict[bytes, str] = {}
    for leaf_index, chain, position, leaf, subject, payload in execute(LEAVES):
        named, place = subject and bytes(subject), f"{chain}.{position}"
        if payload is not None and named != _subject(bytes(payload)):
            faults.append({"kind": "subject", "record": place})
        if named is None:
            continue
        records, before = expected.get(named, (0, bytes(32)))
        follows = sha256(b"\x05" + before + leaf_index.to_bytes(8) + bytes(leaf)).digest()
        expected[named], last[named] = (records + 1, follows), place
    stored = {bytes(subject): (n, bytes(chain)) for subject, n, chain in execute(ENTRIES)}
    faults += [
        {"kind": "index", "record": last.get(subject)}
        for subject in sorted(expected.keys() | stored.keys())
        if expected.get(subject) != stored.get(subject)
    ]
    signed = _signed(execute)
    if signed is not None and signed[1] != _root(expected):
        faults.append({"kind": "index", "record": None, "checkpoint": str(signed[0])})
    return faults[:LISTED]


def _subject(payload: bytes) -> bytes | None:
    try:
        person = dict(json.loads(payload)).get("person")
    except (ValueError, TypeError):
        return None
    return None if person is None else sha256(b"\x04" + str(person).encode()).digest()


def _signed(execute: Execute) -> tuple[int, bytes] | None:
    """Return the latest checkpoint's size and index root; None where it has none.

    Whether its signature is the log's is for hub/audit/verify.py.
    """
    for size, note in execute(LATEST):
        text = str(note).partition("\n\n")[0]
        for line in text.split("\n")[3:]:
            if line.startswith(LINE):
                return size, base64.b64decode(line.removeprefix(LINE))
    return None


def _root(entries: dict[bytes, tuple[int, bytes]]) -> bytes:
    buckets: dict[int, list[bytes]] = defaultdict(list)
    for subject in sorted(entries):
        records, chain = entries[subject]
        buckets[int.from_bytes(subject[:2])].append(subject + records.to_bytes(8) + chain)
    empty = sha256(b"\x06").digest()
    level = [
        sha256(b"\x06" + b"".join(buckets[number])).digest() if number in buckets else empty
        for number in range(BUCKETS)
    ]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return level[0]
