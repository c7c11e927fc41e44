"""Which of a log's keys signed what: from a key that is trusted along the handovers to the others.

Source: docs/log-keys.md; hub/audit/handover.py says how a key hands over. The standard library,
`cryptography` and hub/audit/verify*.py alone. Trust goes forward from a key to the one that its
last checkpoint names, and back from a key to the one whose last checkpoint it signed too. It does
not go forward from a key that was lost or stolen: whoever has it can name another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.audit.verify import Key, parse_key
from hub.audit.verify_note import Opened, opened


class Untrusted(ValueError):
    """The keys do not follow from the one that is trusted, or not from one another."""


@dataclass(frozen=True, slots=True)
class Line:
    """A log's keys, oldest first, and the last checkpoint of each but the one that signs now."""

    keys: tuple[Key, ...]
    lasts: tuple[Opened, ...] = ()

    def last_of(self, key: Key) -> Opened | None:
        """Return the last checkpoint of a key; None of the one that signs now.

        Raises:
            Untrusted: it is none of the log's.
        """
        if key not in self.keys:
            raise Untrusted("the key is none of the log's, as far as the file says")
        place = self.keys.index(key)
        return self.lasts[place] if place < len(self.lasts) else None


def line_of(held: Mapping[str, Any], signer: Key, trusted: Key | None) -> Line:
    """Return the keys that a file or a proof holds, the last of which is `signer`.

    Raises:
        Untrusted: a handover is missing, not signed by both keys, or out of order; or nothing leads
            from the trusted key to the signer's.
    """
    keys = tuple(parse_key(each) for each in held.get("keys", ())) or (signer,)
    notes = list(held.get("handovers", ()))
    if len(set(keys)) != len(notes) + 1 or keys[-1] != signer:
        raise Untrusted("a key of the log's has no handover to it, or is named twice")
    lasts = tuple(_last(note, *keys[n : n + 2]) for n, note in enumerate(notes))
    sizes = [each.size for each in lasts]
    if sizes != sorted(set(sizes)):
        raise Untrusted("the handovers are not in the order of the log")
    line = Line(keys, lasts)
    if trusted is None or trusted == signer:
        return line
    if trusted not in keys:
        raise Untrusted(
            "the file is another log's than the key that was given, or a handover lacks"
        )
    for each in lasts[keys.index(trusted) :]:
        if each.ended is not None:
            raise Untrusted(
                f"the key that was given, or one after it, was {each.ended}: verify with the"
                " newest, from whoever holds the log"
            )
    return line


def _last(note: str, old: Key, new: Key) -> Opened:
    by_new, by_old = opened(note, new), opened(note, old)
    if by_new is None or by_new.successor is None or parse_key(by_new.successor) != new:
        raise Untrusted("a handover is not one to the key that follows")
    if by_old is None and by_new.ended != "lost":
        raise Untrusted("a handover is not signed by the key that hands over")
    return by_new
