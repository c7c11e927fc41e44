"""What of an export goes with one person's part: what the profile reads around them, no more.

An organisation's code often stands in the element around its clients, and its name in a list at the
top. What stands around persons is not known to be in scope: only what is read there is kept, and of
the listed organisations those that the person's own documentation names.

Source: DESIGN P6, SVOD 1:1.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mappings.source_expression import Condition, Expression
from mappings.source_node import TEXT, SourceNode
from mappings.source_path import Path, Step
from mappings.source_profile import RecordFit, SourceProfile


def every_path(profile: SourceProfile) -> Iterator[Path]:
    """Yield every path by which a profile reads something for a record, a case or a person."""
    fits: list[RecordFit] = [profile.person, *profile.records]
    for fit in fits:
        yield from _of((*fit.header.values(), *fit.fields.values()), fit.when)
        for group in (each for groups in fit.groups.values() for each in groups):
            yield group.each
            yield from _of(group.fields.values(), group.when)
    for case in profile.cases:
        yield from _of((case.id, case.area, *case.header.values()), None)
    for withheld in profile.withhold:
        yield from _of((), withheld.when)
    for rule in profile.rules:
        yield from _of((rule.value,), None)
    yield from _of([profile.system] if profile.system else (), None)


def _of(expressions: Iterable[Expression], condition: Condition | None) -> Iterator[Path]:
    for each in expressions:
        yield from each.every_path()
    while condition is not None:
        yield from (path for path, _ in condition.tests)
        condition = condition.also


def absolute_paths(profile: SourceProfile) -> list[Path]:
    """Return the paths by which a profile looks for something from the top of the export."""
    return [path for path in every_path(profile) if path.absolute]


def paths_around(profile: SourceProfile) -> list[Path]:
    """Return the paths by which a profile may look into what stands around persons.

    They are relative to any node around; those that lead to an attribute of it are not among them.
    """
    found: list[Path] = []
    for path in every_path(profile):
        names = [step.name for step in path.steps]
        if not path.absolute and ".." in names:
            down = path.steps[len(names) - names[::-1].index("..") :]
            if down:
                found.append(Path(path.written, absolute=False, steps=down))
    for step in profile.person.each.steps[:-1]:
        if step.key is not None and not step.key.startswith("@"):
            found += [Path(step.key, absolute=False, steps=(Step(step.key),))]
    return found


@dataclass(frozen=True, slots=True)
class Head:
    """What an export says beside its persons, and what of it goes with each of them.

    `always` goes with everybody; `holding` are the persons that are in the tree and what holds
    them, which never stand around another person.
    """

    always: tuple[SourceNode, ...]
    organisations: Mapping[SourceNode, str]
    dropped: frozenset[tuple[SourceNode, str]]
    around: Sequence[Path]
    holding: frozenset[SourceNode]


def head_of(top: SourceNode, persons: list[SourceNode], profile: SourceProfile) -> Head:
    """Return what of an export goes with the part of each person, or of those who name it."""
    # What changes every night would make every part a new one; what places are told by stays.
    told_by = {step.key for path in every_path(profile) for step in path.steps}
    dropped: set[tuple[SourceNode, str]] = set()
    for rule in profile.left_out:
        name = rule.path.attribute
        if rule.path.absolute and name is not None and f"@{name}" not in told_by:
            dropped |= {(node, name) for node in rule.path.nodes(top, top)}
    inside = {each for person in persons for each in person.walk()}
    always = dict.fromkeys(
        node
        for path in absolute_paths(profile)
        for node in path.nodes(top, top)
        if node is not top and node not in inside
    )
    holding = {each for person in persons for each in (person, *person.ancestors())}
    return Head(
        tuple(always),
        _listed(top, profile),
        frozenset(dropped),
        paths_around(profile),
        frozenset(holding),
    )


def _listed(top: SourceNode, profile: SourceProfile) -> dict[SourceNode, str]:
    fitted = profile.organisations
    if fitted is None:
        return {}
    return {node: fitted.id.find(node, top).value or "" for node in fitted.each.nodes(top, top)}


def copied(top: SourceNode, person: SourceNode, head: Head) -> tuple[SourceNode, SourceNode]:
    """Return a tree of its own for one person, with what goes with it."""
    named = _named(person)
    around = list(person.ancestors())
    # In an order that depends on nothing but the export: the bytes tell whether a part is new.
    wanted = dict.fromkeys(head.always)
    wanted |= dict.fromkeys(node for node, own in head.organisations.items() if own in named)
    for node in reversed(around):
        for path in head.around:
            wanted |= dict.fromkeys(
                found
                for found in path.nodes(node, top)
                if found is not person and found not in around and found not in head.holding
            )
    shells = {top: _shell(top, head)}
    for node in wanted:
        if not any(each in wanted for each in node.ancestors()):
            _graft(node, shells, head, whole=True)
    own = person if person is top else _graft(person, shells, head, whole=True)
    return (own if person is top else shells[top]), own


def _named(person: SourceNode) -> set[str]:
    """Return every value that stands in a person's documentation, and around it."""
    named = {value for node in person.walk() for value in (*node.attributes.values(), node.text)}
    return named | {value for node in person.ancestors() for value in node.attributes.values()}


def _graft(
    node: SourceNode, shells: dict[SourceNode, SourceNode], head: Head, *, whole: bool
) -> SourceNode:
    parent = node.parent
    if parent is not None and parent not in shells:
        shells[parent] = _graft(parent, shells, head, whole=False)
    made = _whole(node, head) if whole else _shell(node, head)
    if parent is not None:
        made.parent = shells[parent]
        shells[parent].children.append(made)
    return made


def _shell(node: SourceNode, head: Head) -> SourceNode:
    kept = {k: v for k, v in node.attributes.items() if (node, k) not in head.dropped}
    made = SourceNode(node.name, kept, used=set(node.used), origin=node.origin, prefix=node.prefix)
    made.purged = node.purged
    return made


def _whole(node: SourceNode, head: Head) -> SourceNode:
    made = _shell(node, head)
    made.text = node.text
    made.children = [_whole(child, head) for child in node.children]
    for child in made.children:
        child.parent = made
    if node.mixed is not None:
        of = dict(zip(node.children, made.children, strict=True))
        made.mixed = [each if isinstance(each, str) else of[each] for each in node.mixed]
    return made


def forget_around(top: SourceNode, person: SourceNode, profile: SourceProfile) -> None:
    """Take out, once all has been read, what nobody reads around a person.

    Organisations that only what went out of scope named go too.
    """
    around = list(person.ancestors())
    for node in around:
        for name in [each for each in node.attributes if each not in node.used]:
            del node.attributes[name]
        if node.text and TEXT not in node.used:
            node.text, node.mixed = "", None
    always = {node for path in absolute_paths(profile) for node in path.nodes(top, top)}
    named = _named(person)
    for node, identity in _listed(top, profile).items():
        if identity not in named and node not in always and node.parent is not None:
            node.parent.remove(node)
    kept = {person, *always, *_listed(top, profile)}
    for node in around:
        for child in list(node.children):
            if not _is_read(child, kept):
                node.remove(child)


def _is_read(child: SourceNode, kept: set[SourceNode]) -> bool:
    return any(
        node in kept or any(name in node.used for name in (TEXT, *node.attributes))
        for node in child.walk()
    )
