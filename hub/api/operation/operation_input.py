"""What goes into an operation: parameters of the URL, or a Parameters resource in the body.

Source: FHIR R4 operations.html#executing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hub.api.call import FHIR_JSON, JSON_TYPES, Call
from hub.api.search.search_person import RESULT_PARAMETERS
from hub.errors import BadRequest, UnsupportedMediaType
from hub.fhir.json_codec import decode
from hub.fhir.time_span import span

MOST_NAMED = 200


def read_input(call: Call, known: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """Return the values that were given, by name; what only forms the answer may stand beside them.

    Raises:
        BadRequest: a name is not known to the operation, or a value is none of a simple type.
    """
    given: dict[str, list[str]] = defaultdict(list)
    for name, value in [*call.parameters, *_of_body(call)]:
        if name in known:
            given[name].append(value)
        elif name not in RESULT_PARAMETERS:
            raise BadRequest(
                "the operation has no such parameter; see its OperationDefinition",
                code="unknown-parameter",
            )
    return given


def _of_body(call: Call) -> list[tuple[str, str]]:
    if call.method == "GET" or not call.body or "form" in call.content_type:
        return []
    if call.content_type not in JSON_TYPES:
        raise UnsupportedMediaType(f"send Parameters as {FHIR_JSON}")
    resource = decode(call.body)
    if resource.get("resourceType") != "Parameters":
        raise BadRequest("the body of this operation is a Parameters resource", code="parameters")
    listed = resource.get("parameter", [])
    found = [_pair(each, at) for at, each in enumerate(listed if isinstance(listed, list) else [])]
    if len(found) > MOST_NAMED:
        raise BadRequest(f"an operation takes at most {MOST_NAMED} parameters", code="parameters")
    return found


def _pair(parameter: Any, at: int) -> tuple[str, str]:  # noqa: ANN401 -- as it was sent
    if isinstance(parameter, dict) and isinstance(parameter.get("name"), str):
        for key, value in parameter.items():
            if key.startswith("value") and isinstance(value, str | int) and value is not True:
                return parameter["name"], str(value)
            if key == "valueReference" and isinstance(value, dict):
                return parameter["name"], str(value.get("reference", ""))
    raise BadRequest(
        "a parameter has a name and one value of a simple type",
        code="parameters",
        expression=f"Parameters.parameter[{at}]",
    )


def once(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    """Return the one value of a parameter; None when it is not given.

    Raises:
        BadRequest: it is given twice.
    """
    values = given.get(name, ())
    if len(values) > 1:
        raise BadRequest(f"{name} is given more than once; give it once", code="parameters")
    return values[0] if values else None


def number(given: Mapping[str, Sequence[str]], name: str, usual: int) -> int:
    """Return a whole number of at most six digits.

    Raises:
        BadRequest: it is none.
    """
    text = once(given, name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) <= len("999999")):
        raise BadRequest(f"{name} takes a whole number", code="parameters")
    return int(text)


def time_asked(given: Mapping[str, Sequence[str]], name: str) -> tuple[int, int] | None:
    """Return the span of a date, in microseconds since 1970.

    Raises:
        BadRequest: it is no FHIR date.
    """
    text = once(given, name)
    if text is None:
        return None
    try:
        return span(text)
    except ValueError:
        raise BadRequest(f"{name} takes a FHIR date or instant", code="parameters") from None
