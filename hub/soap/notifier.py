"""Who tells of a change: a client certificate that TLS or a proxy has checked, or a token.

Source: DESIGN §5; RFC 9440 (Client-Cert: the DER in base64 between colons). The header counts from
configured proxies alone; x-vp-* headers are never read (rivta.md §0).
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Sequence

from hub.auth.client_certificate import Peer, client_certificate
from hub.config.source import Source


def told_sources(
    sources: Iterable[Source],
    authorization: str | None,
    certificates: Sequence[str],
    peer: Peer,
) -> list[Source]:
    """Return the sources that whoever calls may tell of; none when nobody is known.

    `certificates` are the Client-Cert headers as they came: more than one is nobody's.
    """
    token = _sha256(authorization)
    found = []
    for source in sources:
        who = source.notified
        if who is None or source.pull is None:
            continue
        by_token = token is not None and _among(token, who.tokens)
        der = client_certificate(peer, certificates, who.proxies)
        by_certificate = der is not None and _among(
            hashlib.sha256(der).hexdigest(), who.certificates
        )
        if by_token or by_certificate:
            found.append(source)
    return found


def _sha256(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return hashlib.sha256(token.strip().encode("latin-1", "replace")).hexdigest()


def _among(digest: str, known: Collection[str]) -> bool:
    """Tell whether it is one of these, without telling by the time how nearly."""
    return any(hmac.compare_digest(digest, each) for each in known)
