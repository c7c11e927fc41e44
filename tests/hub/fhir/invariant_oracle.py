"""The specification's own invariants, evaluated by another program.

Source: FHIR R4 ElementDefinition.constraint.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fhirpathpy import apply_parsed_path
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models
from fhirpathpy.parser import parse

from hub.fhir.check_shape import INVARIANTS, Shape
from hub.fhir.definitions import table
from hub.fhir.shape import is_a

# What the other program cannot evaluate, or where we mean to differ; held by the cases below.
NOT_COMPARED = {
    "bdl-3 Bundle": "%resource is the outermost Bundle there",
    "bdl-4 Bundle": "as bdl-3",
    "con-3 Condition": "as published it compares a concept with a string",
    "ctm-1 CareTeam": "resolve()",
    "dom-3 DomainResource": "as() on several elements",
    "inv-1 Task": "one of the dates may be vague",
    "mdd-1 MedicationDispense": "as inv-1 Task",
    "obs-7 Observation": "compares whole codings; ours system and code",
    "per-1 Period": "as inv-1 Task",
    "rng-2 Range": "compares quantities as objects",
    "tim-9 Timing": "`in` on several elements",
}


def inside(value: dict[str, Any], kind: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a value, by the types and paths at which invariants are defined."""
    yield kind.name, value
    for key, item in value.items():
        known = kind.fields.get(key)
        if known is None or known.test is not None or known.shape is None:
            continue
        for each in item if known.many else [item]:
            if f"{kind.name}.{known.name}" != known.shape.name:
                yield f"{kind.name}.{known.name}", each
            yield from inside(each, known.shape)


@cache
def _parsed(expression: str) -> Any:  # noqa: ANN401
    return parse(expression.replace(".hasValue()", ".exists()"))


def evaluated(
    at: str, expression: str, value: dict[str, Any], resource: dict[str, Any]
) -> list[Any]:
    """What the expression gives for a value that stands at a path, so that choices are known."""
    node = ResourceNode.create_node(value, at)
    found = apply_parsed_path(node, _parsed(expression), {"resource": resource}, models["r4"])
    assert isinstance(found, list)
    return found


@cache
def compared_at(at: str) -> list[str]:
    return [
        key
        for key, row in table("invariants").items()
        if any(path == at or _is_a_type(at, path) for path in row["at"])
        and key in INVARIANTS
        and key not in NOT_COMPARED
    ]


def _is_a_type(at: str, path: str) -> bool:
    return "." not in at and "." not in path and is_a(at, path)
