"""How a source is asked for documents: the key `pull` of the sources file, as a frozen value.

Source: INTERFACES "Sources file"; rivta.md §0.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pull:
    """Where a source is reached, as whom, and for what.

    `endpoint` may hold {domain}, {operation} and {major}. No `contracts`: all that can be asked for
    without an agreement. `systems` are logical addresses behind an aggregating service that may be
    asked directly when they notify.
    """

    endpoint: str
    logical_address: str
    contracts: tuple[str, ...] = ()
    certificate: str | None = None
    key: str | None = None
    ca: str | None = None
    original_consumer: str | None = None
    agreement: str | None = None
    systems: tuple[str, ...] = ()
    seconds: int = 60
    largest_mb: int = 64
