"""A first answer and those that follow it by hasMore, put together as one.

Source: rivta.md §4.1: the newest come first; what is left is asked for by direct addressing with a
reference; a record may stand in two answers, and then the newest is right. What could not be
fetched keeps its hasMore, so that the whole still says that it lacks something.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from adapters.document import Unreadable
from adapters.hardened_xml import MEGABYTE, parse
from adapters.rivta.contracts import BY_ANSWER, Contract
from adapters.rivta.envelope import name_of, open_message, read_result
from adapters.rivta.parts import record_elements
from adapters.rivta.tree import build, local
from mappings.paths import child, leaf

CONTINUED = frozenset({"GetCareDocumentation 3.0"})
"""Contracts whose question has a place for the reference of a hasMore."""
MOST_ANSWERS = 5000
LARGEST = 48 * MEGABYTE
"""So much is put together: what is larger than 64 MB is not read, and what is left out is told."""
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class More:
    """Where the rest of an answer is."""

    address: str
    reference: str


Fetch = Callable[[More], bytes | None]
"""Return the answer that a hasMore leads to; None when it cannot be had."""


def gathered(content: bytes, contract: Contract, fetch: Fetch) -> bytes:
    """Return an answer with everything that its hasMore lead to; as it came where there is none."""
    if contract.name not in CONTINUED:
        return content
    root, answer = _opened(content, contract)
    if root is None or answer is None or not _pointers(answer):
        return content
    seen: set[More] = set()
    waiting = _pointers(answer)
    # The records come first in the schema; the rest stands before result and hasMore as well.
    position = sum(1 for _ in record_elements(answer, contract))
    size = len(content)
    while waiting and len(seen) < MOST_ANSWERS and size < LARGEST:
        element, more = waiting.pop(0)
        if more in seen:
            _remove(element)
            continue
        seen.add(more)
        found = fetch(more)
        following = None if found is None else _opened(found, contract)[1]
        if following is None or read_result(following).code == "ERROR":
            continue
        size += len(found or b"")
        _remove(element)
        pointers = _pointers(following)
        for each in record_elements(following, contract):
            answer.insert(position, each)
            position += 1
        for each, _ in pointers:
            answer.append(each)
        waiting += pointers
    _newest_only(answer, contract)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _opened(
    content: bytes, contract: Contract
) -> tuple[etree._Element | None, etree._Element | None]:
    try:
        root = parse(content)
        payload = open_message(root).payload
    except Unreadable:
        return None, None
    if payload is None or BY_ANSWER.get(name_of(payload)) is not contract:
        return None, None
    return root, payload


def _pointers(answer: etree._Element) -> list[tuple[etree._Element, More]]:
    """Return the hasMore elements that say where to go on."""
    found = []
    for element in answer:
        if local(element.tag).lower() != "hasmore":
            continue
        tree = build(element)
        address, reference = leaf(tree, "logicalAddress"), leaf(tree, "reference")
        if address and reference and max(len(address), len(reference)) <= LONGEST:
            found.append((element, More(address, reference)))
    return found


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _newest_only(answer: etree._Element, contract: Contract) -> None:
    """Leave of each record the one with the latest time; the first of two that have the same."""
    newest: dict[tuple[str, str], tuple[str, etree._Element]] = {}
    for element in record_elements(answer, contract):
        header = child(build(element), contract.header)
        record = child(header, "record")
        number = child(record, "id")
        if number is None:
            continue
        key = (repr(number), repr(child(header, "sourceSystemId")))
        found = (leaf(record, "timestamp") or "", element)
        before = newest.get(key)
        if before is None:
            newest[key] = found
            continue
        later, earlier = (found, before) if found[0] > before[0] else (before, found)
        newest[key] = later
        _remove(earlier[1])
