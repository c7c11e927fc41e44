"""The named transforms: from a source value to a FHIR value, each told its options once.

A transform is made by a factory that gets the options a table writes under `with` as keyword
arguments; an option that it does not have is an error when the table is loaded. `takes` says which
elements below the source path it uses (LEAF: the element's own text; ALL: all below it), so that a
table's completeness can be proved.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeAlias

from mappings.coverage import LEAF
from mappings.paths import Value

if TYPE_CHECKING:
    from mappings.engine import Frame

Transform: TypeAlias = Callable[[Value, "Frame"], object | None]
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Registered:
    """A transform's factory, what it takes of its source, and what it does in one line."""

    make: Callable[..., Transform]
    takes: tuple[str, ...]
    doc: str


REGISTRY: dict[str, Registered] = {}


def transform(
    name: str, takes: Iterable[str] = (LEAF,)
) -> Callable[[Callable[P, Transform]], Callable[P, Transform]]:
    """Return a decorator that registers a factory under the name that tables use."""

    def register(make: Callable[P, Transform]) -> Callable[P, Transform]:
        first_line = (make.__doc__ or "").strip().split("\n")[0]
        REGISTRY[name] = Registered(make, tuple(takes), first_line)
        return make

    return register
