"""Addresses that the hub fetches keys from: https, or http on 127.0.0.1 for development.

Source: DESIGN §5; OpenID Connect Discovery 1.0 §4, RFC 8414 §2 (an issuer is an https URL without
query or fragment).
"""

from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
LONGEST = 500


def secure(address: str, *, dev: bool) -> bool:
    """Tell whether keys may be fetched from an address; http only on 127.0.0.1, under --dev."""
    if len(address) > LONGEST or not address.isascii() or not address.isprintable():
        return False
    if any(sign in address for sign in ' "<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (dev and parts.scheme == "http" and host == LOOPBACK)
