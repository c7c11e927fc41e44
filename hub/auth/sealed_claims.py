"""What a user's token said, kept so that only who holds the hub's token for it can read it.

Source: DESIGN §4 (no person number in a row); RFC 5869 (HKDF), NIST SP 800-38D (AES-GCM). The key
is made from the token, of which the store has a digest only: neither a copy of the store nor the
hub's own keys give the claims, and with the last copy of the token they are gone. A token seals
once, so that no key is used for two texts.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.auth.refused import Reason, TokenRefused

_FOR = b"samvy: claims of a token"
_NONCE = 12


def seal(token: str, claims: str) -> str:
    """Return the claims as they are stored with the token."""
    nonce = secrets.token_bytes(_NONCE)
    return base64.b64encode(nonce + _cipher(token).encrypt(nonce, claims.encode(), _FOR)).decode()


def unseal(token: str, sealed: str) -> str:
    """Return the claims that were sealed with this token.

    Raises:
        TokenRefused: they were not, or were changed since.
    """
    try:
        content = base64.b64decode(sealed, validate=True)
        return _cipher(token).decrypt(content[:_NONCE], content[_NONCE:], _FOR).decode()
    except (binascii.Error, InvalidTag, ValueError):
        raise TokenRefused(Reason.CLAIMS) from None


def _cipher(token: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, _FOR).derive(token.encode()))
