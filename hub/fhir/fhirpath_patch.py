"""FHIRPath Patch: add, insert, delete, replace and move, written as a Parameters resource.

Source: FHIR R4 fhirpatch.html. A delete of what is not there is no error; every other step needs
exactly one place.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from hub.errors import BadRequest
from hub.fhir.json_patch import MOST_STEPS, PatchFailed
from hub.fhir.patch_path import Location, locations
from hub.fhir.shape import elements, is_type

Step = dict[str, Any]
OPERATION = "operation"


def fhirpath_patch(resource: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resource after the patch; the resource itself stays as it is.

    Raises:
        BadRequest: the Parameters are no patch.
        PatchFailed: a step's path leads nowhere, or to several places; says which.
    """
    steps = [_step(each, number) for number, each in enumerate(_operations(parameters))]
    patched = deepcopy(dict(resource))
    for number, step in enumerate(steps):
        _CARRIED_OUT[step["type"]](patched, step, number + 1)
    return patched


def _operations(parameters: Mapping[str, Any]) -> list[Any]:
    given = parameters.get("parameter")
    if parameters.get("resourceType") != "Parameters" or not isinstance(given, list) or not given:
        raise BadRequest("a FHIRPath patch is Parameters with operations; see fhirpatch.html")
    if len(given) > MOST_STEPS:
        raise BadRequest(f"a patch has at most {MOST_STEPS} operations")
    return given


def _step(given: object, number: int) -> Step:
    where = f"Parameters.parameter[{number}]"
    if not isinstance(given, Mapping) or given.get("name") != OPERATION:
        raise BadRequest("each parameter of a patch is named operation", expression=where)
    parts = given.get("part")
    step: Step = {}
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, Mapping) and isinstance(part.get("name"), str):
            step[part["name"]] = _value(part)
    needed = {"type", "path"} | _NEEDED.get(str(step.get("type")), {"a known type"})
    if needed - step.keys() or not isinstance(step.get("path"), str):
        raise BadRequest(
            "an operation has a type (add, insert, delete, replace, move), a path, and what its"
            " type needs: name and value; value and index; value; source and destination",
            expression=where,
        )
    return step


def _value(part: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON
    """The value of a part; of one made of parts, an object of them."""
    given = [each for name, each in part.items() if name.startswith("value")]
    if given:
        return deepcopy(given[0])
    if "resource" in part:
        return deepcopy(part["resource"])
    made: dict[str, Any] = {}
    inner = part.get("part")
    for each in inner if isinstance(inner, list) else []:
        if isinstance(each, Mapping) and isinstance(each.get("name"), str):
            made.setdefault(each["name"], []).append(_value(each))
    return Made(made)


class Made(dict[str, list[Any]]):
    """An object made of parts, whose elements are not yet known to repeat or not."""


def _add(patched: Step, step: Step, number: int) -> None:
    place = _one(patched, step, number)
    holder = place.value
    name = step["name"]
    if not isinstance(holder, dict) or not isinstance(name, str):
        raise PatchFailed(f"operation {number} adds to something that has no elements")
    kind = _type_at(patched, step["path"])
    element = _element(kind, name)
    value = _settled(step["value"], element and element[0])
    if element is None or not element[1]:
        if name in holder:
            raise PatchFailed(f"operation {number} adds what is there already; replace it")
        holder[name] = value
    else:
        holder.setdefault(name, []).append(value)


def _insert(patched: Step, step: Step, number: int) -> None:
    found = locations(patched, step["path"])
    several = {id(each.inside): each.inside for each in found}
    index = step["index"]
    if len(several) != 1 or not isinstance(next(iter(several.values())), list):
        raise PatchFailed(f"operation {number} inserts into something that is no single list")
    (held,) = several.values()
    if not isinstance(index, int) or not 0 <= index <= len(held):
        raise PatchFailed(f"operation {number} inserts outside its list")
    held.insert(index, _settled(step["value"], _type_at(patched, step["path"])))


def _delete(patched: Step, step: Step, number: int) -> None:
    found = locations(patched, step["path"])
    if len(found) > 1:
        raise PatchFailed(f"operation {number} deletes several things; name one")
    for each in found:
        del each.inside[each.key]
    _without_empty(patched)


def _replace(patched: Step, step: Step, number: int) -> None:
    place = _one(patched, step, number)
    if place.value is patched:
        raise PatchFailed(f"operation {number} replaces the whole resource; update it instead")
    place.inside[place.key] = _settled(step["value"], _type_at(patched, step["path"]))


def _move(patched: Step, step: Step, number: int) -> None:
    found = locations(patched, step["path"])
    several = {id(each.inside): each.inside for each in found}
    source, destination = step["source"], step["destination"]
    held = next(iter(several.values()), None)
    if len(several) != 1 or not isinstance(held, list):
        raise PatchFailed(f"operation {number} moves within something that is no single list")
    for index in (source, destination):
        if not isinstance(index, int) or not 0 <= index < len(held):
            raise PatchFailed(f"operation {number} moves outside its list")
    held.insert(destination, held.pop(source))


def _one(patched: Step, step: Step, number: int) -> Location:
    found = locations(patched, step["path"])
    if len(found) != 1:
        where = "nowhere" if not found else "to several places"
        raise PatchFailed(f"operation {number}: its path leads {where} in the resource")
    return found[0]


def _type_at(patched: Step, path: str) -> str | None:
    """The FHIR type of what a path names, by the tables; None where they do not say."""
    kind: str | None = str(patched.get("resourceType"))
    for word in path.partition("(")[0].replace("]", "").replace("[", ".").split("."):
        if kind is None or word.isdigit() or word in ("", kind, "where", "first", "last"):
            continue
        found = _element(kind, word)
        kind = found[0] if found else None
    return kind


def _element(kind: str | None, name: str) -> tuple[str | None, bool] | None:
    """The type of an element by its JSON name, and whether it repeats."""
    if kind is None or not is_type(kind):
        return None
    for each in elements(kind).values():
        if name in each.json_names():
            return each.json_names()[name], each.many
    return None


def _settled(value: Any, kind: str | None) -> Any:  # noqa: ANN401  # JSON
    """A value made of parts as its type has it: what does not repeat stands alone."""
    if not isinstance(value, Made):
        return value
    settled: dict[str, Any] = {}
    for name, given in value.items():
        element = _element(kind, name)
        inner = [_settled(each, element and element[0]) for each in given]
        settled[name] = inner if element and element[1] else inner[-1]
    return settled


def _without_empty(holder: Any) -> bool:  # noqa: ANN401  # JSON
    """Leave no empty list or object behind a delete; tell whether anything is left."""
    if isinstance(holder, dict):
        for key in [key for key, value in holder.items() if not _without_empty(value)]:
            del holder[key]
        return bool(holder)
    if isinstance(holder, list):
        holder[:] = [each for each in holder if _without_empty(each)]
        return bool(holder)
    return True


_NEEDED = {
    "add": {"name", "value"},
    "insert": {"value", "index"},
    "delete": set[str](),
    "replace": {"value"},
    "move": {"source", "destination"},
}
_CARRIED_OUT: dict[str, Callable[[Step, Step, int], None]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}
