"""What a decision says: the outcome, the rungs, the sections that decided, and what is owed."""

from dataclasses import dataclass
from enum import StrEnum

from consent.section import Opens


class Outcome(StrEnum):
    """`deny` is the same to the reader as if the item did not exist."""

    PERMIT = "permit"
    METADATA = "metadata"
    DENY = "deny"


class Obligation(StrEnum):
    """What a decision obliges the hub, or the reader, to do (law.md §5.3)."""

    LOG = "LOG"
    ASK_CONSENT = "ASK_CONSENT"
    PROMPT_ACTIVE_CHOICE = "PROMPT_ACTIVE_CHOICE"
    SHOW_B0 = "SHOW_B0"
    REQUEST_LIFT = "REQUEST_LIFT"
    RECORD_ASSESSMENT = "RECORD_ASSESSMENT"
    NOTIFY_LOG_REVIEW = "NOTIFY_LOG_REVIEW"
    MASK_IDENTITY = "MASK_IDENTITY"
    REQUEST_MANUAL_DISCLOSURE = "REQUEST_MANUAL_DISCLOSURE"
    REEVALUATE_EACH_FETCH = "REEVALUATE_EACH_FETCH"
    NO_CACHE_BEYOND_SESSION = "NO_CACHE_BEYOND_SESSION"


@dataclass(frozen=True, slots=True)
class Decision:
    """The law's answer for one item.

    `basis` are the sections that decide it; a decision may cite more than one. With `errors` the
    outcome is always deny. Each condition that was tried is in `consent.trail`.
    """

    outcome: Outcome
    rungs: frozenset[Opens]
    basis: tuple[str, ...]
    obligations: frozenset[Obligation]
    law: str
    masked: frozenset[str] = frozenset()
    errors: tuple[str, ...] = ()
