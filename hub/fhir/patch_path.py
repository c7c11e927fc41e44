"""The FHIRPath of a patch: where in a resource it leads, as places that can be written to.

Source: FHIR R4 fhirpatch.html: "simple" paths: names, indexes, where(), first(), last(), ofType().
A FHIRPath engine gives values; a patch needs the places that they stand in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hub.errors import BadRequest
from hub.fhir.shape import open_types

_TOKEN = re.compile(
    r"\s*(?:(?P<dot>\.)?\s*(?:(?P<call>where|first|last|ofType|as)\s*\((?P<inside>"
    r"(?:[^()']|'(?:[^'\\]|\\.)*')*)\)|(?P<name>[A-Za-z_]\w{0,63}))|\[(?P<index>\d{1,6})\])\s*"
)
_EQUALS = re.compile(
    r"\s*(?P<path>[A-Za-z_][\w.]{0,200})\s*=\s*"
    r"(?:'(?P<text>(?:[^'\\]|\\.)*)'|(?P<other>[\w.+-]{1,64}))\s*"
)
LONGEST = 1000
_TYPES = frozenset(name[0].upper() + name[1:] for name in open_types())


class BadPath(BadRequest):
    """A path that is no simple FHIRPath, or not one that a patch can follow."""

    code = "patch-path"


@dataclass(frozen=True, slots=True)
class Location:
    """A place: a key of an object, or an index of a list."""

    inside: Any
    key: str | int

    @property
    def value(self) -> Any:  # noqa: ANN401  # JSON
        """Return what stands there."""
        return self.inside[self.key]


def locations(resource: dict[str, Any], path: str) -> list[Location]:
    """Return the places that a path leads to; none where it leads nowhere.

    Raises:
        BadPath: it is no path that a patch can follow.
    """
    if len(path) > LONGEST:
        raise BadPath(f"a path has at most {LONGEST} characters")
    found = [Location({"resource": resource}, "resource")]
    for number, step in enumerate(_steps(path)):
        if number == 0 and step["name"] in (resource.get("resourceType"), "Resource"):
            continue
        found = list(_follow(found, step))
    return found


def _steps(path: str) -> Iterator[dict[str, str | None]]:
    at = 0
    while at < len(path):
        match = _TOKEN.match(path, at)
        if match is None or (at > 0 and not match["index"] and not match["dot"]):
            raise BadPath(
                "a path is of names, [indexes], where(), first(), last() and ofType(); this one"
                f" cannot be read at character {at + 1}"
            )
        yield match.groupdict()
        at = match.end()


def _follow(found: list[Location], step: dict[str, str | None]) -> Iterator[Location]:
    if step["name"]:
        for each in found:
            yield from _named(each.value, step["name"])
    elif step["index"] is not None:
        yield from found[int(step["index"]) : int(step["index"]) + 1]
    elif step["call"] == "first":
        yield from found[:1]
    elif step["call"] == "last":
        yield from found[-1:]
    elif step["call"] == "where":
        yield from (each for each in found if _holds(each.value, step["inside"] or ""))
    else:  # ofType, as: the JSON name of a choice says its type
        wanted = (step["inside"] or "").strip().rpartition(".")[2].lower()
        yield from (each for each in found if str(each.key).lower().endswith(wanted))


def _named(value: object, name: str) -> Iterator[Location]:
    if not isinstance(value, dict):
        return
    keys = [name] if name in value else [key for key in value if _is_choice(key, name)]
    for key in keys:
        inner = value[key]
        if isinstance(inner, list):
            yield from (Location(inner, index) for index in range(len(inner)))
        else:
            yield Location(value, key)


def _is_choice(key: str, name: str) -> bool:
    """Whether `valueQuantity` is what `value` names: a type's name follows."""
    kind = key[len(name) :]
    return key.startswith(name) and kind in _TYPES


def _holds(value: object, condition: str) -> bool:
    for part in condition.split(" and "):
        match = _EQUALS.fullmatch(part)
        if match is None:
            raise BadPath("where() takes comparisons such as code = 'x', joined by and")
        wanted = match["other"] if match["text"] is None else re.sub(r"\\(.)", r"\1", match["text"])
        holder = {"resource": value}
        inner = [Location(holder, "resource")]
        for name in match["path"].split("."):
            inner = [place for each in inner for place in _named(each.value, name)]
        if not any(_written(place.value) == wanted for place in inner):
            return False
    return True


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
