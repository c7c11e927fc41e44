"""Whether a decision receipt is what the log's key signed, and its records are in the tree.

Source: DESIGN §6; hub/audit/receipt.py says how it is made; RFC 9162 §2.1.3.2 (inclusion). The
standard library, `cryptography` and hub/audit/verify*.py alone.
"""

import base64
import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.audit.verify import Key, parse_key
from hub.audit.verify_keys import Untrusted, line_of
from hub.audit.verify_note import WitnessKey, cosigners, opened

FORMAT = "samvy-receipt/1"
SIGNED = b"samvy-receipt/1\n"
LARGEST = 1024 * 1024


class _Fault(Exception):
    pass


def is_receipt(raw: bytes) -> bool:
    """Tell whether a file's content says that it is a receipt; its name does not matter."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def verify_receipt(
    raw: bytes, *, key: Key | None = None, witnesses: Iterable[WitnessKey] = ()
) -> dict[str, Any]:
    """Return the report on a receipt: verified, sequenced, sentence, sections, law and faults.

    `sequenced`: a proof for each of its records lies beside it and holds; false without any proof,
    as when it was given before the log's next checkpoint. `key` is the log's where it is known from
    elsewhere; `witnesses` must have signed the checkpoints of the proofs.
    """
    report: dict[str, Any] = {
        "verified": False,
        "receipt": True,
        "sequenced": False,
        "sentence": None,
        "sections": [],
        "law": None,
        "records": 0,
        "key": "outside" if key else "file",
        "faults": [],
    }
    try:
        _verify(json.loads(raw), key, tuple(witnesses), report)
    except _Fault as fault:
        report["faults"].append({"text": str(fault)})
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        report["faults"].append({"text": "the file is not a receipt of a log"})
    report["verified"] = not report["faults"]
    return report


def _verify(
    held: dict[str, Any], key: Key | None, witnesses: tuple[WitnessKey, ...], report: dict[str, Any]
) -> None:
    named = parse_key(held["log"])
    if key is not None and key != named and not held.get("proofs"):
        raise _Fault(
            "the receipt is another key's than the one that was given, and no proof beside it says"
            " how the one handed over to the other"
        )
    text = held["receipt"]
    try:
        signer = Ed25519PublicKey.from_public_bytes(named[1])
        signer.verify(_raw(held["signature"]), SIGNED + text.encode())
    except InvalidSignature:
        raise _Fault("the receipt is not what the log's key signed") from None
    said = json.loads(text)
    if said["log"] != named[0]:
        raise _Fault("the receipt is another log's than the one that it names")
    if said["format"] != FORMAT:
        raise _Fault("the receipt is of a kind that this version cannot read")
    report.update({name: said[name] for name in ("sentence", "sections", "law")})
    report["records"] = len(said["records"])
    proofs = {each["commitment"]: each for each in held.get("proofs", ())}
    for record in said["records"] if proofs else ():
        found = proofs.get(record["commitment"])
        if found is None:
            raise _Fault(f"there is no proof for the record {record['id']}")
        _included(found, named, key, witnesses)
    report["sequenced"] = bool(proofs)
    if witnesses and not proofs:
        raise _Fault("there is no proof yet, and so no checkpoint that a witness has signed")


def _included(
    proof: dict[str, Any], signer: Key, trusted: Key | None, witnesses: tuple[WitnessKey, ...]
) -> None:
    """Check a record's place in the tree, and that the receipt's key still signed it then."""
    now = parse_key(proof["keys"][-1]) if "keys" in proof else signer
    try:
        line = line_of(proof, now, trusted)
        last = line.last_of(signer)
    except Untrusted as why:
        raise _Fault(str(why)) from None
    if last is not None and last.ended == "stolen":
        raise _Fault(
            "the receipt's key was stolen: ask whoever holds the log for the record itself"
        )
    if last is not None and not proof["leaf"] < last.size:
        raise _Fault("the receipt is signed by a key that had ended when its record was logged")
    checkpoint = opened(proof["checkpoint"], now)
    if checkpoint is None:
        raise _Fault("the checkpoint is not one that the log's key signed")
    if line.lasts and checkpoint.size < line.lasts[-1].size:
        raise _Fault("the checkpoint is older than the key that signed it")
    signed = cosigners(proof["checkpoint"], witnesses)
    if missing := {witness.name for witness in witnesses} - set(signed):
        raise _Fault(f"the checkpoint is not co-signed by {', '.join(sorted(missing))}")
    path = [_raw(each) for each in proof["path"]]
    root = _root(_raw(proof["commitment"]), proof["leaf"], checkpoint.size, path)
    if root != checkpoint.root:
        raise _Fault("the record is not in the tree that the checkpoint signed")


def _root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Return the root that a path leads to; None where the path does not fit leaf and size."""
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = sha256(b"\x01" + sibling + root).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = sha256(b"\x01" + root + sibling).digest()
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
