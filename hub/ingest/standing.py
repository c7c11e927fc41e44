"""Records that must not take the place of what stands: it is newer than they are.

Source: rivta.md §7.7 (the same record from two versions of a contract: the newer contract's is
kept); DESIGN P6 (a retry brings in what was received before what stands).
"""

import re
from collections.abc import Iterable
from datetime import datetime

from adapters.document import Note
from hub.ingest.mapping import Ready
from hub.store.instant import micros
from hub.store.standing import Stands

_CONTRACT = re.compile(r"(\S+) (\d+)\.(\d+)")

NEWER_CONTRACT = (
    "newer-contract",
    "the record stands as a newer version of the contract gave it, and is left so",
)
NEWER_DELIVERY = (
    "newer-delivery",
    "the record has been changed or withdrawn since this part was received, and is left so",
)


NEWER_EXPORT = (
    "newer-export",
    "the record stands as an export of a later time gave it, and is left so",
)


def passed_over(
    ready: Iterable[Ready],
    stands: dict[str, Stands],
    contract: str | None,
    waiting_since: datetime | None,
    as_of: datetime | None = None,
) -> dict[str, Note]:
    """Return the records, by their key, that are left as they stand, and why.

    `as_of` is of when the delivery says that it is.
    """
    found: dict[str, Note] = {}
    for each in ready:
        known = stands.get(each.ids.record)
        if known is None:
            continue
        why = None
        if any(_newer(other, contract) for other in known.contracts):
            why = NEWER_CONTRACT
        elif waiting_since is not None and (
            known.withdrawn or known.received > micros(waiting_since)
        ):
            why = NEWER_DELIVERY
        elif as_of is not None and known.as_of is not None and known.as_of > micros(as_of):
            why = NEWER_EXPORT
        if why is not None:
            found[each.ids.record] = Note("information", why[0], each.record.path, why[1])
    return found


def _newer(other: str, contract: str | None) -> bool:
    """Tell whether `other` is a later version of the same operation."""
    theirs, ours = _CONTRACT.fullmatch(other), _CONTRACT.fullmatch(contract or "")
    if theirs is None or ours is None or theirs[1] != ours[1]:
        return False
    return (int(theirs[2]), int(theirs[3])) > (int(ours[2]), int(ours[3]))
