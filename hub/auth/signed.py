"""A JSON Web Signature in compact form, read strictly before anything in it is believed.

Source: RFC 7515, 8725 (best current practices). Size, form and header come before any key: the
header names only an algorithm, a key of its issuer and a type. Keys and addresses that a token
brings along (`jwk`, `jku`, `x5c`, `x5u`) and what it calls critical (`crit`) are refused.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import cast

from joserfc import jws
from joserfc.errors import JoseError

from hub.auth.key_set import KEY_TYPES, PublicKey
from hub.auth.refused import Reason, TokenRefused

LARGEST_CHARACTERS = 8192
DEEPEST = 8
_LATEST = 2**40
_HEADER = frozenset({"alg", "kid", "typ"})
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Signed:
    """What a token says of itself and of others; nothing of it is verified yet."""

    token: str = field(repr=False)
    header: Mapping[str, str]
    claims: dict[str, object] = field(repr=False)

    @property
    def algorithm(self) -> str:
        """Return the algorithm that its header names, one of KEY_TYPES."""
        return self.header["alg"]

    def verify(self, keys: Mapping[str, PublicKey]) -> None:
        """Return if one of these keys signed it: the one that it names, or the only one.

        Raises:
            TokenRefused: no key fits (KEY), or the signature does not hold (SIGNATURE).
        """
        key = _key(keys, self.algorithm, self.header.get("kid"))
        try:
            jws.deserialize_compact(self.token, key, algorithms=[self.algorithm])
        except (JoseError, ValueError):
            raise TokenRefused(Reason.SIGNATURE) from None

    def time(self, name: str) -> int:
        """Return a claim that is an instant, in seconds since 1970.

        Raises:
            TokenRefused: it is absent or none.
        """
        value = self.claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LATEST:
            raise TokenRefused(Reason.CLAIMS)
        return int(value)


def read_signed(token: str, types: Collection[str]) -> Signed:
    """Return a token's header and claims; `types` are the values of `typ` that are meant.

    Raises:
        TokenRefused: it is too large, or not the compact form to the letter, or its header asks
            for what is never done.
    """
    if len(token) > LARGEST_CHARACTERS:
        raise TokenRefused(Reason.TOO_LARGE)
    parts = token.split(".")
    if not token.isascii() or len(parts) != _PARTS or not all(parts):
        raise TokenRefused(Reason.MALFORMED)
    header = _checked_header(_object(parts[0]), types)
    claims = _object(parts[1])
    _decoded(parts[2])
    return Signed(token, header, claims)


def _key(keys: Mapping[str, PublicKey], algorithm: str, identifier: str | None) -> PublicKey:
    if identifier is None:
        found = next(iter(keys.values())) if len(keys) == 1 else None
    else:
        found = keys.get(identifier)
    if found is None or not isinstance(found, KEY_TYPES[algorithm]):
        raise TokenRefused(Reason.KEY)
    if found.get("alg") not in (None, algorithm):
        raise TokenRefused(Reason.KEY)
    return found


def _decoded(part: str) -> bytes:
    """The bytes of a part that is base64url to the letter: no padding, nothing else, one form."""
    try:
        content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenRefused(Reason.MALFORMED) from None
    if urlsafe_b64encode(content).rstrip(b"=").decode() != part:
        raise TokenRefused(Reason.MALFORMED)
    return content


def _object(part: str) -> dict[str, object]:
    """The JSON object of a part. A name that stands twice is refused: parsers differ about it."""
    try:
        value = json.loads(
            _decoded(part).decode(), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        fits = isinstance(value, dict) and _depth(value) <= DEEPEST
    except (ValueError, RecursionError):
        raise TokenRefused(Reason.MALFORMED) from None
    if not fits:
        raise TokenRefused(Reason.MALFORMED)
    return cast("dict[str, object]", value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenRefused(Reason.MALFORMED)
    return found


def _no_constant(_name: str) -> object:
    raise TokenRefused(Reason.MALFORMED)


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(each) for each in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((_depth(each) for each in value), default=0)
    return 0


def _checked_header(header: Mapping[str, object], types: Collection[str]) -> dict[str, str]:
    texts = {name: value for name, value in header.items() if isinstance(value, str)}
    if len(texts) != len(header) or not texts.keys() <= _HEADER:
        raise TokenRefused(Reason.HEADER)
    if texts.get("alg") not in KEY_TYPES:
        raise TokenRefused(Reason.ALGORITHM)
    if texts.get("typ", "jwt").lower() not in types:
        raise TokenRefused(Reason.HEADER)
    return texts
