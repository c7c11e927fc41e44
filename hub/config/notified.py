"""Who may tell the hub of changes at a source: the key `notified`, as a frozen value.

Source: DESIGN §5 (a client certificate reaches us from configured proxies by the header of RFC
9440). Neither a token nor a certificate is kept, only their SHA-256.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notified:
    """SHA-256 of tokens and of certificates (hexadecimal), and the proxies that show the latter."""

    tokens: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
