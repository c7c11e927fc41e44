"""Whether a file that the log's holder gave is what was logged: an export, checked offline.

Source: DESIGN §6, P9; hub/audit/export.py says how the file is made. The standard library and
hub/audit/verify*.py alone. One pass folds records and left-out subtrees into the tree's root, which
must be the signed one; so a record that was altered, moved, added or taken out of the middle shows.
For a person the file is whole only if the signed index counts exactly these records.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.audit.verify import Key, parse_key
from hub.audit.verify_gallring import too_early
from hub.audit.verify_keys import Untrusted, line_of
from hub.audit.verify_note import Opened, WitnessKey, cosigners, opened

FORMAT = "samvy-log-export/1"
SIGNED = b"samvy-log-export/1\n"
BUCKETS = 1 << 16
LONGEST_LINE = 64 * 1024 * 1024


class _Fault(Exception):
    """What is wrong with the file, and the line, counted from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


@dataclass(slots=True)
class _Tree:
    """The perfect subtrees folded so far, largest first, as (level, hash)."""

    size: int = 0
    roots: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, level: int, digest: bytes) -> bool:
        """Add the subtree that comes next; False if it cannot lie there."""
        if not 0 <= level < 63 or self.size & ((1 << level) - 1):  # noqa: PLR2004  # a size's bits
            return False
        self.size += 1 << level
        while self.roots and self.roots[-1][0] == level:
            digest = sha256(b"\x01" + self.roots.pop()[1] + digest).digest()
            level += 1
        self.roots.append((level, digest))
        return True

    def root(self) -> bytes:
        if not self.roots:
            return sha256(b"").digest()
        root = self.roots[-1][1]
        for _, left in reversed(self.roots[:-1]):
            root = sha256(b"\x01" + left + root).digest()
        return root


@dataclass(slots=True)
class _Person:
    """What the file holds about one person, chained as the index chains it."""

    records: int = 0
    chain_hash: bytes = bytes(32)

    def add(self, leaf_index: int, leaf: bytes) -> None:
        self.records += 1
        place = leaf_index.to_bytes(8)
        self.chain_hash = sha256(b"\x05" + self.chain_hash + place + leaf).digest()


@dataclass(slots=True)
class _Held:
    """What the file holds, line by line: the tree that its lines fold into, and its records."""

    persons: dict[str, _Person]
    ended: dict[int, bytes] = field(default_factory=dict)
    """The root that a key signed last, by the size of the tree then."""
    made: str = ""
    tree: _Tree = field(default_factory=_Tree)
    records: int = 0
    erased: int = 0
    before: bytes = b""
    """The last record that says something: what stands behind it is no older."""
    line: int = 1

    def take(self, lines: Iterator[bytes], digest: "_Hash") -> dict[str, Any]:
        """Fold all lines and digest them; return the last one, which signs the others."""
        for line in lines:
            self.line += 1
            if len(line) >= LONGEST_LINE:
                raise _Fault(self.line, "the line is too long")
            fields: dict[str, Any] = json.loads(line)
            if "end" in fields:
                if fields["end"] != self.records:
                    raise _Fault(self.line, "the file says another number of records than it has")
                if next(lines, None) is not None:
                    raise _Fault(self.line + 1, "something was put behind the end of the file")
                return fields
            digest.update(line)
            if "nodes" not in fields:
                self._add(fields)
            elif not all(self.tree.add(level, _raw(node)) for level, node in fields["nodes"]):
                raise _Fault(self.line, "a part of the tree lies where it cannot lie")
            last = self.ended.pop(self.tree.size, None)
            if last is not None and last != self.tree.root():
                raise _Fault(self.line, "the records are not those that an earlier key signed last")
        raise _Fault(self.line, "the file ends before its last line: it was cut off")

    def _add(self, fields: dict[str, Any]) -> None:
        if "record" in fields:
            payload = fields["record"].encode()
            leaf = sha256(b"\x00" + _raw(fields["salt"]) + payload).digest()
            person = json.loads(payload).get("person") if self.persons else None
            self.before = payload
        else:
            leaf, person = _raw(fields["hash"]), fields.get("person")
            self.erased += 1
            if self.before and too_early(json.loads(self.before)["recorded"], self.made):
                raise _Fault(self.line, "a record is kept back that is too young to be erased")
        place = fields["leaf"]
        if place != self.tree.size or not self.tree.add(0, leaf):
            raise _Fault(self.line, "the record does not stand where the file says")
        self.records += 1
        if self.persons:
            if person not in self.persons:
                raise _Fault(self.line, "the record is about somebody else")
            self.persons[person].add(place, leaf)


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...


def verify_export(
    lines: Iterable[bytes], *, key: Key | None = None, witnesses: Iterable[WitnessKey] = ()
) -> dict[str, Any]:
    """Return the report on an export: verified, records, complete, checkpoint, key and faults.

    `erased` of the records have only their places left.

    `key` is the log's name and public key where they are known from elsewhere than the file;
    `witnesses` are those whose cosignatures the checkpoint must bear. `complete` is true where
    the file proves that it holds all of its persons' records up to the checkpoint, false where it
    was not asked for all.
    """
    report: dict[str, Any] = {
        "verified": False,
        "records": 0,
        "erased": 0,
        "complete": False,
        "checkpoint": None,
        "witnesses": [],
        "key": "outside" if key else "file",
        "faults": [],
    }
    try:
        _verify(iter(lines), key, tuple(witnesses), report)
    except _Fault as fault:
        report["faults"].append({"line": fault.line, "text": fault.text})
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        report["faults"].append({"line": None, "text": "the file is not an export of a log"})
    report["verified"] = not report["faults"]
    return report


def _verify(
    lines: Iterator[bytes],
    key: Key | None,
    witnesses: tuple[WitnessKey, ...],
    report: dict[str, Any],
) -> None:
    first = next(lines, b"")
    head = json.loads(first)
    if head.get("format") != FORMAT:
        raise _Fault(1, "the file is not an export that this version can read")
    named = parse_key(head["log"])
    try:
        line = line_of(head, named, key)
    except Untrusted as why:
        raise _Fault(1, str(why)) from None
    checkpoint = opened(head["checkpoint"], named)
    if checkpoint is None:
        raise _Fault(1, "the checkpoint is not one that the log's key signed")
    report["checkpoint"] = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": base64.b64encode(checkpoint.root).decode(),
    }
    report["witnesses"] = cosigners(head["checkpoint"], witnesses)
    if missing := {witness.name for witness in witnesses} - set(report["witnesses"]):
        raise _Fault(1, f"the checkpoint is not co-signed by {', '.join(sorted(missing))}")
    ended = {each.size: each.root for each in line.lasts}
    people = {each["person"]: _Person() for each in head.get("persons", ())}
    held = _Held(people, ended, head["made"])
    digest = sha256(SIGNED + first)
    end = held.take(lines, digest)
    report["records"], report["erased"] = held.records, held.erased
    tree, persons = held.tree, held.persons
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise _Fault(
            held.line,
            "the records are not those under the checkpoint: one was altered, moved, added or"
            " left out",
        )
    if held.ended:
        raise _Fault(held.line, "a key ended at a size that the file does not stop at")
    if not _signed(named, _raw(end["signature"]), SIGNED + digest.digest()):
        raise _Fault(held.line, "the file is not signed by the log's key as it stands")
    for each in head.get("persons", ()):
        _whole(each, persons[each["person"]], checkpoint)
    report["complete"] = bool(persons)


def _signed(key: Key, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key[1]).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _whole(said: dict[str, Any], found: _Person, checkpoint: Opened) -> None:
    """Check that the signed index counts exactly the records that the file holds."""
    if checkpoint.index is None:
        raise _Fault(1, "the checkpoint signs no index of persons")
    subject = sha256(b"\x04" + said["person"].encode()).digest()
    bucket = sorted((_raw(s), n, _raw(c)) for s, n, c in said["bucket"])
    packed = b"".join(s + n.to_bytes(8) + c for s, n, c in bucket)
    root, place = sha256(b"\x06" + packed).digest(), int.from_bytes(subject[:2])
    path = [_raw(each) for each in said["path"]]
    if 1 << len(path) != BUCKETS:
        raise _Fault(1, "the path in the index of persons has the wrong length")
    for sibling in path:
        pair = sibling + root if place & 1 else root + sibling
        root, place = sha256(b"\x01" + pair).digest(), place >> 1
    if root != checkpoint.index:
        raise _Fault(1, "the index of persons is not the one under the checkpoint")
    counted = [(n, c) for s, n, c in bucket if s == subject] or [(0, bytes(32))]
    if counted != [(found.records, found.chain_hash)]:
        raise _Fault(
            1,
            f"the index counts {counted[0][0]} records about the person and the file holds"
            f" {found.records}, or others",
        )


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
