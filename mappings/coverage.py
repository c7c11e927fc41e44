"""Which source paths a table knows: what it takes, what it leaves out, and what is beyond both.

Source: DESIGN P6; INTERFACES (a receipt's `unmapped` names source paths without values).
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias, cast

from mappings.paths import TEXT, Node, is_missing

Known: TypeAlias = dict[str, "Known"]

LEAF = ""  # the element's own text is known
ALL = "*"  # everything below is known


def learn(known: Known, names: Iterable[str], takes: Iterable[str] = (LEAF,)) -> None:
    """Add to `known` a path and what is taken below it (relative paths, LEAF or ALL)."""
    for name in names:
        known = known.setdefault(name, {})
    for relative in takes:
        at = known
        for name in relative.split("/"):
            at = at.setdefault(name, {})
        if relative not in {LEAF, ALL}:
            at.setdefault(LEAF, {})


def covers(known: Known, path: str) -> bool:
    """Tell whether a leaf at `path` (a/b/c) is taken or left out."""
    for name in path.split("/"):
        if ALL in known:
            return True
        below = known.get(name)
        if below is None:
            return False
        known = below
    return LEAF in known or ALL in known


def missing(known: Known, leaves: Iterable[str]) -> list[str]:
    """Return those of a contract's leaf paths that a table neither takes nor leaves out."""
    return [path for path in leaves if not covers(known, path)]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a table knows of an element's children, laid out so that a record is checked fast."""

    everything: bool
    leaf: bool
    children: Mapping[str, "Outline"]
    names: AbstractSet[str]
    branches: frozenset[str]


def outline(known: Known) -> Outline:
    """Return the outline of what is known: made once, when the table is compiled.

    An element that may stand within itself is known by the same outline at every depth.
    """
    return _outline(known, {})


def _outline(known: Known, made: dict[int, Outline]) -> Outline:
    if id(known) in made:
        return made[id(known)]
    children: dict[str, Outline] = {}
    found = made[id(known)] = Outline(
        ALL in known,
        LEAF in known,
        children,
        known.keys() - {LEAF, ALL} | ({TEXT} if LEAF in known else set()),
        frozenset(
            name
            for name, below in known.items()
            if name not in {LEAF, ALL} and not (LEAF in below or ALL in below)
        ),
    )
    for name, below in known.items():
        if name not in {LEAF, ALL}:
            children[name] = _outline(below, made)
    return found


def beyond(tree: Node, known: Outline) -> list[str]:
    """Return the paths in a record that hold something and that the table does not know."""
    found: dict[str, None] = {}
    _visit(tree, known, "", found)
    return list(found)


def _visit(node: Node, known: Outline, prefix: str, found: dict[str, None]) -> None:
    if not known.names >= node.keys():
        for name in node.keys() - known.names:
            if not is_missing(node[name]):
                found[prefix + name] = None
    children, branches = known.children, known.branches
    for name, value in node.items():
        if type(value) is str:
            if name in branches and not is_missing(value):
                found[prefix + name] = None
            continue
        below = children.get(name)
        if below is None or below.everything:
            continue
        for each in value if type(value) is list else (value,):
            if not isinstance(each, str):
                _visit(cast("Node", each), below, f"{prefix}{name}/", found)
            elif name in branches and not is_missing(each):
                found[prefix + name] = None
