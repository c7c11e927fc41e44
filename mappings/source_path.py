"""Paths in a source profile: a small grammar that reads the same in XML, JSON and tables.

    Insats/@typ        the attribute typ of the element Insats within
    @typ               an attribute (in JSON and tables: a key or column)
    .                  the text of the element itself
    ../@omrade         of the element around
    /Organisation/@id  from the top of the document
    **/Anteckning      at any depth
    Insats[@typ='X']   only where the attribute, or an element's text without @, is X

    @{Beslut från}     a name with blanks or signs in it stands within braces
    @3                 the third column of a file without a header

    hs:Anteckning      of XML, only with this prefix

Names without a prefix are compared without prefixes. Where no element has the last name but the
place has an attribute (a key, a column) of that name, it is taken: `Beslut/datum` is then
`Beslut/@datum`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mappings.source_node import SourceNode

_STEP = re.compile(
    r"(?:(?P<prefix>\w[\w.\-]*):(?!:))?(?P<name>\*\*|\*|\.\.|\.|@?\w[\w.\-]*|@?\{[^{}]+\})"
    r"(?:\[(?P<key>@?\w[\w.\-]*|@?\{[^{}]+\})=(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")\])?"
)


class BadPath(ValueError):
    """A path that does not follow the grammar; says which and how it may look."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"the path {path!r} cannot be read; write it like Beslut/Insats/@typ, ../@id, . "
            "or Organisation[@typ='X']/@id, and a name with blanks like @{Beslut från}"
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a name, and what an attribute or child must be for it to count."""

    name: str
    key: str | None = None
    value: str | None = None
    prefix: str | None = None

    def admits(self, node: SourceNode) -> bool:
        """Tell whether the node has this step's name and fulfils its condition."""
        if self.name not in ("*", node.name) or self.prefix not in (None, node.prefix):
            return False
        if self.key is None:
            return True
        if self.key.startswith("@"):
            name = self.key[1:]
            node.used.add(name)
            return node.attributes.get(name, "").strip() == self.value
        if self.key in node.attributes and not any(c.name == self.key for c in node.children):
            node.used.add(self.key)
            return node.attributes[self.key].strip() == self.value
        return any(
            child.name == self.key and child.text.strip() == self.value for child in node.children
        )


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path; the leaf is an attribute name, TEXT, or None when it ends at an element."""

    written: str
    absolute: bool
    steps: tuple[Step, ...]
    attribute: str | None = None

    def nodes(self, at: SourceNode, top: SourceNode) -> Iterator[SourceNode]:
        """Yield the elements that the steps lead to from `at`, or from `top` when absolute."""
        found: Iterable[SourceNode] = (top if self.absolute else at,)
        for step in self.steps:
            found = _take(found, step)
        yield from found

    def values(self, at: SourceNode, top: SourceNode) -> Iterator[str]:
        """Yield the non-empty values that the path leads to, and mark them as used."""
        if not self.steps and not self.absolute and self.attribute is not None:
            # Nine paths of ten are an attribute of the place itself.
            at.used.add(self.attribute)
            own = at.attributes.get(self.attribute, "").strip()
            if own:
                yield own
            return
        found = False
        for node in self.nodes(at, top):
            found = True
            if self.attribute is not None:
                node.used.add(self.attribute)
                value = node.attributes.get(self.attribute, "").strip()
            else:
                value = node.said(within=self._names_an_element())
            if value:
                yield value
        if not found and self.attribute is None:
            yield from self._as_attribute(at, top)

    def _names_an_element(self) -> bool:
        return bool(self.steps) and self.steps[-1].name not in (".", "..", "**")

    def _as_attribute(self, at: SourceNode, top: SourceNode) -> Iterator[str]:
        last = self.steps[-1] if self.steps else None
        if last is None or last.key is not None or last.name in ("*", "**", ".", ".."):
            return
        around: Iterable[SourceNode] = (top if self.absolute else at,)
        for step in self.steps[:-1]:
            around = _take(around, step)
        for node in around:
            if last.name in node.attributes:
                node.used.add(last.name)
                value = node.attributes[last.name].strip()
                if value:
                    yield value


def _take(nodes: Iterable[SourceNode], step: Step) -> Iterator[SourceNode]:
    for node in nodes:
        if step.name == ".":
            yield node
        elif step.name == "..":
            if node.parent is not None:
                yield node.parent
        elif step.name == "**":
            yield from node.walk()
        else:
            yield from (child for child in node.children if step.admits(child))


def _bare(name: str) -> str:
    return name.replace("{", "", 1).removesuffix("}") if "{" in name else name


def compile_path(written: str) -> Path:
    """Return the compiled form of a path.

    Raises:
        BadPath: it does not follow the grammar.
    """
    text = written.strip()
    absolute = text.startswith("/")
    steps: list[Step] = []
    attribute: str | None = None
    rest = text[1:] if absolute else text
    while rest:
        match = _STEP.match(rest)
        if match is None or attribute is not None:
            raise BadPath(written)
        rest = rest[match.end() :]
        if rest:
            if not rest.startswith("/") or rest == "/":
                raise BadPath(written)
            rest = rest[1:]
        name, key = _bare(match["name"]), match["key"] and _bare(match["key"])
        if name.startswith("@"):
            if key is not None:
                raise BadPath(written)
            attribute = name[1:]
            continue
        value = match["single"] if match["single"] is not None else match["double"]
        steps.append(Step(name, key, value, match["prefix"]))
    if not steps and attribute is None:
        raise BadPath(written)
    return Path(written, absolute, tuple(steps), attribute)
