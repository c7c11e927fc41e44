"""Damaged RIV-TA texts read the quick way and the long one: both must give the same.

A message of known forms is not parsed (adapters/rivta/known_message.py). Whatever is done to its
text, it is then known only where a parse of it gives just that.
"""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

from fuzz_rivta import messages

from adapters.rivta import forms, known_message
from mappings.forms import Forms
from tests.adapters.rivta.rivta_support import outcome

_SIGNS = (
    *("<", ">", "&", "]", "]]>", "-->", "<!--", "<![CDATA[", "<!DOCTYPE a>", "/>", "?", " ", "\n"),
    *("\r", "\0", "\1", "\x1f", "\uffff", "&#65;", "&#63;", "&#xA0;", "&#0;", "&gt", "&nbsp;"),
    *("<!-- a -->", "<!---->", "<!-- > -->", "<!--<a>-->", "<!-- a -- b -->", "<!-- a --->"),
    *("<![CDATA[ b ]]>", "<![CDATA[ ]]>", "<![CDATA[<!--]]>", "<![CDATA[&]]>", "<?p a?>", " a='>'"),
    *("0", "N/A", "true", "ERROR", "20241027023000", "a > b", "2,5", "??"),
)
_VALUE = re.compile(rb">([^<>]+)</")
_EDGE = re.compile(rb"[<>]")


def texts(seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield messages, each with a damaged one like it, without end."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    known = messages()
    while True:
        whole = chance.choice(known)
        for _ in range(6):
            damaged = whole
            for _ in range(chance.randint(1, 3)):
                damaged = _damaged(damaged, chance)
            yield whole, damaged


def _damaged(content: bytes, chance: random.Random) -> bytes:
    sign = chance.choice(_SIGNS).encode()
    values = list(_VALUE.finditer(content))
    edges = [each.start() + chance.randrange(2) for each in _EDGE.finditer(content)]
    done = chance.randrange(5)
    if done == 0 and values:
        one = chance.choice(values)
        return content[: one.start(1)] + sign + content[one.end(1) :]
    if done == 1 and edges:
        at = chance.choice(edges)
        return content[:at] + sign + content[at:]
    at = chance.randrange(len(content) + 1)
    if done == 2:
        return content[:at] + content[at + chance.randrange(40) :]
    if done == 3:
        return content.replace(b"\n", chance.choice((b"\r\n", b"\n<!-- a -->", b" ")))
    return content[:at] + sign + content[at + chance.randrange(2) :]


class BothWays:
    """A process that knows forms, and one that does not."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._forms: Forms[forms.RecordForm] = Forms(after=1, most=5000)
        self._known: dict[str, known_message._Outside] = {}
        self.quick = 0

    def agree(self, whole: bytes, damaged: bytes) -> bool:
        """Tell whether a damaged message gives the same both ways; the whole one is learned."""
        with _knowing(self._forms, self._known):
            for _ in range(2):
                outcome(whole)
            self.quick += known_message.known_message(damaged) is not None
            found = outcome(damaged)
        with _knowing(Forms(after=10**9), {}):
            return found == outcome(damaged)


@contextmanager
def _knowing(
    found: Forms[forms.RecordForm], outlines: dict[str, known_message._Outside]
) -> Iterator[None]:
    before = forms.FORMS, known_message._KNOWN
    forms.FORMS, known_message._KNOWN = found, outlines
    try:
        yield
    finally:
        forms.FORMS, known_message._KNOWN = before
