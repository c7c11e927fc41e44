"""A record's body as a tree of local names, in one walk.

Both spellings of a misspelt name give the same key (contracts.SPELLINGS). Text and base64 stand as
they were written; an element that is xsi:nil is as if it were empty.
"""

from collections.abc import Iterator
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


def build(
    element: etree._Element, given: str = "", tree: Tree | None = None, *, attributes: bool = True
) -> Tree:
    """Return the tree below an element; repeated elements become lists.

    Elements that say nothing (empty, "?" or without such that do) are left out. `tree` stands for
    the child of the name `given`, where that has been built before. Without `attributes`, none is
    looked for (see has_attributes).
    """
    if tree is None:
        below = element.iter()
        next(below)
        return _fill(below, len(element), attributes=attributes)
    made = Tree()
    for child in element:
        name = local(child.tag)
        if name == given:
            if attributes and child.attrib:
                _attributes(child, tree)
            _add(made, name, tree)
            continue
        for found, value in _fill(child.iter(), 1, attributes=attributes).items():
            _add(made, found, cast("str | Tree", value))
    return made


def has_attributes(element: etree._Element) -> bool:
    """Tell whether anything below an element has an attribute: few messages have any."""
    return bool(_ANY_ATTRIBUTE(element))


_ANY_ATTRIBUTE = etree.XPath("boolean(.//*/@*)")


def _fill(following: Iterator[etree._Element], left: int, *, attributes: bool) -> Tree:
    """Return the tree of the next `left` elements with what is below them, taken in one pass.

    Each element is met once, in the document's order; its number of children says how many of the
    following are below it. (To iterate over the children of each element costs three times that.)
    """
    made = Tree()
    names = _names
    value: str | Tree | None
    if not left:
        return made
    for child in following:
        count = len(child)
        if count:
            value = _fill(following, count, attributes=attributes)
            if attributes and child.attrib:
                _attributes(child, value)
        else:
            value = child.text
            if attributes and child.attrib:
                value = _leaf(child)
        if value and value != "?":
            tag = child.tag
            name = names.get(tag) or local(tag)
            if name in made:
                _add(made, name, value)
            else:
                made[name] = value
        left -= 1
        if not left:
            break
    return made


def _add(made: Tree, name: str, value: str | Tree) -> None:
    if not value:
        return
    found = made.get(name)
    if found is None:
        made[name] = value
    elif type(found) is list:
        found.append(value)
    else:
        made[name] = [cast("str | Tree", found), value]


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
