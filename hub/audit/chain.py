"""The hashes that tie a record to its place: its commitment and its link to the one before.

Source: DESIGN §6; the commitment is the leaf hash of RFC 6962 over a salt and the payload. The
salt is what makes a payload with a guessable person key unguessable once it has been erased.
hub/audit/verify.py computes these for itself; a test holds that the two agree.
"""

import secrets
from hashlib import sha256

from hub.audit.merkle import leaf_hash

SALT_SIZE = 32


def new_chain() -> str:
    """Return a random id for a chain."""
    return secrets.token_hex(8)


def new_salt() -> bytes:
    """Return a salt for one record."""
    return secrets.token_bytes(SALT_SIZE)


def commitment(salt: bytes, payload: bytes) -> bytes:
    """Return H(0x00 ‖ salt ‖ payload), the record's leaf in the tree."""
    return leaf_hash(salt + payload)


def first_link(chain: str) -> bytes:
    """Return H(0x03 ‖ chain), what the chain's first record links to."""
    return sha256(b"\x03" + chain.encode()).digest()


def link(previous: bytes, leaf: bytes) -> bytes:
    """Return H(0x02 ‖ previous ‖ leaf), the chain hash of a record."""
    return sha256(b"\x02" + previous + leaf).digest()


def place_name(chain: str, position: int) -> str:
    """Return the name of a record's place, which its chain hash proves; a valid FHIR id."""
    return f"{chain}.{position}"
