"""A decision receipt: what somebody who got an answer can keep, and show to others later.

Source: DESIGN §6; docs/decisions/0008. It says which sections the answer rested on, which law,
one sentence, and commits to the log's records and to the facts that were used, each by a hash that
tells nothing without what the hub alone has. The log's key signs it. Once the records are in the
tree the proof of that is fetched and put beside it; hub/audit/verify_receipt.py checks both.
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from hub.audit.errors import NothingToExport
from hub.audit.export import latest
from hub.audit.merkle import inclusion_proof
from hub.audit.note import Signer
from hub.audit.record import AccessRecord, instant
from hub.audit.stored_tree import StoredTree
from hub.audit.succession import succession
from hub.audit.writer import Place
from hub.store.schema.audit import audit_record, audit_tree

FORMAT = "samvy-receipt/1"
SIGNED = b"samvy-receipt/1\n"


@dataclass(frozen=True, slots=True)
class Logged:
    """A record of the answer, and where it stands."""

    record: AccessRecord
    place: Place


def receipt(
    connection: Connection,
    signer: Signer,
    logged: Sequence[Logged],
    sentence: str,
    facts: Mapping[str, str],
) -> dict[str, Any]:
    """Return the receipt of an answer, signed; `facts` are hashes by kind (`facts_hashed`)."""
    first = logged[0].record
    said = {
        "format": FORMAT,
        "log": signer.origin,
        "issued": instant(first.recorded),
        "outcome": first.outcome.value,
        "sections": list(dict.fromkeys(g for each in logged for g in each.record.grounds)),
        "law": next((r.record.law_version for r in logged if r.record.law_version), None),
        "sentence": sentence,
        "records": [
            {
                "id": each.record.id,
                "place": str(each.place),
                "commitment": _text(_leaf(connection, each.place)),
            }
            for each in logged
        ],
        "facts": dict(facts),
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {
        "format": FORMAT,
        "log": signer.verifier.text(),
        "receipt": text,
        "signature": _text(signer.private.sign(SIGNED + text.encode())),
    }


def proof(connection: Connection, place: str, commitment: str) -> dict[str, Any]:
    """Return what proves that a record is in the tree under the latest checkpoint.

    Raises:
        LookupError: no record with that commitment stands there in the tree (yet).
    """
    chain, _, position = place.rpartition(".")
    if not position.isascii() or not position.isdigit() or len(position) > len(str(2**62)):
        raise LookupError
    row = connection.execute(
        select(audit_tree.c.leaf_index, audit_tree.c.leaf_hash).where(
            audit_tree.c.chain == chain, audit_tree.c.position == int(position)
        )
    ).first()
    if row is None or not hmac.compare_digest(_text(bytes(row.leaf_hash)), commitment):
        raise LookupError
    try:
        note, checkpoint = latest(connection)
    except NothingToExport:
        raise LookupError from None
    path = inclusion_proof(StoredTree(connection), checkpoint.size, row.leaf_index)
    return {
        "leaf": row.leaf_index,
        "commitment": commitment,
        "path": [_text(each) for each in path],
        "checkpoint": note,
        **succession(connection).held(),
    }


def commitments(connection: Connection, logged: Sequence[Logged]) -> list[bytes]:
    """Return the leaves of records, in the same order."""
    return [_leaf(connection, each.place) for each in logged]


def facts_hashed(key: bytes, record_id: str, facts: Mapping[str, object]) -> dict[str, str]:
    """Return a hash for each kind of facts, also of a kind that there are none of.

    `key` is a secret of the hub's: the salt of each is made from it, the record's id and the kind,
    so that nobody else can try what the facts may have been, and one kind can be opened alone.
    """
    found = {}
    for kind, value in facts.items():
        salt = hmac.digest(key, f"receipt {record_id} {kind}".encode(), "sha256")
        found[kind] = _text(sha256(b"\x07" + salt + _canonical(value)).digest())
    return found


def _canonical(value: object) -> bytes:
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":")).encode()


def _plain(value: object) -> Any:  # noqa: ANN401  # JSON of any fact
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _leaf(connection: Connection, place: Place) -> bytes:
    stored = connection.scalar(
        select(audit_record.c.leaf_hash).where(
            audit_record.c.chain == place.chain, audit_record.c.position == place.position
        )
    )
    return bytes(stored or b"")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
