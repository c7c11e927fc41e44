"""The operations that several sections are about, as sets."""

from consent.facts import READING, Operation

SEARCH = frozenset({Operation.SEARCH})
MAKING = frozenset({Operation.MAKE_AVAILABLE})
REACHING = READING | {Operation.REQUEST_LIFT}
"""What presupposes that the item is within reach at all: what is not, must not be revealed."""
STAFFS = REACHING | SEARCH
"""What staff do, and what is asked of staff for it: log-in, assignment, part in the care."""
