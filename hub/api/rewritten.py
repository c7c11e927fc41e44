"""References in a resource replaced, and those that nothing can be put in the place of.

Source: FHIR R4 http.html#trules, references.html. A `urn:uuid:` names another entry of the same
Bundle: anywhere else nobody could ever find what it means.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.errors import Place, Unprocessable
from hub.fhir.reference import within


def refuse_unresolved(resource: Mapping[str, Any]) -> None:
    """Refuse a resource, sent by itself, with references that only a Bundle gives a meaning.

    Raises:
        Unprocessable: it has such; each place is named.
    """
    missing: list[str] = []
    rewritten(resource, {}, missing)
    kind = resource.get("resourceType")
    text = "a reference by urn:uuid names an entry of a transaction; send both in one"
    if missing:
        places = [Place("invalid", "unresolved-reference", text, f"{kind}.{at}") for at in missing]
        raise Unprocessable("a reference does not resolve", places=places)


def relative(resource: Mapping[str, Any], roots: Sequence[str]) -> Mapping[str, Any]:
    """Return a resource whose absolute references to this server are relative (references.html).

    They mean the same, and go on meaning it when the server is known by another name.
    """
    found = {each: within(each, roots) for each in references(resource)}
    given = {each: local for each, local in found.items() if local is not None}
    changed: Mapping[str, Any] = rewritten(resource, given, []) if given else resource
    return changed


def references(value: Any) -> Iterator[str]:  # noqa: ANN401  # JSON
    """Yield the text of every reference in a value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def rewritten(
    value: Any,  # noqa: ANN401  # JSON
    given: Mapping[str, str],
    missing: list[str],
    at: str = "",
) -> Any:  # noqa: ANN401  # JSON
    """Return a value with its references replaced; `missing` gets the places of those left over."""
    if isinstance(value, Mapping):
        return {
            key: _reference(inner, given, missing, f"{at}.{key}".lstrip("."))
            if key == "reference" and isinstance(inner, str)
            else rewritten(inner, given, missing, f"{at}.{key}".lstrip("."))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [
            rewritten(inner, given, missing, f"{at}[{number}]")
            for number, inner in enumerate(value)
        ]
    return value


def _reference(reference: str, given: Mapping[str, str], missing: list[str], at: str) -> str:
    if reference in given:
        return given[reference]
    if reference.startswith("urn:uuid:"):
        missing.append(at)
    return reference
