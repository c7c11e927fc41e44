"""The operations that several sections are about, as sets."""

from consent.facts import READING, Operation

SEARCH = frozenset({Operation.SEARCH})
STAFFS = READING | SEARCH | {Operation.REQUEST_LIFT}
"""What staff do, and what is asked of staff for it: log-in, assignment, part in the care."""
