"""XML elements as the nodes that a profile's paths walk."""

from lxml import etree

from mappings.source_node import SourceNode


def node_of(element: etree._Element, parent: SourceNode | None = None) -> SourceNode:
    """Return the node of an element and of everything within it, without namespaces."""
    node = SourceNode(
        name=local_name(element.tag),
        attributes={local_name(name): value for name, value in text_attributes(element)},
        text=own_text(element),
        parent=parent,
        origin=element,
    )
    node.children = [node_of(child, node) for child in element if isinstance(child.tag, str)]
    return node


def shell_of(around: list[etree._Element]) -> dict[etree._Element, SourceNode]:
    """Return the nodes of the elements around another (the nearest first), each with the next."""
    made: dict[etree._Element, SourceNode] = {}
    parent: SourceNode | None = None
    for element in reversed(around):
        attributes = {local_name(name): value for name, value in text_attributes(element)}
        node = SourceNode(local_name(element.tag), attributes, parent=parent, origin=element)
        if parent is not None:
            parent.children = [node]
        made[element] = parent = node
    return made


def local_name(tag: object) -> str:
    """Return a tag's or attribute's name without its namespace."""
    return str(tag).rpartition("}")[2]


def text_attributes(element: etree._Element) -> list[tuple[str, str]]:
    """Return an element's attributes as text."""
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def own_text(element: etree._Element) -> str:
    """Return the text of an element that is its own and not that of the elements within it."""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join(piece.strip() for piece in pieces if piece.strip())
