"""The elements of each FHIR type, read from definitions/elements.json with what they inherit.

Source: FHIR R4 StructureDefinition, by way of hub/fhir/definitions.
"""

from dataclasses import dataclass
from functools import cache

from hub.fhir.definitions import table

PRIMITIVES = frozenset(
    [
        "base64Binary",
        "boolean",
        "canonical",
        "code",
        "date",
        "dateTime",
        "decimal",
        "id",
        "instant",
        "integer",
        "markdown",
        "oid",
        "positiveInt",
        "string",
        "time",
        "unsignedInt",
        "uri",
        "url",
        "uuid",
        "xhtml",
    ]
)
"""The types whose JSON is a single string, number or boolean."""

_NOT_OPEN = frozenset(
    [
        "BackboneElement",
        "Element",
        "ElementDefinition",
        "MarketingStatus",
        "Narrative",
        "Population",
        "ProdCharacteristic",
        "ProductShelfLife",
        "Extension",
        "MoneyQuantity",
        "SimpleQuantity",
        "SubstanceAmount",
    ]
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: how often it stands, of which types, and the codes that bind it."""

    name: str
    minimum: int
    many: bool
    types: tuple[str, ...]
    targets: tuple[str, ...] = ()
    value_set: str | None = None

    @property
    def choice(self) -> bool:
        """Tell whether the element's JSON name ends in its type, as `valueQuantity`."""
        return self.name.endswith("[x]")

    def json_names(self) -> dict[str, str]:
        """Return the JSON names that the element can have, each with its type."""
        if not self.choice:
            return {self.name: self.types[0]}
        stem = self.name.removesuffix("[x]")
        return {stem + each[0].upper() + each[1:]: each for each in self.types}


@cache
def elements(type_name: str) -> dict[str, Element]:
    """Return a type's elements by name, its own and the inherited, in the order of inheritance."""
    rows: dict[str, str] = table("elements")[type_name]
    found = dict(elements(rows[":"])) if ":" in rows else {}
    for name, row in rows.items():
        if name != ":":
            found[name] = _element(name, row)
    return found


def is_type(name: str) -> bool:
    """Tell whether R4 has a type of that name: a resource, a data type or a part of either."""
    return name in table("elements") or name in PRIMITIVES


def is_a(name: str, ancestor: str) -> bool:
    """Tell whether a type is another or built on it, as Age on Quantity."""
    rows = table("elements").get(name, {})
    return name == ancestor or (":" in rows and is_a(rows[":"], ancestor))


@cache
def resource_types() -> frozenset[str]:
    """Return the names of all resource types of R4, those not in use as well."""
    abstract = ("Resource", "DomainResource")
    names = (name for name in table("elements") if "." not in name and name not in abstract)
    return frozenset(name for name in names if is_a(name, "Resource"))


@cache
def open_types() -> tuple[str, ...]:
    """Return the types that `value[x]` of an extension may have."""
    complex_types = (
        name
        for name in table("elements")
        if "." not in name and is_a(name, "Element") and name not in _NOT_OPEN
    )
    return (*sorted(PRIMITIVES - {"xhtml"}), *complex_types)


def _element(name: str, row: str) -> Element:
    times, written, *bound = row.split(" ")
    minimum, _, maximum = times.partition("..")
    types: list[str] = []
    targets: list[str] = []
    for each in open_types() if written == "*" else written.split("|"):
        kind, _, narrowed = each.partition("(")
        types.append(kind.removeprefix("@"))
        targets += narrowed.removesuffix(")").split(",") if narrowed else []
    return Element(
        name,
        int(minimum),
        maximum != "1",
        tuple(dict.fromkeys(types)),
        tuple(targets),
        bound[0].removeprefix("^") if bound else None,
    )
