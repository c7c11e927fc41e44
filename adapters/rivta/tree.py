"""A record's body as a tree of local names, in one walk.

Both spellings of a misspelt name give the same key (contracts.SPELLINGS). Text and base64 stand as
they were written; an element that is xsi:nil is as if it were empty.
"""

from typing import cast

from lxml import etree

from adapters.document import Tree
from adapters.rivta.contracts import SPELLINGS

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_names: dict[str, str] = {}


def local(tag: object) -> str:
    """Return an element's local name in its one spelling."""
    found = _names.get(cast("str", tag))
    if found is None:
        name = str(tag).rpartition("}")[2]
        found = SPELLINGS.get(name, name)
        if len(_names) < 10_000:  # noqa: PLR2004 - strangers choose names: the cache has a limit
            _names[str(tag)] = found
    return found


def build(element: etree._Element, given: str = "", tree: Tree | None = None) -> Tree:
    """Return the tree below an element; repeated elements become lists.

    Elements that say nothing (empty, "?" or without such that do) are left out. `tree` stands for
    the child of the name `given`, where that has been built before.
    """
    made = Tree()
    names = _names
    value: str | Tree | None
    for child in element:
        if len(child):
            name = names.get(child.tag) or local(child.tag)
            value = tree if tree is not None and name == given else build(child)
            if child.attrib:
                _attributes(child, value)
        else:
            value = child.text
            if child.attrib:
                value = _leaf(child)
            if value == "?":
                continue
            name = names.get(child.tag) or local(child.tag)
        if not value:
            continue
        if name in made:
            found = made[name]
            if type(found) is list:
                found.append(value)
            else:
                made[name] = [cast("str | Tree", found), value]
        else:
            made[name] = value
    return made


def _leaf(element: etree._Element) -> str | Tree:
    tree = Tree()
    _attributes(element, tree)
    text = element.text or ""
    if not tree:
        return text
    tree["#text"] = text
    return tree


def _attributes(element: etree._Element, tree: Tree) -> None:
    for name, value in element.attrib.items():
        if not str(name).startswith(_XSI):
            tree[f"@{local(name)}"] = str(value)
