"""What a log extract holds, whatever it is written as.

Source: PDL 8:5; HSLF-FS 2016:40 4 kap.
"""

from dataclasses import dataclass
from datetime import datetime

from hub.audit.record import AccessRecord


@dataclass(frozen=True, slots=True)
class Line:
    """One access as its person reads it."""

    at: datetime
    who: str
    where: str
    what: str
    sources: str
    outcome: str
    sentence: str
    record: AccessRecord


@dataclass(frozen=True, slots=True)
class Extract:
    """What was found about one person, the newest first; `numbers` are the person's own."""

    numbers: tuple[str, ...]
    first: str
    last: str
    lines: tuple[Line, ...]
    made: datetime
