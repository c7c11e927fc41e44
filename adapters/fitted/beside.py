"""What stands in an export beside its persons: of no person, and not kept.

Source: DESIGN P6, SVOD 1:3. It is counted, so that a system manager sees what was left.
"""

from collections import Counter
from collections.abc import Iterator

from adapters.document import Note
from adapters.fitted.scope import counted
from mappings.source_node import SourceNode
from mappings.source_path import Path
from mappings.source_profile import SourceProfile


def absolute_paths(profile: SourceProfile) -> list[Path]:
    """Return the paths by which a profile looks for something outside the persons."""
    expressions = [
        expression
        for fit in (profile.person, *profile.records)
        for expression in (*fit.header.values(), *fit.fields.values())
    ]
    expressions += [each for case in profile.cases for each in case.header.values()]
    expressions += [profile.system] if profile.system else []
    return [path for each in expressions for path in each.every_path() if path.absolute]


def beside(top: SourceNode, persons: list[SourceNode], profile: SourceProfile) -> Iterator[Note]:
    """Say what stands outside the persons: it is of no person, and it is not kept."""
    counts: Counter[str] = Counter()
    known: set[SourceNode] = set(persons)
    for rule in profile.withhold:
        for node in rule.each.nodes(top, top) if rule.each.absolute else ():
            if rule.when is None or rule.when.holds(node, top):
                counts[rule.reason] += 1
                known.add(node)
    if profile.organisations is not None:
        known.update(profile.organisations.each.nodes(top, top))
    known.update(
        node for path in absolute_paths(profile) for node in path.nodes(top, top) if node is not top
    )
    for left in profile.left_out:
        if left.path.absolute and left.path.attribute is None:
            known.update(left.path.nodes(top, top))
    for why, number in sorted(counts.items()):
        yield counted(why, number, top.name)
    unknown = Counter(_unknown(top, known))
    for path, number in unknown.items():
        yield counted("undescribed", number, f"{top.name}/{path}")


def _unknown(top: SourceNode, known: set[SourceNode]) -> Iterator[str]:
    around = {each for node in known for each in node.ancestors()}
    waiting = list(top.children)
    while waiting:
        node = waiting.pop()
        if node in around and node not in known:
            waiting.extend(node.children)
        elif node not in known and any(n.attributes or n.text for n in node.walk()):
            yield node.path_from(top)
