"""Checkpoints as signed notes, and the key formats that go with them.

Source: C2SP signed-note (text, blank line, signature lines; Ed25519 is algorithm 0x01), C2SP
tlog-checkpoint (origin, size, root) and tlog-cosignature (a witness's signature with its time;
algorithm 0x04). The key formats are those of Go's sumdb/note.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
COSIGNATURE = b"\x04"
TIME_SIZE = 8
KEY_SIZE = 32
KEY_ID_SIZE = 4
SIGNATURE_SIZE = 64
_ORIGIN = re.compile(r"[^\s+]+")
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_CHECKPOINT_LINES = 3
INDEX, NEXT, ENDED = "persons ", "next ", "ended "
"""Begin extension lines: the root of the index of persons; the key that signs from here on, and why
the one before ended, where it was not in the ordinary way (docs/log-keys.md)."""
NO_RECORDS = sha256(b"").digest()


class NoteError(ValueError):
    """A note or key that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says: this log had this root when it had this many records.

    `index` is the root of the index of persons over the same records, in an extension line; a
    checkpoint that an earlier version signed has none. `successor` is the line of the key that
    signs every later one, in the last one of a key; `ended` why it is its last, if not as usual.
    """

    origin: str
    size: int
    root: bytes
    index: bytes | None = None
    successor: str | None = None
    ended: str | None = None

    def text(self) -> str:
        """Return the text that is signed."""
        text = f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"
        if self.index is not None:
            text += f"{INDEX}{base64.b64encode(self.index).decode()}\n"
        text += f"{NEXT}{self.successor}\n" if self.successor else ""
        return text + (f"{ENDED}{self.ended}\n" if self.ended else "")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A log's name and public key."""

    origin: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        return sha256(self.origin.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_SIZE]

    @property
    def witness_id(self) -> bytes:
        """The four bytes by which a cosignature names the key."""
        return sha256(self.origin.encode() + b"\n" + COSIGNATURE + self.public).digest()[
            :KEY_ID_SIZE
        ]

    def text(self) -> str:
        """Return the key as one line that can be handed to somebody outside."""
        packed = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.origin}+{self.key_id.hex()}+{packed}"

    def witness_text(self) -> str:
        """Return the key of the cosignatures that this key makes, as one line."""
        packed = base64.b64encode(COSIGNATURE + self.public).decode()
        return f"{self.origin}+{self.witness_id.hex()}+{packed}"

    @classmethod
    def parse_witness(cls, line: str) -> "Verifier":
        """Return the key of a witness that a line holds."""
        origin, key_id, public = _key_parts(line.strip(), COSIGNATURE)
        verifier = cls(origin, public)
        if verifier.witness_id.hex() != key_id:
            raise NoteError("the key's id does not belong to it")
        return verifier

    @classmethod
    def parse(cls, line: str) -> "Verifier":
        """Return the key that a line holds."""
        origin, key_id, public = _key_parts(line.strip())
        verifier = cls(origin, public)
        if verifier.key_id.hex() != key_id:
            raise NoteError("the key's id does not belong to it")
        return verifier


@dataclass(frozen=True, slots=True)
class Signer:
    """A log's name and private key. Its repr shows the name alone."""

    origin: str
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, origin: str) -> "Signer":
        """Return a new key for a log."""
        if not _ORIGIN.fullmatch(origin):
            raise NoteError("a log's name has neither white space nor '+'")
        return cls(origin, Ed25519PrivateKey.generate())

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.origin, self.private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the checkpoint as a signed note."""
        return signed_note(checkpoint, (self,))

    def signature_line(self, checkpoint: Checkpoint) -> str:
        """Return the line by which this key signs a checkpoint, with its line feed."""
        if checkpoint.origin != self.origin:
            raise NoteError("the checkpoint is another log's")
        signature = self.verifier.key_id + self.private.sign(checkpoint.text().encode())
        return f"— {self.origin} {base64.b64encode(signature).decode()}\n"

    def cosign(self, note: str, time: int) -> str:
        """Return the signature line of this key as a witness of a note, at a time (Unix s)."""
        text = note.partition("\n\n")[0] + "\n"
        signature = self.private.sign(_cosigned(text, time))
        raw = self.verifier.witness_id + time.to_bytes(8) + signature
        return f"— {self.origin} {base64.b64encode(raw).decode()}"

    def text(self) -> str:
        """Return the private key as one line, to be kept in a file that only the hub reads."""
        packed = base64.b64encode(ED25519 + self.private.private_bytes_raw()).decode()
        return f"PRIVATE+KEY+{self.origin}+{self.verifier.key_id.hex()}+{packed}"

    @classmethod
    def parse(cls, line: str) -> "Signer":
        """Return the private key that a line holds."""
        line = line.strip()
        if not line.startswith("PRIVATE+KEY+"):
            raise NoteError("not a private key: it does not begin with PRIVATE+KEY+")
        origin, key_id, seed = _key_parts(line.removeprefix("PRIVATE+KEY+"))
        signer = cls(origin, Ed25519PrivateKey.from_private_bytes(seed))
        if signer.verifier.key_id.hex() != key_id:
            raise NoteError("the key's id does not belong to it")
        return signer

    def __repr__(self) -> str:
        return f"Signer(origin={self.origin!r})"


def signed_note(checkpoint: Checkpoint, signers: Iterable[Signer]) -> str:
    """Return the checkpoint as a note that each of these keys has signed."""
    lines = "".join(each.signature_line(checkpoint) for each in signers)
    return f"{checkpoint.text()}\n{lines}"


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """Return the checkpoint of a note that this key signed; raise NoteError otherwise.

    Signatures by other keys, such as witnesses', are passed over.
    """
    text, signatures = _parts(note)
    if not any(_signed_by(verifier, text, line) for line in signatures):
        raise NoteError("the note is not signed by the log's key")
    checkpoint = read_checkpoint(note)
    if checkpoint.origin != verifier.origin:
        raise NoteError("the checkpoint is another log's")
    return checkpoint


def read_checkpoint(note: str) -> Checkpoint:
    """Return what a note says, whoever signed it; raise NoteError if it is no checkpoint."""
    text, _ = _parts(note)
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < _CHECKPOINT_LINES or not _SIZE.fullmatch(lines[1]):
        raise NoteError("the note is no checkpoint")
    more = lines[_CHECKPOINT_LINES:]
    index = _extension(more, INDEX)
    checkpoint = Checkpoint(
        lines[0],
        int(lines[1]),
        _unpack(lines[2], KEY_SIZE),
        None if index is None else _unpack(index, KEY_SIZE),
        _extension(more, NEXT),
        _extension(more, ENDED),
    )
    if checkpoint.size == 0 and checkpoint.root != NO_RECORDS:
        raise NoteError("a log of no records has the root of none")
    return checkpoint


def _parts(note: str) -> tuple[str, list[str]]:
    """Return the text that is signed, and the signature lines.

    Nothing that another reader may split or cut elsewhere: no control characters, and nothing but
    signatures behind the blank line.
    """
    text, blank, rest = note.partition("\n\n")
    lines = rest.removesuffix("\n").split("\n")
    if not blank or _CONTROL.search(note) or not all(line.startswith("— ") for line in lines):
        raise NoteError("the note has no signature, or is more than a text and its signatures")
    return f"{text}\n", lines


def _extension(lines: list[str], name: str) -> str | None:
    found = [line.removeprefix(name) for line in lines if line.startswith(name)]
    if len(found) > 1:
        raise NoteError("the checkpoint says the same twice")
    return found[0] if found else None


def cosignature_line(note: str, answer: str, witness: Verifier) -> str:
    """Return the line of a witness's answer that is its cosignature of the note.

    Raises:
        NoteError: no line is.
    """
    text = note.partition("\n\n")[0] + "\n"
    for line in answer.splitlines():
        matched = _SIGNATURE.fullmatch(line)
        if not matched or matched[1] != witness.origin:
            continue
        raw = _unpack(matched[2], KEY_ID_SIZE + TIME_SIZE + SIGNATURE_SIZE)
        time = int.from_bytes(raw[KEY_ID_SIZE : KEY_ID_SIZE + TIME_SIZE])
        try:
            Ed25519PublicKey.from_public_bytes(witness.public).verify(
                raw[KEY_ID_SIZE + TIME_SIZE :], _cosigned(text, time)
            )
        except InvalidSignature:
            continue
        if raw[:KEY_ID_SIZE] == witness.witness_id:
            return line
    raise NoteError("it is no cosignature by the witness's key")


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _signed_by(verifier: Verifier, text: str, line: str) -> bool:
    matched = _SIGNATURE.fullmatch(line)
    if not matched or matched[1] != verifier.origin:
        return False
    try:
        packed = base64.b64decode(matched[2], validate=True)
        if packed[:KEY_ID_SIZE] != verifier.key_id:
            return False
        Ed25519PublicKey.from_public_bytes(verifier.public).verify(
            packed[KEY_ID_SIZE:], text.encode()
        )
    except (binascii.Error, InvalidSignature, ValueError):
        return False
    return True


def _key_parts(line: str, algorithm: bytes = ED25519) -> tuple[str, str, bytes]:
    # The base64 may hold '+' too, so only the first two separate.
    origin, _, rest = line.partition("+")
    key_id, _, packed = rest.partition("+")
    key = _unpack(packed, KEY_SIZE + 1)
    if not _ORIGIN.fullmatch(origin) or key[:1] != algorithm:
        raise NoteError("not an Ed25519 key in the form name+id+base64")
    return origin, key_id, key[1:]


def _unpack(text: str, size: int) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise NoteError("not base64") from error
    if len(raw) != size:
        raise NoteError(f"{len(raw)} bytes where {size} are expected")
    return raw
