"""Whether a stored log is what was signed, and if it is not, which records were touched.

Source: DESIGN §6 and P9; RFC 6962 §2.1; C2SP signed-note and tlog-checkpoint. This file runs alone:
the standard library, `cryptography`, and no other module of ours, so that an auditor can read it
whole and what writes the log cannot vouch for itself. `python verify.py STORE.db` verifies an
SQLite store; for another database, `verify` takes a function that runs its five queries.

How a record is named: the tree's leaf (or, for a record that is not in the tree yet, the stored
hash) says what must lie at a place. Content that is known nowhere was *altered*; what lies at each
other's places was *swapped*; what lies nowhere was *dropped*. If the tree was changed too, the
range since the last good root is named.
"""

import argparse
import base64
import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Execute = Callable[[str], Iterable[Sequence[Any]]]
Key = tuple[str, bytes]
Place = tuple[str, int]
_Link = tuple[bytes, bytes, bytes]
_Opened = tuple[str, int, bytes]
_Roots = dict[int, bytes]
_Signed = tuple[_Roots, dict[str, Any] | None, list[Key]]

# Text, blank line, signatures; no control characters, at which others may split it elsewhere.
_NOTE = re.compile(
    r"([^\x00-\x1f\x7f]+)\n(0|[1-9][0-9]{0,17})\n([A-Za-z0-9+/=]+)\n(?:[^\x00-\x1f\x7f]+\n)*"
    r"\n((?:— [^\x00-\x1f\x7f]+\n?)+)"
)
SEARCH_COLUMNS = ("id", "recorded", "action", "outcome", "user", "organisation", "person")
LISTED, NEIGHBOURS, ED25519 = 1000, 12, b"\x01"

KEYS = "SELECT origin, public_key FROM audit_key"
CHAINS = "SELECT id FROM audit_chain"
CHECKPOINTS = "SELECT size, root, note, signed FROM audit_checkpoint ORDER BY size"
LEAVES = (
    "SELECT t.leaf_index, t.chain, t.position, t.leaf_hash, r.id IS NOT NULL FROM audit_tree t"
    " LEFT JOIN audit_record r ON r.chain = t.chain AND r.position = t.position"
    " ORDER BY t.leaf_index"
)
RECORDS = (
    "SELECT r.chain, r.position, r.salt, r.payload, r.leaf_hash, r.chain_hash, t.leaf_hash,"
    " r.id, r.recorded, r.action, r.outcome, r.user_id, r.organisation, r.person"
    " FROM audit_record r LEFT JOIN audit_tree t ON t.chain = r.chain AND t.position = r.position"
    " ORDER BY r.chain, r.position"
)


@dataclass(slots=True)
class _Findings:
    """What the passes over the log have seen; a place is (chain, position)."""

    faults: list[dict[str, Any]] = field(default_factory=list)
    missing: dict[Place, bytes] = field(default_factory=dict)
    content: dict[Place, tuple[bytes | None, bytes]] = field(default_factory=dict)
    unlinked: dict[Place, _Link] = field(default_factory=dict)
    emptied: set[Place] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    records: int = 0
    pending: int = 0

    def add(self, kind: str, place: Place | None, **more: object) -> None:
        self.faults.append({"kind": kind, "record": _name(place), **more})

    def add_range(self, kind: str, first: Place, last: Place, leaves: list[int]) -> None:
        alone = first if first == last else None
        self.add(kind, alone, first=_name(first), last=_name(last), leaves=leaves)


@dataclass(slots=True)
class _Chain:
    """Where the walk along one chain stands; `known` is its hash made from what must lie there."""

    id: str
    known: bytes | None
    stored: bytes
    position: int = 0
    unsequenced: list[Place] = field(default_factory=list)


def verify(execute: Execute, *, since: str | None = None, key: Key | None = None) -> dict[str, Any]:
    """Return the report on a log: verified, records, checkpoint and faults.

    `since` is a checkpoint note that was held outside; `key` the log's name and public key, where
    they are known from elsewhere than the log. All queries must see one snapshot.
    """
    found = _Findings()
    signed, latest, line = _signed_checkpoints(execute, key, found)
    held = next((o for k in line if (o := _opened(since or "", k))), None)
    if since is not None and held is None:
        found.add("fork", None)
    _walk_tree(execute, signed, held, found)
    _walk_records(execute, found)
    _name_displaced(found)
    _name_unlinked(found)
    for place in sorted(p for p in found.emptied if _name(p) not in found.erased):
        found.add("erased", place)
    if (more := len(found.faults) - LISTED) > 0:
        found.faults[LISTED:] = [{"kind": "more", "record": None, "count": more}]
    return {
        "verified": not found.faults,
        "records": found.records,
        "pending": found.pending,
        "checkpoint": latest,
        "key": "outside" if key else "log",
        "faults": found.faults,
    }


def _signed_checkpoints(execute: Execute, trusted: Key | None, found: _Findings) -> _Signed:
    """Return the signed roots by size, the latest checkpoint, and the keys one after another.

    A key's last checkpoint names the next key and is signed by both. The trusted key leads no
    farther than to one that was lost or stolen: whoever has that may have named another.
    """
    roots, latest, line = _Roots(), None, list[Key]()
    stored = [(str(origin), _bytes(public)) for origin, public in execute(KEYS)]
    known = [*stored, *([trusted] if trusted and trusted not in stored else ())]
    for size, root, text, signed in execute(CHECKPOINTS):
        note = str(text)
        line = line or [key for key in known if _opened(note, key)][:1]
        opened = _opened(note, line[-1]) if line else None
        names = "\nnext " in note and (opened or "\nended lost\n" in note)
        for new in (k for k in known if names and f"+{_text(ED25519 + k[1])}\n" in note):
            opened = _opened(note, new)
            if opened and not (trusted in line and "\nended " in note):
                line.append(new)
        if opened is None or opened[1:] != (size, _bytes(root)):
            found.add("signature", None, checkpoint=str(size))
            continue
        roots[size], latest = opened[2], {"origin": opened[0], "size": size, "note": note}
        latest |= {"root": _text(opened[2]), "signed": str(signed)}
    if line and not {*stored, trusted or line[0]} <= {*line}:
        found.add("key", None)
    return (roots, latest, line) if not trusted or trusted in line else ({}, None, [trusted])


def _opened(note: str, key: Key) -> _Opened | None:
    """Return the origin, size and root of a checkpoint that this key signed, else None."""
    matched = _NOTE.fullmatch(note)
    if matched is None or matched[1] != key[0]:
        return None
    signed = note.partition("\n\n")[0] + "\n"
    key_id = sha256(key[0].encode() + b"\n" + ED25519 + key[1]).digest()[:4]
    for name, packed in re.findall(r"^— (\S+) (\S+)$", matched[4], re.MULTILINE):
        with suppress(ValueError, InvalidSignature):
            signature = base64.b64decode(packed, validate=True)
            if (name, signature[:4]) == (key[0], key_id):
                Ed25519PublicKey.from_public_bytes(key[1]).verify(signature[4:], signed.encode())
                return matched[1], int(matched[2]), base64.b64decode(matched[3], validate=True)
    return None


def _walk_tree(execute: Execute, signed: _Roots, held: _Opened | None, found: _Findings) -> None:
    """Rebuild the tree from its leaves and compare it with every root that was signed."""
    subtrees, reached = list[bytes](), dict[str, int]()
    size, good, rooted = 0, 0, True
    after_good: Place = ("", 0)
    for index, chain, position, leaf, present in execute(LEAVES):
        place = (str(chain), position)
        if index != size:
            found.add("tree", None, leaf=size)
            return
        if position != reached.get(place[0], -1) + 1:
            found.add("tree", place, leaf=index)
        if isinstance(position, int):
            reached[place[0]] = position
            if not present:
                found.missing[place] = _bytes(leaf)
        after_good = place if size == good else after_good
        _grow(subtrees, size, _bytes(leaf))
        size += 1
        if size in signed and rooted and _root(subtrees) != signed[size]:
            rooted = False
            found.add_range("root", after_good, place, [good, size - 1])
        if held and held[1] == size and _root(subtrees) != held[2]:
            found.add_range("fork", after_good, place, [good, size - 1])
        good = size if size in signed and rooted else good
    if size > max(signed, default=0):
        found.add("signature", None, leaves=[max(signed, default=0), size - 1])
    claimed = max([*signed, held[1] if held else 0], default=0)
    if claimed > size:
        found.add("truncated", None, checkpoint=claimed, leaves=[size, claimed - 1])


def _grow(subtrees: list[bytes], size: int, leaf: bytes) -> None:
    subtrees.append(leaf)
    while size & 1:
        right = subtrees.pop()
        subtrees[-1] = sha256(b"\x01" + subtrees[-1] + right).digest()
        size >>= 1


def _root(subtrees: list[bytes]) -> bytes:
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = sha256(b"\x01" + left + root).digest()
    return root


def _walk_records(execute: Execute, found: _Findings) -> None:
    chains = {str(chain) for (chain,) in execute(CHAINS)}
    walk = _Chain("", None, b"")
    for row in execute(RECORDS):
        found.records += 1
        place = (str(row[0]), row[1])
        if place[0] != walk.id:
            first = sha256(b"\x03" + place[0].encode()).digest()
            walk = _Chain(place[0], first, first)
            if place[0] not in chains:
                found.add("chain", place, chain="not listed")
        if not isinstance(place[1], int) or place[1] < walk.position:
            found.add("chain", place)
            continue
        _pass_gap(walk, place[1], found)
        _check_record(walk, place, row, found)
        walk.position += 1
    for place, leaf in found.missing.items():
        found.content.setdefault(place, (None, leaf))


def _pass_gap(walk: _Chain, position: int, found: _Findings) -> None:
    """Name what is missing before `position`; carry the chain on over it where that is known."""
    if position == walk.position:
        return
    if position - walk.position > LISTED:
        found.add("dropped", (walk.id, walk.position), through=_name((walk.id, position - 1)))
        walk.known, walk.position = None, position
    while walk.position < position:
        place = (walk.id, walk.position)
        leaf = found.missing.get(place)
        if leaf is None:
            found.add("dropped", place)
            walk.known = None
        else:
            found.content[place] = (None, leaf)
            walk.known = walk.known and _link(walk.known, leaf)
        walk.position += 1
    walk.stored = walk.known or b""


def _check_record(walk: _Chain, place: Place, row: Sequence[Any], found: _Findings) -> None:
    salt, payload, stored, link = row[2], row[3], _bytes(row[4]), _bytes(row[5])
    committed = stored if row[6] is None else _bytes(row[6])
    if row[6] is None:
        found.pending += 1
        walk.unsequenced.append(place)
    else:
        while walk.unsequenced:
            found.add("tree", walk.unsequenced.pop())
    if salt is None and payload is None:
        content = committed
        found.emptied.add(place)
    else:
        content = sha256(b"\x00" + _bytes(salt) + _bytes(payload)).digest()
    walk.known = walk.known and _link(walk.known, committed)
    before, walk.stored = walk.stored, link
    if content != committed:
        found.content[place] = (content, committed)
        return
    if stored != committed:
        found.add("altered", place, column="leaf_hash")
    # A chain that was made to follow an altered record is that record's fault, not its own.
    if walk.known is None and not before:
        walk.known = link
    elif link not in (walk.known, _link(before, stored)):
        found.unlinked[place] = (before, stored, link)
    if payload is not None:
        _check_columns(place, _bytes(payload), row[7:], found)


def _check_columns(place: Place, payload: bytes, columns: Sequence[Any], found: _Findings) -> None:
    try:
        fields = dict(json.loads(payload))
    except (ValueError, TypeError):
        found.add("column", place, column="payload")
        return
    for name, stands in zip(SEARCH_COLUMNS, columns, strict=True):
        if fields.get(name) != stands:
            found.add("column", place, column=name)
    if fields.get("action") == "erase":
        for shown in fields.get("shown", ()):
            found.erased.update(r.removeprefix("AuditEvent/") for r in shown.get("references", ()))


def _name_displaced(found: _Findings) -> None:
    """Tell altered from swapped from dropped, by where each committed content now lies."""
    lies = {content: place for place, (content, _) in found.content.items() if content}
    belongs = {committed: place for place, (_, committed) in found.content.items()}
    for place, (content, committed) in sorted(found.content.items()):
        at, home = lies.get(committed), belongs.get(content) if content else None
        if at is not None and at == home:
            found.add("swapped", place, **{"with": _name(at)})
        elif at is not None:
            found.add("moved", place, to=_name(at))
        else:
            found.add("altered" if content is not None and home is None else "dropped", place)


def _name_unlinked(found: _Findings) -> None:
    """Name the records that do not follow; two that follow once exchanged were swapped."""
    left = dict(found.unlinked)
    for chain in sorted({chain for chain, _ in left}):
        positions = [position for c, position in sorted(left) if c == chain][:NEIGHBOURS]
        for x, y in combinations(positions, 2):
            if {(chain, x), (chain, y)} <= left.keys() and _exchanged(left, chain, x, y):
                found.add("swapped", (chain, x), **{"with": _name((chain, y))})
                found.add("swapped", (chain, y), **{"with": _name((chain, x))})
                for position in (x, x + 1, y, y + 1):
                    left.pop((chain, position), None)
    for place in sorted(left):
        found.add("chain", place)


def _exchanged(rows: dict[Place, _Link], chain: str, x: int, y: int) -> bool:
    """Return whether the chain holds with x and y exchanged: their leaf hashes, or both hashes."""
    at_x, at_y = rows[chain, x], rows[chain, y]
    if (_link(at_x[0], at_y[1]), _link(at_y[0], at_x[1])) == (at_x[2], at_y[2]):
        return True
    leaves, links = {x: at_y[1], y: at_x[1]}, {x: at_y[2], y: at_x[2]}
    return all(
        _link(links.get(p - 1, row[0]), leaves.get(p, row[1])) == links.get(p, row[2])
        for p in {x, x + 1, y, y + 1}
        if (row := rows.get((chain, p)))
    )


def _link(previous: bytes, leaf: bytes) -> bytes:
    return sha256(b"\x02" + previous + leaf).digest()


def _bytes(value: object) -> bytes:
    """Return a column's bytes, also where somebody put text or nothing into it."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _name(place: Place | None) -> str | None:
    return None if place is None else f"{place[0]}.{place[1]}"


def sqlite_queries(path: Path) -> tuple[sqlite3.Connection, Execute]:
    """Return a read-only connection to an SQLite store in one snapshot, and its queries."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    connection.execute("BEGIN")
    return connection, connection.execute


def parse_key(line: str) -> Key:
    """Return the log's name and public key from `name+id+base64`."""
    origin, _, rest = line.strip().partition("+")
    raw = base64.b64decode(rest.partition("+")[2], validate=True)
    if not origin or len(raw) != 33 or raw[:1] != ED25519:  # noqa: PLR2004
        raise ValueError("the key is not of the form name+id+base64")
    return origin, raw[1:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if the SQLite store's log verifies, 1 if not, 2 if it could not be read."""
    parser = argparse.ArgumentParser(description="Verify the log of an SQLite store.")
    parser.add_argument("store", type=Path)
    parser.add_argument("--since", type=Path, help="a checkpoint that was held outside")
    parser.add_argument("--key", type=parse_key, help="the log's public key, name+id+base64")
    given = parser.parse_args(arguments)
    try:
        since = given.since.read_text(encoding="utf-8") if given.since else None
        connection, execute = sqlite_queries(given.store)
        with closing(connection):
            report = verify(execute, since=since, key=given.key)
    except (OSError, ValueError, sqlite3.Error) as error:
        sys.stderr.write(f"{given.store} could not be verified: {error}\n")
        return 2
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 0 if report["verified"] else 1


if __name__ == "__main__":
    sys.exit(main())
