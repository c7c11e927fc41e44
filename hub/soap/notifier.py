"""Who tells of a change: a client certificate that a proxy has checked, or a configured token.

Source: DESIGN §5; RFC 9440 (Client-Cert: the DER in base64 between colons). The header counts from
configured proxies alone; x-vp-* headers are never read (rivta.md §0).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Iterable, Sequence

from cryptography import x509

from hub.config.notified_entry import digest_of
from hub.config.source import Source


def told_sources(
    sources: Iterable[Source],
    authorization: str | None,
    certificates: Sequence[str],
    network: str | None,
) -> list[Source]:
    """Return the sources that whoever calls may tell of; none when nobody is known.

    `certificates` are the Client-Cert headers as they came: more than one is nobody's.
    """
    token = _sha256(authorization)
    certificate = _certificate(certificates)
    found = []
    for source in sources:
        who = source.notified
        if who is None or source.pull is None:
            continue
        by_token = token is not None and _among(token, who.tokens)
        by_certificate = (
            certificate is not None
            and network in who.proxies
            and _among(certificate, who.certificates)
        )
        if by_token or by_certificate:
            found.append(source)
    return found


def _sha256(authorization: str | None) -> str | None:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return hashlib.sha256(token.strip().encode("latin-1", "replace")).hexdigest()


def _certificate(headers: Sequence[str]) -> str | None:
    if len(headers) != 1:
        return None
    text = headers[0].strip()
    if len(text) < 2 or text[0] != ":" or text[-1] != ":":  # noqa: PLR2004 - both colons
        return None
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(text[1:-1], validate=True))
    except (ValueError, binascii.Error):
        return None
    return digest_of(found)


def _among(digest: str, known: Collection[str]) -> bool:
    """Tell whether it is one of these, without telling by the time how nearly."""
    return any(hmac.compare_digest(digest, each) for each in known)
