"""A checkpoint read by somebody outside: the log's signature, and those of its witnesses.

Source: C2SP signed-note, tlog-checkpoint and tlog-cosignature (a cosignature is Ed25519 over
"cosignature/v1", the time and the checkpoint; its algorithm is 0x04). The standard library and
`cryptography` alone.
"""

import base64
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, WITNESS = b"\x01", b"\x04"
_LINE = re.compile(r"^— (\S+) ([A-Za-z0-9+/=]+)$", re.MULTILINE)
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a checkpoint says: the log's name, its size and root, the root of its index if any."""

    origin: str
    size: int
    root: bytes
    index: bytes | None


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's name and public key."""

    name: str
    public: bytes


def opened(note: str, key: tuple[str, bytes]) -> Opened | None:
    """Return what a note says that the log with this name and public key signed, else None."""
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3 or not _SIZE.fullmatch(lines[1]) or lines[0] != key[0]:  # noqa: PLR2004  # C2SP
        return None
    if not any(_holds(key, LOG, raw, f"{text}\n".encode()) for raw in _of(signatures, key[0])):
        return None
    index = [line.removeprefix("persons ") for line in lines[3:] if line.startswith("persons ")]
    try:
        root = base64.b64decode(lines[2], validate=True)
        return Opened(
            lines[0],
            int(lines[1]),
            root,
            base64.b64decode(index[0], validate=True) if index else None,
        )
    except ValueError:
        return None


def cosigners(note: str, witnesses: Iterable[WitnessKey]) -> dict[str, int]:
    """Return the witnesses who signed the checkpoint, with the time that each says (Unix s)."""
    text, _, signatures = note.partition("\n\n")
    found: dict[str, int] = {}
    for witness in witnesses:
        for raw in _of(signatures, witness.name):
            time = int.from_bytes(raw[4:12])
            signed = f"cosignature/v1\ntime {time}\n{text}\n".encode()
            if _holds((witness.name, witness.public), WITNESS, raw[:4] + raw[12:], signed):
                found[witness.name] = time
    return found


def _of(signatures: str, name: str) -> Iterable[bytes]:
    for signer, packed in _LINE.findall(signatures):
        if signer == name:
            with suppress(ValueError):
                yield base64.b64decode(packed, validate=True)


def _holds(key: tuple[str, bytes], algorithm: bytes, raw: bytes, signed: bytes) -> bool:
    key_id = sha256(key[0].encode() + b"\n" + algorithm + key[1]).digest()[:4]
    if raw[:4] != key_id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key[1]).verify(raw[4:], signed)
    except (InvalidSignature, ValueError):
        return False
    return True
