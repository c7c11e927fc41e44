"""Who may tell the hub of changes at a source: the key `notified`, as a frozen value.

Source: DESIGN §5 (a client certificate reaches us by TLS or, from configured proxies only, by the
header of RFC 9440). Neither a token nor a certificate is kept, only their SHA-256.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notified:
    """SHA-256 of tokens and of certificates (hexadecimal), and the proxies that show the latter.

    Without proxies a certificate is shown to the hub's own TLS. `own`: the HSA-ids that the hub
    itself, or who fetches from it, has as the owner of posts. What such a post tells of came from
    here, and fetching it would go in a ring (rivta.md §5).
    """

    tokens: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
