"""OperationDefinition: each operation as FHIR describes it, made from the table.

Source: FHIR R4 operationdefinition.html. They say nothing about any person and need no consent.
"""

from typing import Any

from hub.api.call import Answer, Call
from hub.api.described import read_described, search_described
from hub.api.operation.operation_shape import Operation
from hub.api.operation.operation_table import OPERATIONS


def definition(operation: Operation) -> dict[str, Any]:
    """Return the OperationDefinition of an operation."""
    return {
        "resourceType": "OperationDefinition",
        "id": operation.id,
        "url": operation.url,
        "name": operation.code.title().replace("-", ""),
        "title": operation.title,
        "status": "active",
        "kind": "operation",
        "affectsState": operation.affects_state,
        "code": operation.code,
        "resource": list(operation.types),
        "system": operation.on_system,
        "type": operation.on_type,
        "instance": operation.on_instance,
        "parameter": [
            {
                "name": each.name,
                "use": each.use,
                "min": each.least,
                "max": each.most,
                "documentation": each.says,
                **_typed(each.type, each.use),
            }
            for each in operation.parameters
        ],
    }


def _typed(type_: str, use: str) -> dict[str, Any]:
    """A type, as the value set of parameters has it; search types say so beside string."""
    if type_ == "BackboneElement":
        return {"part": [{"name": "part", "use": use, "min": 0, "max": "*", "type": "Any"}]}
    if type_ in ("token", "reference"):
        return {"type": "string", "searchType": type_}
    return {"type": type_}


def read_definition(number: str) -> Answer:
    """Return one definition.

    Raises:
        NotFound: there is none of that id.
    """
    return read_described(map(definition, OPERATIONS), number)


def search_definitions(call: Call) -> Answer:
    """Return every definition that has the code, name, url or id asked for."""
    return search_described(
        call, "OperationDefinition", map(definition, OPERATIONS), ("code", "name", "url")
    )
