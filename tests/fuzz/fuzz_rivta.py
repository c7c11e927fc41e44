"""Mutated RIV-TA messages through adapter and tables: no crash, no lost record, nothing invalid.

Source: DESIGN P6. What cannot be read is told by Unreadable; every record element stands in a part
or is told of in a note; every mapped resource passes the table check.
"""

import hashlib
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from lxml import etree

from adapters.document import Record, Unreadable
from adapters.rivta import ADAPTER
from hub.fhir.check import check
from mappings import tables
from mappings.engine import Context

MESSAGES = Path(__file__).parents[1] / "adapters" / "rivta" / "messages"
_VALUES = (
    "",
    "?",
    "0",
    "N/A",
    "-1",
    "9" * 400,
    "1e999",
    "20240230",
    "2024103102300",
    "<",
    "\u202e",
)


def messages() -> list[bytes]:
    """Return the messages that mutations begin from."""
    return [path.read_bytes() for path in sorted(MESSAGES.glob("*.xml"))]


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Return a message with one to four things done to it."""
    for _ in range(chance.randint(1, 4)):
        content = chance.choice((_bytes, _truncated, _tree, _tree, _tree, _tree))(content, chance)
    return content


def _bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _truncated(content: bytes, chance: random.Random) -> bytes:
    return content if chance.random() < 0.8 else content[: chance.randrange(len(content) + 1)]


def _tree(content: bytes, chance: random.Random) -> bytes:
    """Return the message with an element removed, doubled, moved, renamed or of another value."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return content
    below = [each for each in root.iter() if isinstance(each.tag, str) and each is not root]
    if not below:
        return content
    one, other = chance.choice(below), chance.choice(below)
    parent = one.getparent()
    done = chance.randrange(6)
    if done == 0 and parent is not None:
        parent.remove(one)
    elif done == 1 and parent is not None:
        parent.append(deepcopy(one))
    elif done == 2:
        other.append(deepcopy(one))
    elif done == 3:
        one.tag = f"{{urn:other:{chance.randrange(3)}}}{etree.QName(one).localname}"
    else:
        one.text = chance.choice(_VALUES)
    encoding = chance.choice(("utf-8", "utf-8", "utf-16", "iso-8859-1"))
    return etree.tostring(root, encoding=encoding, xml_declaration=True)


def feed(content: bytes) -> None:
    """Take a message through adapter and tables as far as it goes.

    Raises:
        AssertionError: something is lost or invalid. Any other error is a crash.
    """
    try:
        delivery = ADAPTER.read(content, "fuzzed.xml", None)
        parts = list(delivery.parts())
    except Unreadable:
        return
    assert parts or delivery.notes
    for part in parts:
        assert part.raw
        assert part.records or part.notes
        if part.person is None:
            assert part.notes
            continue
        for record in part.records:
            for resource in (
                tables.load(record.table).map(record.body(), _context(record)).resources
            ):
                wrong = [each for each in check(resource) if each.severity == "error"]
                assert not wrong, wrong[:3]


def _context(record: Record) -> Context:
    def mint(kind: str, place: str) -> str:
        return hashlib.sha256(f"{record.path}|{kind}|{place}".encode()).hexdigest()[:40]

    return Context("Patient/p1", mint, "urn:samvy:source:fuzz:x", "urn:samvy:source:fuzz")


def mutations(seed: int) -> Iterator[bytes]:
    """Yield mutated messages without end, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    known = messages()
    while True:
        yield mutate(chance.choice(known), chance)
