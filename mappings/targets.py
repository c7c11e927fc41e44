"""FHIR paths as targets: `code`, `context.period.start`, `category[]`, `extension(samvy:x).valueY`.

`name[]` appends; `extension(url)` appends an extension and goes on inside it. The first rule that
gives a value to a single target wins; later rules for it are passed over.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

PREFIXES = {
    "samvy:": "https://samvy.se/fhir/StructureDefinition/",
    "hl7:": "http://hl7.org/fhir/StructureDefinition/",
}
_PART = "part:"  # part of an extension that has parts: its name is used as it is
_SEGMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9]*)(?P<list>\[\])?(?:\((?P<url>[^)]+)\))?")


@dataclass(frozen=True, slots=True)
class Target:
    """A compiled target: `taken` tells whether it has a value, `put` gives it one.

    `name` is that of a target that stands directly in its element; `extended` is the address and
    the name of a single value in an extension that stands there; `way` are the names, but for
    the last, of one that stands below others, without extensions.
    """

    text: str
    many: bool
    taken: Callable[[dict[str, object]], bool]
    put: Callable[[dict[str, object], object], None]
    name: str | None = None
    extended: tuple[str, str] | None = None
    way: tuple[str, ...] | None = None
    last: str = ""


def parse_target(text: str) -> Target:
    """Return the compiled target.

    Raises:
        ValueError: the text is not a FHIR path of the forms above.
    """
    segments = [_segment(text, part) for part in _split(text)]
    *way, (name, many, url) = segments
    if url is not None:
        message = f"'{text}' ends at an extension: say which value, as in extension(url).valueCode"
        raise ValueError(message)
    if any(listed for _, listed, _ in way):
        message = f"'{text}' goes on below a list: use a rule with `to: name[]` and `fields`"
        raise ValueError(message)
    steps = tuple((part, link) for part, _, link in way)
    if not steps:
        return Target(text, many, _taken_here(name, many=many), _put_here(name, many=many), name)
    (first, link), *deeper = steps
    extended = (link, name) if link and first == "extension" and not (deeper or many) else None
    return Target(
        text,
        many,
        _taken_below(steps, name, many=many),
        _put_below(steps, name, many=many),
        extended=extended,
        way=None if any(url for _, url in steps) else tuple(step for step, _ in steps),
        last=name,
    )


def _split(text: str) -> list[str]:
    # Dots within the parentheses belong to the extension's address.
    return re.split(r"\.(?![^(]*\))", text)


def _segment(text: str, part: str) -> tuple[str, bool, str | None]:
    match = _SEGMENT.fullmatch(part)
    if match is None:
        message = f"'{text}' is not a FHIR path: '{part}' is not name, name[] or extension(url)"
        raise ValueError(message)
    url = match["url"]
    for prefix, address in PREFIXES.items():
        if url is not None and url.startswith(prefix):
            url = address + url.removeprefix(prefix)
    if url is not None and url.startswith(_PART):
        return match["name"], match["list"] is not None, url.removeprefix(_PART)
    if url is not None and not url.startswith(("http:", "https:", "urn:")):
        message = f"'{text}': write the extension's address, or samvy: or hl7: and its name"
        raise ValueError(message)
    return match["name"], match["list"] is not None, url


def _taken_here(name: str, *, many: bool) -> Callable[[dict[str, object]], bool]:
    if many:
        return lambda _out: False
    return lambda out: name in out


def _put_here(name: str, *, many: bool) -> Callable[[dict[str, object], object], None]:
    if not many:
        return lambda out, value: out.__setitem__(name, value)

    def append(out: dict[str, object], value: object) -> None:
        items = out.setdefault(name, [])
        assert isinstance(items, list)  # noqa: S101 - a target is a list in all rules or in none
        if isinstance(value, list):
            items.extend(value)
        else:
            items.append(value)

    return append


def _taken_below(
    steps: tuple[tuple[str, str | None], ...], name: str, *, many: bool
) -> Callable[[dict[str, object]], bool]:
    if many or any(url is not None for _, url in steps):
        return lambda _out: False

    def taken(out: dict[str, object]) -> bool:
        for step, _ in steps:
            below = out.get(step)
            if not isinstance(below, dict):
                return False
            out = below
        return name in out

    return taken


def _put_below(
    steps: tuple[tuple[str, str | None], ...], name: str, *, many: bool
) -> Callable[[dict[str, object], object], None]:
    last = _put_here(name, many=many)
    repeats = any(url is not None for _, url in steps) and not many

    def put(out: dict[str, object], value: object) -> None:
        if repeats and isinstance(value, list):
            for each in value:
                put(out, each)
            return
        for step, url in steps:
            if url is not None:
                below: dict[str, object] = {"url": url}
                items = out.setdefault(step, [])
                assert isinstance(items, list)  # noqa: S101 - extension is always a list
                items.append(below)
            else:
                found = out.setdefault(step, {})
                assert isinstance(found, dict)  # noqa: S101 - checked by the table's own tests
                below = found
            out = below
        last(out, value)

    return put
