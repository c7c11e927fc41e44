"""What an operation is, as data: its types, its levels, what goes in and what comes out.

Source: FHIR R4 operationdefinition.html.
"""

from dataclasses import dataclass

BASE = "https://samvy.se/fhir/OperationDefinition"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `in` or `out`, how often, of which FHIR type, and what it says."""

    name: str
    use: str
    least: int
    most: str
    type: str
    says: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the types that have it, on which levels, and what goes in and comes out."""

    code: str
    title: str
    types: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    on_type: bool = False
    on_instance: bool = False
    on_system: bool = False
    affects_state: bool = False

    @property
    def id(self) -> str:
        """Return the id of its OperationDefinition."""
        return f"{self.types[0]}-{self.code}" if len(self.types) == 1 else f"Resource-{self.code}"

    @property
    def url(self) -> str:
        """Return the canonical address of its OperationDefinition."""
        return f"{BASE}/{self.id}"

    @property
    def inputs(self) -> frozenset[str]:
        """Return the names of what goes in."""
        return frozenset(each.name for each in self.parameters if each.use == "in")
