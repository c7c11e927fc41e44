"""Every search parameter of the types in use: its kind, where its values are, what it may refer to.

Source: FHIR R4 searchparameter-registry.html, by way of hub/fhir/definitions.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from hub.fhir.definitions import TYPES_IN_USE, table
from hub.fhir.search_expression import Compiled, compile_expression
from hub.fhir.shape import is_a


class Kind(StrEnum):
    """How the values of a parameter are indexed and compared."""

    TOKEN = "token"  # noqa: S105  # nosec B105
    STRING = "string"
    DATE = "date"
    REFERENCE = "reference"
    QUANTITY = "quantity"
    NUMBER = "number"
    URI = "uri"
    COMPOSITE = "composite"


@dataclass(frozen=True, slots=True)
class Component:
    """One side of a composite parameter: whose kind it has, and its expression from the whole."""

    code: str
    expression: str


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter of one type. `targets` are the types in use that a reference may name."""

    type: str
    code: str
    kind: Kind
    extractor: Compiled
    targets: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()

    @property
    def identifies(self) -> bool:
        """Tell whether it finds identifiers, in whose values case counts."""
        return any(path.type == "Identifier" for path in self.extractor.paths)


# Location.near compares places on the globe, which needs an index of another kind than these.
_NOT_INDEXED = frozenset({"special"})


@cache
def parameters(resource_type: str) -> MappingProxyType[str, SearchParameter]:
    """Return a type's search parameters by code, those of every resource among them."""
    found = {}
    for base, rows in table("search_parameters").items():
        if not is_a(resource_type, base):
            continue
        for code, row in rows.items():
            if row["kind"] not in _NOT_INDEXED:
                found[code] = SearchParameter(
                    resource_type,
                    code,
                    Kind(row["kind"]),
                    compile_expression(row["expression"], resource_type),
                    tuple(row.get("target", "").split()),
                    tuple(Component(*each) for each in row.get("component", ())),
                )
    return MappingProxyType(dict(sorted(found.items())))


def all_parameters() -> tuple[SearchParameter, ...]:
    """Return every parameter of every type in use."""
    return tuple(each for name in TYPES_IN_USE for each in parameters(name).values())
