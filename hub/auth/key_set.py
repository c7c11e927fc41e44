"""A set of public keys, as an issuer or a client publishes it.

Source: RFC 7517 (JWK Set), RFC 7518 §3.3 and §3.4, RFC 8725 §3.5. Of a set only what we can use is
taken: P-256 and RSA of at least 2048 bits, for signatures. A private key is never taken, since
whoever published it has lost it, and two keys with one id are neither of them.
"""

import json
from collections import Counter
from collections.abc import Mapping

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

PublicKey = ECKey | RSAKey

KEY_TYPES: Mapping[str, type[PublicKey]] = {"ES256": ECKey, "RS256": RSAKey, "PS256": RSAKey}
"""Every algorithm that may be allowed, and the only kind of key that it is used with. There is no
`none` and no algorithm with a shared secret, so that no public key can pass for one."""

_KINDS: Mapping[str, type[PublicKey]] = {"EC": ECKey, "RSA": RSAKey}
MOST_KEYS = 64
SMALLEST_RSA_BITS = 2048


class UnusableKeySet(ValueError):
    """Not a set of keys, or one without a key that can be used."""


def key_set(text: str | bytes) -> dict[str, PublicKey]:
    """Return the usable public keys of a JWK Set by their ids (without one: by thumbprint).

    Raises:
        UnusableKeySet: it is no JWK Set, is too long, or no key in it can be used.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise UnusableKeySet(f"this is not JSON{_of_pem(text)}") from None
    if isinstance(value, dict) and "kty" in value:
        raise UnusableKeySet('this is one key; write {"keys": [ the key ]}')
    listed = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise UnusableKeySet(f"this is not a JWK Set of at most {MOST_KEYS} keys")
    if listed and all(isinstance(each, dict) and "d" in each for each in listed):
        raise UnusableKeySet(
            "the set holds private keys; keep those where they are used, make new ones if others"
            " have seen them, and give the public halves"
        )
    found = [pair for each in listed if (pair := _usable(each)) is not None]
    times = Counter(name for name, _ in found)
    keys = {name: key for name, key in found if times[name] == 1}
    if not keys:
        raise UnusableKeySet(
            "the set has no usable key: P-256, or RSA of 2048 bits, public, for signatures, each"
            " with its own kid"
        )
    return keys


def _of_pem(text: str | bytes) -> str:
    content = text if isinstance(text, bytes) else text.encode(errors="replace")
    pem = content.lstrip().startswith(b"-----BEGIN")
    return " but PEM; write its public half as a JWK Set (docs/tokens.md, Systems)" if pem else ""


def _usable(written: object) -> tuple[str, PublicKey] | None:
    if not isinstance(written, dict) or "d" in written or written.get("use", "sig") != "sig":
        return None
    kind: type[PublicKey] | None = _KINDS.get(str(written.get("kty")))
    if kind is None or (kind is ECKey and written.get("crv") != "P-256"):
        return None
    if not isinstance(written.get("kid", ""), str):
        return None
    if kind is RSAKey and len(str(written.get("n"))) * 6 < SMALLEST_RSA_BITS:
        return None  # base64url: six bits to a sign
    try:
        key = kind.import_key(written)
        if isinstance(key, RSAKey) and key.public_key.key_size < SMALLEST_RSA_BITS:
            return None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return str(written.get("kid") or key.thumbprint()), key
