"""One value of a search, and the index rows that it is compared with.

Source: FHIR R4 search.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import FromClause


@dataclass(frozen=True, slots=True)
class Asked:
    """One value: of which parameter, with which modifier; `now` in microseconds since 1970.

    `row` is the index table of the parameter's kind, or an alias of it; `roots` are what absolute
    URLs of this server begin with; `identifies` tells that it compares identifiers.
    """

    name: str
    modifier: str | None
    value: str
    now: int
    row: FromClause
    roots: Sequence[str] = ()
    identifies: bool = False
