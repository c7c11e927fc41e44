"""The strict check of one resource against the tables of R4, before anything is stored.

Source: FHIR R4 validation.html; the tables in hub/fhir/definitions. It guards every write and
refuses what fhir.resources lets through: unknown codes, long ids, wrong targets, empty objects,
numbers in quotes, unsafe narratives. Nothing that it says repeats a value.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.fhir.check_shape import Field, Shape, shape
from hub.fhir.json_value import JsonValue
from hub.fhir.reference import wrong_in_reference
from hub.fhir.shape import resource_types

_MAX_ISSUES = 50
_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,63}")
_ELEMENT = "Element"

Place = tuple["Place | None", str]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong: FHIR's issue type, our rule (or an invariant's key), where, what."""

    severity: str
    code: str
    rule: str
    expression: str
    text: str


@dataclass(slots=True)
class _Found:
    """The first issues, and how many errors there were."""

    issues: list[Issue]
    errors: int = 0


@dataclass(frozen=True, slots=True)
class _State:
    """What the check of one resource, with those that it contains, knows at every element."""

    found: _Found
    resource: Mapping[str, Any]
    contained: Mapping[str, str]
    conditional: bool

    def add(self, place: Place, code: str, rule: str, text: str, severity: str = "error") -> None:
        if severity == "error":
            self.found.errors += 1
        if len(self.found.issues) < _MAX_ISSUES:
            self.found.issues.append(Issue(severity, code, rule, _written(place), text))


def check(resource: Mapping[str, Any], *, conditional: bool = False) -> list[Issue]:
    """Return what is wrong with a resource, at most 50 issues; an empty list when nothing is.

    `conditional`: a reference may be a search, as it may in the entries of a transaction.
    """
    found = _Found([])
    _resource(resource, (None, ""), _State(found, {}, {}, conditional), contained=False)
    return found.issues


def _resource(resource: JsonValue, place: Place, around: _State, *, contained: bool) -> None:
    """Check a whole resource: on its own, or contained in the one that it stands in."""
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(name, str) or name not in resource_types():
        text = "needs the resourceType of an R4 resource"
        around.add(place, "structure", "resource-type", text)
        return
    if place[0] is None:
        place = (None, name)
    state = around
    if not contained:
        batch = name == "Bundle" and resource.get("type") in ("transaction", "batch")
        state = _State(around.found, resource, _contained(resource), around.conditional or batch)
        _refuse_repeated_ids(resource, place, state)
    _object(resource, shape(name), place, state)


def _contained(resource: Mapping[str, Any]) -> dict[str, str]:
    """The types of the contained resources by id, as far as they can be told before the check."""
    listed = resource.get("contained", ())
    return {
        str(each.get("id")): str(each.get("resourceType"))
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
    }


def _refuse_repeated_ids(resource: Mapping[str, Any], place: Place, state: _State) -> None:
    """Refuse contained resources with one id: which of them a reference means could not be told."""
    listed = resource.get("contained")
    if not isinstance(listed, list) or len(listed) == len(state.contained):
        return
    seen: set[str] = set()
    for index, each in enumerate(listed):
        number = str(each.get("id")) if isinstance(each, dict) and "id" in each else None
        if number in seen:
            text = "must have an id that no other contained resource has"
            state.add((place, f"contained[{index}]"), "invariant", "contained-id", text)
        elif number is not None:
            seen.add(number)


def _object(value: JsonValue, kind: Shape, place: Place, state: _State) -> None:
    if not isinstance(value, dict):
        state.add(place, "structure", "not-an-object", "must be a JSON object")
        return
    if not value or (len(value) == 1 and "id" in value):
        state.add(place, "structure", "empty", "must not be empty; leave the element out")
        return
    before = state.found.errors
    _members(value, kind, place, state)
    for needed, keys in kind.required:
        if keys[0] not in value and not any(key in value for key in keys):
            state.add((place, needed), "required", "required", "must be there")
    if state.found.errors == before:
        for key, severity, invariant in kind.invariants:
            if not invariant.holds(value, state.resource):
                state.add(place, "invariant", key, invariant.remedy, severity)


def _members(value: Mapping[str, Any], kind: Shape, place: Place, state: _State) -> None:
    fields = kind.fields
    choices: dict[str, str] = {}
    for key, item in value.items():
        known = fields.get(key)
        if known is None:
            _other_key(value, key, item, kind, place, state)
            continue
        if known.choice and choices.setdefault(known.name, key) != key:
            text = "has more than one type; give one of them"
            state.add((place, known.name), "structure", "choice", text)
        if known.many:
            _list(value, key, item, known, place, state)
        elif known.test is not None:
            wrong = known.test(item)
            if wrong is not None:
                _refuse_value((place, known.name), known, item, wrong, state)
        else:
            _complex(item, known, (place, known.name), state)


def _list(
    value: Mapping[str, Any], key: str, item: JsonValue, known: Field, place: Place, state: _State
) -> None:
    if not isinstance(item, list):
        state.add((place, known.name), "structure", "not-a-list", "must be a JSON array")
        return
    if not item:
        state.add((place, known.name), "structure", "empty", "must not be an empty array")
    beside = value.get(f"_{key}")
    for index, each in enumerate(item):
        here = (place, f"{known.name}[{index}]")
        if known.test is None:
            _complex(each, known, here, state)
        elif each is None:
            paired = isinstance(beside, list) and index < len(beside) and beside[index] is not None
            if not paired:
                state.add(here, "structure", "null", "must not be null without an extension")
        else:
            wrong = known.test(each)
            if wrong is not None:
                _refuse_value(here, known, each, wrong, state)


def _complex(item: JsonValue, known: Field, place: Place, state: _State) -> None:
    kind = known.shape
    if kind is None:
        _inner_resource(item, known, place, state)
        return
    before = state.found.errors
    _object(item, kind, place, state)
    if state.found.errors > before:
        return
    if known.reference:
        wrong = wrong_in_reference(
            item,
            known.targets,
            state.contained,
            state.resource["resourceType"],
            conditional=state.conditional,
        )
        if wrong is not None:
            state.add(place, "value", *wrong)
    for code, rule, severity, after in known.after:
        if not after.holds(item, state.resource):
            state.add(place, code, rule, after.remedy, severity)


def _inner_resource(item: JsonValue, known: Field, place: Place, state: _State) -> None:
    contained = known.name == "contained"
    if contained and isinstance(item, dict) and "id" not in item:
        state.add(place, "required", "required", "a contained resource must have an id")
    _resource(item, place, state, contained=contained)


def _other_key(
    value: Mapping[str, Any], key: str, item: JsonValue, kind: Shape, place: Place, state: _State
) -> None:
    """A key that is no element's: the type's name, or what stands beside a primitive."""
    if key == "resourceType" and kind.resource:
        return
    known = kind.fields.get(key[1:]) if key.startswith("_") else None
    if known is None or known.test is None:
        name = key if _NAME.fullmatch(key) else "(a key that is no element's name)"
        text = f"is no element of {kind.name}; put what FHIR has no place for in an extension"
        state.add((place, name), "structure", "unknown-element", text)
        return
    if known.choice and any(_same_choice(kind, known, key[1:], other) for other in value):
        text = "has more than one type; give one of them"
        state.add((place, known.name), "structure", "choice", text)
    if not known.many:
        _beside((place, known.name), item, state, alone=key[1:] not in value)
        return
    values = value.get(key[1:])
    if not isinstance(item, list) or not item:
        state.add((place, key), "structure", "not-a-list", "must be a JSON array that is not empty")
        return
    if isinstance(values, list) and len(values) != len(item):
        text = f"must have as many entries as {known.name}, null where there is nothing"
        state.add((place, key), "structure", "length", text)
        return
    for index, each in enumerate(item):
        alone = not isinstance(values, list) or values[index] is None
        if each is not None:
            _beside((place, f"{known.name}[{index}]"), each, state, alone=alone)
        elif alone:
            here = (place, f"{key}[{index}]")
            state.add(here, "structure", "null", "must not be null where there is no value")


def _same_choice(kind: Shape, known: Field, own: str, key: str) -> bool:
    other = kind.fields.get(key.removeprefix("_"))
    return other is not None and other.name == known.name and key.removeprefix("_") != own


def _beside(place: Place, item: JsonValue, state: _State, *, alone: bool) -> None:
    """The id and extensions of a primitive; an id alone needs a value to belong to."""
    if not alone and isinstance(item, dict) and item.keys() == {"id"}:
        return
    _object(item, shape(_ELEMENT), place, state)


def _refuse_value(place: Place, known: Field, item: JsonValue, wrong: str, state: _State) -> None:
    if item is None:
        state.add(place, "structure", "null", "must not be null; leave the element out")
    elif isinstance(item, list | dict):
        state.add(place, "structure", "not-a-primitive", "must be a single value")
    elif known.bound and isinstance(item, str):
        state.add(place, "code-invalid", "code", wrong)
    else:
        state.add(place, "value", "format", wrong)


def _written(place: Place) -> str:
    names = []
    at: Place | None = place
    while at is not None:
        names.append(at[1])
        at = at[0]
    return ".".join(reversed(names))
