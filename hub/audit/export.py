"""A signed file of log records, each proven to stand under a checkpoint, for somebody outside.

Source: DESIGN §6; INTERFACES `samvy audit export`. JSON lines. The first says what was asked for
and holds the checkpoint with its cosignatures. Then follow, in the order of the tree, the records
and between them the roots of the subtrees that are left out: whoever folds them all gets the
signed root, so every record's inclusion is proven by one pass over the file. For a person there is
their bucket of the index as well, which proves that none of their records is left out. The last
line is the log's signature over all before it.
"""

import base64
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from hub.audit.errors import LogKeyProblem, NothingToExport
from hub.audit.key_list import any_of
from hub.audit.kind import kinds_of, record_keys
from hub.audit.merkle import cover
from hub.audit.note import Checkpoint, Signer, read_checkpoint
from hub.audit.person_index import Membership, membership, subject_of
from hub.audit.record import instant
from hub.audit.stored_tree import StoredTree
from hub.audit.succession import succession
from hub.store.schema.audit import (
    audit_checkpoint,
    audit_cosignature,
    audit_record,
    audit_term,
    audit_tree,
)

FORMAT = "samvy-log-export/1"
SIGNED = b"samvy-log-export/1\n"
FETCHED = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: those that everything given here holds of.

    A person's (every key that is linked to them), an organisation's (what its staff did, and
    accesses to what it holds), a period's (aware; from `start`, before `end`).
    """

    persons: tuple[str, ...] = ()
    organisation: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def whole_person(self) -> bool:
        """Tell whether it asks for all there is about a person, which can be proven whole."""
        return bool(self.persons) and not (self.organisation or self.start or self.end)


def export(
    connection: Connection, signer: Signer, selection: Selection, made: datetime
) -> Iterator[bytes]:
    """Yield the lines of the file, each with its line feed.

    Raises:
        NothingToExport: no checkpoint has been signed yet.
        LogKeyProblem: the signer's key is not the one that signs now.
    """
    note, checkpoint = latest(connection)
    keys = succession(connection)
    if keys.keys[-1] != signer.verifier:
        raise LogKeyProblem("the log's key was handed over meanwhile; begin again")
    head: dict[str, Any] = {
        "format": FORMAT,
        "made": instant(made),
        "log": signer.verifier.text(),
        "asked": _asked(selection),
        "checkpoint": note,
        **keys.held(),
    }
    if selection.whole_person and checkpoint.index is not None:
        head["persons"] = [
            _membership(person, membership(connection, subject_of(person)))
            for person in selection.persons
        ]
    digest, records = sha256(SIGNED), 0
    ends = [each.size for each in keys.handovers]
    for line in _lines(connection, head, selection, [*ends, checkpoint.size]):
        records += '"leaf":' in line[:40]
        raw = line.encode() + b"\n"
        digest.update(raw)
        yield raw
    signature = signer.private.sign(SIGNED + digest.digest())
    end = {"end": records, "signature": _text(signature)}
    yield _json(end).encode() + b"\n"


def latest(connection: Connection) -> tuple[str, Checkpoint]:
    """Return the latest checkpoint's note, with the cosignatures it has, and what it says.

    Raises:
        NothingToExport: no checkpoint has been signed yet.
    """
    row = connection.execute(
        select(audit_checkpoint.c.size, audit_checkpoint.c.note)
        .order_by(audit_checkpoint.c.size.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NothingToExport("the log has no checkpoint yet; it gets one while the hub runs")
    lines = connection.scalars(
        select(audit_cosignature.c.line)
        .where(audit_cosignature.c.size == row.size)
        .order_by(audit_cosignature.c.witness)
    )
    note = row.note + "".join(f"{line}\n" for line in lines)
    return note, read_checkpoint(row.note)


def _lines(
    connection: Connection, head: dict[str, Any], selection: Selection, sizes: Sequence[int]
) -> Iterator[str]:
    """Yield the lines before the last; `sizes` are those of the handovers and of the checkpoint.

    What is left out is cut where a key ended, so that the root that it signed last can be compared.
    """
    yield _json(head)
    tree, reached, ends = StoredTree(connection), 0, deque(sizes)
    for row in _rows(connection, selection, sizes[-1]):
        yield from _gaps(tree, reached, row.leaf_index, ends)
        yield _record(row, selection)
        reached = row.leaf_index + 1
    yield from _gaps(tree, reached, sizes[-1], ends)


def _gaps(tree: StoredTree, start: int, end: int, ends: deque[int]) -> Iterator[str]:
    while start < end:
        while ends[0] <= start:
            ends.popleft()
        cut = min(end, ends[0])
        yield _left_out(tree, start, cut)
        start = cut


def _rows(connection: Connection, selection: Selection, size: int) -> Iterable[Any]:
    query = (
        select(
            audit_tree.c.leaf_index,
            audit_tree.c.leaf_hash,
            audit_tree.c.subject,
            audit_record.c.salt,
            audit_record.c.payload,
        )
        .outerjoin(
            audit_record,
            (audit_record.c.chain == audit_tree.c.chain)
            & (audit_record.c.position == audit_tree.c.position),
        )
        .where(audit_tree.c.leaf_index < size, *_conditions(connection, selection))
        .order_by(audit_tree.c.leaf_index)
    )
    return connection.execution_options(yield_per=FETCHED).execute(query)


def _conditions(connection: Connection, selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selection.persons:
        subjects = [subject_of(person) for person in selection.persons]
        conditions.append(audit_tree.c.subject.in_(subjects))
    if selection.organisation is not None:
        keys = record_keys(kinds_of(connection, (selection.organisation,)))
        filed = select(audit_term.c.leaf_index).where(
            any_of(connection, audit_term.c.term, sorted(keys))
        )
        conditions.append(audit_tree.c.leaf_index.in_(filed))
    if selection.start is not None:
        conditions.append(audit_record.c.recorded >= instant(selection.start))
    if selection.end is not None:
        conditions.append(audit_record.c.recorded < instant(selection.end))
    return conditions


def _record(row: Any, selection: Selection) -> str:  # noqa: ANN401  # a row of the query above
    if row.payload is None:  # erased: its leaf remains, and says nothing
        erased = {"leaf": row.leaf_index, "hash": _text(bytes(row.leaf_hash))}
        for person in selection.persons:
            if row.subject is not None and bytes(row.subject) == subject_of(person):
                erased["person"] = person
        return _json(erased)
    payload = bytes(row.payload).decode()
    return _json({"leaf": row.leaf_index, "salt": _text(bytes(row.salt)), "record": payload})


def _left_out(tree: StoredTree, start: int, end: int) -> str:
    return _json({"nodes": [[level, _text(tree(level, n))] for level, n in cover(start, end)]})


def _membership(person: str, proof: Membership) -> dict[str, Any]:
    return {
        "person": person,
        "bucket": [[_text(e.subject), e.records, _text(e.chain_hash)] for e in proof.entries],
        "path": [_text(each) for each in proof.path],
    }


def _asked(selection: Selection) -> dict[str, Any]:
    asked = {
        "persons": list(selection.persons),
        "organisation": selection.organisation,
        "from": instant(selection.start) if selection.start else None,
        "to": instant(selection.end) if selection.end else None,
    }
    return {name: value for name, value in asked.items() if value}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
