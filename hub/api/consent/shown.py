"""What the log says was shown of answers and blocks: references, by whom they concern.

Source: HSLF-FS 2016:40 4 kap. 9 §; hub/api/log.py.
"""

from collections import defaultdict
from collections.abc import Iterable

from hub.audit.record import Shown


def shown_of(kind: str, found: Iterable[tuple[str, str]]) -> tuple[Shown, ...]:
    """Return references to resources of a type, given as organisation and id."""
    by_owner: dict[str, list[str]] = defaultdict(list)
    for organisation, number in found:
        by_owner[organisation].append(f"{kind}/{number}")
    return tuple(Shown(each, None, tuple(refs)) for each, refs in sorted(by_owner.items()))
