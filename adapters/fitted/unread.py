"""What nobody reads of a person beside their records and cases: not known to be in scope, not kept.

A row or an element that is read for the person (their number, their address) may hold more than
what is read. Within a record or a case that is in scope all is of it; beside them nothing says so.

Source: DESIGN P6, SVOD 1:1.
"""

from collections.abc import Iterator

from adapters.fitted.scope import Verdict
from mappings.source_node import TEXT, SourceNode
from mappings.source_profile import SourceProfile


def forget_unread(person: SourceNode, verdict: Verdict, profile: SourceProfile) -> list[SourceNode]:
    """Take it out of a person's tree, once all has been read; return where it was taken from."""
    whole = {placed.node for placed in verdict.records} | set(verdict.cases)
    for rule in profile.left_out:
        if rule.path.attribute is None:
            whole.update(rule.path.nodes(person, person))
    changed: list[SourceNode] = []
    for node in _beside(person, whole):
        unread = [name for name in node.attributes if name not in node.used]
        for name in unread:
            del node.attributes[name]
        if node.text and TEXT not in node.used:
            node.text, node.mixed = "", None
            unread.append(TEXT)
        if unread:
            changed.append(node)
    return changed


def _beside(person: SourceNode, whole: set[SourceNode]) -> Iterator[SourceNode]:
    waiting = [person]
    while waiting:
        node = waiting.pop()
        if node not in whole:
            yield node
            waiting.extend(node.children)
