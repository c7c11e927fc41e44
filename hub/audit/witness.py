"""This hub as a witness of other logs: it co-signs what continues what it has seen, nothing else.

Source: C2SP tlog-witness (add-checkpoint and its status codes) and tlog-cosignature. Of each log
the latest checkpoint is kept and no other. Two different histories of one log never both get this
hub's name: whoever is shown a fork has one that lacks it.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from hub.audit.merkle import HASH_SIZE, ProofError, root_of, verify_consistency
from hub.audit.note import Checkpoint, NoteError, Signer, Verifier, open_checkpoint
from hub.store.schema.audit import audit_witnessed

LARGEST = 64 * 1024
LONGEST_PROOF = 63
SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the witness answers: an HTTP status, a body, and the body's type."""

    status: int
    body: str
    media_type: str = "text/plain"


class _Refused(Exception):
    def __init__(self, status: int, body: str, media_type: str = "text/plain") -> None:
        super().__init__(body)
        self.reply = Reply(status, f"{body}\n", media_type)


def trust_log(connection: Connection, log: Verifier, *, instead: bool = False) -> bool:
    """Witness a log from now on; False if it is witnessed already.

    `instead`: its key was lost, and this one takes its place; what was seen of it still counts.

    Raises:
        NoteError: a log of that name is witnessed under another key.
    """
    known = connection.execute(select(audit_witnessed).filter_by(origin=log.origin)).first()
    if known is None:
        values = {"origin": log.origin, "public_key": log.public, "size": 0}
        connection.execute(insert(audit_witnessed).values(**values))
    elif bytes(known.public_key) != log.public:
        if not instead:
            raise NoteError("a log of that name is witnessed under another key")
        named = update(audit_witnessed).filter_by(origin=log.origin)
        connection.execute(named.values(public_key=log.public))
    return known is None


def add_checkpoint(connection: Connection, signer: Signer, body: str, now: datetime) -> Reply:
    """Return the cosignature of a checkpoint that continues the one seen before, or a refusal.

    One that names a new key of the log, and that both have signed, is the last in which the old key
    is believed. Refusals keep the state as it was: 400 not a request, 403 not signed by the log,
    404 a log that is not witnessed, 409 another size was seen last (the body says which), 422 no
    continuation.
    """
    try:
        old, proof, note = _parts(body)
        origin = note.partition("\n")[0]
        query = select(audit_witnessed).filter_by(origin=origin).with_for_update()
        checkpoint = _weigh(connection.execute(query).first(), old, proof, note)
    except _Refused as refused:
        return refused.reply
    values: dict[str, object] = {"size": checkpoint.size, "note": note}
    if checkpoint.successor is not None:
        values["public_key"] = Verifier.parse(checkpoint.successor).public
    connection.execute(update(audit_witnessed).filter_by(origin=origin).values(**values))
    return Reply(200, signer.cosign(note, int(now.timestamp())) + "\n")


def _weigh(
    seen: Row[tuple[Any, ...]] | None, old: int, proof: list[bytes], note: str
) -> Checkpoint:
    """Return the checkpoint if it continues what was seen of its log."""
    if seen is None:
        raise _Refused(404, "this witness does not know the log")
    checkpoint = _signed(note, Verifier(seen.origin, bytes(seen.public_key)))
    if old > checkpoint.size:
        raise _Refused(400, "the old size is larger than the checkpoint's")
    if old != seen.size:
        raise _Refused(409, str(seen.size), SIZE_TYPE)
    _continues(seen.note, old, checkpoint, proof)
    return checkpoint


def _parts(body: str) -> tuple[int, list[bytes], str]:
    """Return the old size, the proof and the checkpoint of a request."""
    head, blank, note = body.partition("\n\n")
    first, *hashes = head.split("\n")
    matched = _OLD.fullmatch(first)
    if not blank or not matched or len(hashes) > LONGEST_PROOF or len(body) > LARGEST:
        raise _Refused(400, "not an add-checkpoint request")
    try:
        proof = [base64.b64decode(each, validate=True) for each in hashes]
    except binascii.Error:
        raise _Refused(400, "the proof is not base64") from None
    if any(len(each) != HASH_SIZE for each in proof):
        raise _Refused(400, "a hash of the proof has the wrong length")
    return int(matched[1]), proof, note


def _signed(note: str, log: Verifier) -> Checkpoint:
    try:
        checkpoint = open_checkpoint(note, log)
        if checkpoint.successor is None:
            return checkpoint
        return open_checkpoint(note, Verifier.parse(checkpoint.successor))
    except NoteError as error:
        raise _Refused(403, str(error)) from None


def _continues(seen: str | None, old: int, checkpoint: Checkpoint, proof: list[bytes]) -> None:
    if old == 0:
        if proof:
            raise _Refused(422, "nothing needs no proof")
        return
    before = _root(seen)
    try:
        verify_consistency(old, checkpoint.size, proof, before, checkpoint.root)
    except ProofError:
        # Two roots for one size are a fork, which the log itself has signed.
        if old == checkpoint.size:
            raise _Refused(409, str(old), SIZE_TYPE) from None
        raise _Refused(422, "the checkpoint does not continue the one seen before") from None


def _root(seen: str | None) -> bytes:
    """Return the root of a checkpoint that this witness has kept, and so has opened before."""
    if seen is None:
        return root_of(())
    return base64.b64decode(seen.split("\n")[2], validate=True)
