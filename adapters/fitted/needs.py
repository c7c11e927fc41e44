"""Which need a goal answers to, where the source tells it by the same ICF code in the same case.

Source: reference/sol.md §1.2 (IBIC: need, intended level, goal and result share the code).
"""

from collections.abc import Iterable

from adapters.document import Tree
from adapters.fitted.reading import Reading
from adapters.fitted.scope import Placed


class Needs:
    """The needs of a person's investigations, each with a key that nothing else of theirs has."""

    def __init__(self, reading: Reading, placed: Iterable[Placed]) -> None:
        self.keys: dict[tuple[int, str], str] = {}
        for each in placed:
            if each.fit.concept == "investigation":
                tree = reading.tree(each.fit, each.node)
                for need in _groups(tree, "need"):
                    code = need.get("icf")
                    if isinstance(code, str):
                        # The case's last investigation counts.
                        self.keys[_case(each), code] = _key(tree, need)

    def linked(self, placed: Placed, tree: Tree) -> Tree:
        """Return the tree with keys on needs, and on goals the need that they answer to."""
        for need in _groups(tree, "need") if placed.fit.concept == "investigation" else ():
            need["key"] = _key(tree, need)
        for goal in _groups(tree, "goal"):
            code = goal.get("icf")
            key = self.keys.get((_case(placed), code)) if isinstance(code, str) else None
            if key is not None:
                goal.setdefault("need", key)
        return tree


def _case(placed: Placed) -> int:
    return 0 if placed.case is None else id(placed.case.node)


def _groups(tree: Tree, name: str) -> list[Tree]:
    found = tree.get(name)
    return [each for each in found if isinstance(each, Tree)] if isinstance(found, list) else []


def _key(tree: Tree, need: Tree) -> str:
    own = need.get("id")
    if isinstance(own, str):
        return own
    told = next((str(need[n]) for n in ("icf", "local", "name") if n in need), "")
    return f"{tree.get('id', '')}/{told}"
