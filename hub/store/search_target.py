"""What a search narrows: a type in a table of resources, of some persons, as far as may be seen.

Source: FHIR R4 search.html; DESIGN P1, P3. A chain or `_has` looks at other resources than those
that it finds. They are read through the same permission as the answer, inside the same statement,
so that what is hidden decides nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import ColumnElement, FromClause, true

Permitted = Callable[[FromClause], ColumnElement[bool]]
"""Whether the reader may see a row of a table of resources, or of an alias of it."""


def everything(_table: FromClause) -> ColumnElement[bool]:
    """Permit every row: for a search that names no other resources, and for tests of the index."""
    return true()


@dataclass(frozen=True)
class Target:
    """A type in the caller's table of resources, of these persons or of each row's own.

    `types` are those that the reader may look through by a chain or `_has`; None: every type.
    `roots` are what absolute URLs of this server begin with.
    """

    type: str
    resource: FromClause
    table: FromClause
    persons: Sequence[str] | None
    now: int
    permitted: Permitted = everything
    types: frozenset[str] | None = None
    roots: Sequence[str] = ()

    def other(self, resource_type: str) -> "Target":
        """Return a target for resources that this one is linked with, in an alias of its own."""
        return replace(self, type=resource_type, resource=self.table.alias())

    @cached_property
    def seen(self) -> ColumnElement[bool]:
        """Whether a row is of the type and may be seen."""
        of_type: ColumnElement[bool] = self.resource.c.type == self.type
        return of_type & self.permitted(self.resource)
