"""A system that gets tokens from the hub itself, as it was registered.

Source: DESIGN §5; SMART App Launch 2.0, Backend Services; RFC 7523 (private_key_jwt), RFC 8693.
Whose documents a client writes, at which unit and under which act comes from here and never from
what it sends.
"""

from dataclasses import dataclass

from consent.facts import Regime
from hub.config.issuer import KeySource


@dataclass(frozen=True, slots=True)
class Client:
    """One registered client.

    `scope`: the SMART v2 scopes that it may have at most. `exchanges`: it may exchange the tokens
    of its organisation's staff; `individuals`: those of individuals too. `certificate_bound`: its
    tokens count only with the client certificate that it got them with.
    """

    id: str
    organisation: str
    keys: KeySource
    scope: str
    unit: str | None = None
    regime: Regime | None = None
    exchanges: bool = False
    individuals: bool = False
    certificate_bound: bool = False
