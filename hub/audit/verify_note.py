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
LINES = 3
NO_RECORDS = sha256(b"").digest()
_LINE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Opened:
    """What a checkpoint says: the log's name, its size and root, the root of its index if any.

    `successor` is the line of the key that signs from here on, `ended` why, if not as usual.
    """

    origin: str
    size: int
    root: bytes
    index: bytes | None
    successor: str | None = None
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's name and public key."""

    name: str
    public: bytes


def opened(note: str, key: tuple[str, bytes]) -> Opened | None:
    """Return what a note says that the log with this name and public key signed, else None."""
    text, signatures = _parts(note)
    lines = text.split("\n")
    if len(lines) < LINES or not _SIZE.fullmatch(lines[1]) or lines[0] != key[0]:
        return None
    if not any(_holds(key, LOG, raw, f"{text}\n".encode()) for raw in _of(signatures, key[0])):
        return None
    more = lines[LINES:]
    try:
        index = _extension(more, "persons ")
        found = Opened(
            lines[0],
            int(lines[1]),
            base64.b64decode(lines[2], validate=True),
            None if index is None else base64.b64decode(index, validate=True),
            _extension(more, "next "),
            _extension(more, "ended "),
        )
    except ValueError:
        return None
    return found if found.size or found.root == NO_RECORDS else None


def cosigners(note: str, witnesses: Iterable[WitnessKey]) -> dict[str, int]:
    """Return the witnesses who signed the checkpoint, with the time that each says (Unix s)."""
    text, signatures = _parts(note)
    found: dict[str, int] = {}
    for witness in witnesses:
        for raw in _of(signatures, witness.name):
            time = int.from_bytes(raw[4:12])
            signed = f"cosignature/v1\ntime {time}\n{text}\n".encode()
            if _holds((witness.name, witness.public), WITNESS, raw[:4] + raw[12:], signed):
                found[witness.name] = time
    return found


def _parts(note: str) -> tuple[str, list[str]]:
    """Return the text and the signature lines; nothing of what another may read otherwise.

    That is a note with control characters, or with more behind its blank line than signatures.
    """
    text, _, rest = note.partition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    usual = not _CONTROL.search(note) and all(line.startswith("— ") for line in lines)
    return (text, lines) if usual else ("", [])


def _extension(lines: list[str], name: str) -> str | None:
    found = [line.removeprefix(name) for line in lines if line.startswith(name)]
    if len(found) > 1:
        raise ValueError
    return found[0] if found else None


def _of(signatures: Iterable[str], name: str) -> Iterable[bytes]:
    for line in signatures:
        matched = _LINE.fullmatch(line)
        if matched and matched[1] == name:
            with suppress(ValueError):
                yield base64.b64decode(matched[2], validate=True)


def _holds(key: tuple[str, bytes], algorithm: bytes, raw: bytes, signed: bytes) -> bool:
    key_id = sha256(key[0].encode() + b"\n" + algorithm + key[1]).digest()[:4]
    if raw[:4] != key_id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key[1]).verify(raw[4:], signed)
    except (InvalidSignature, ValueError):
        return False
    return True
