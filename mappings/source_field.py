"""What kind of value a field of a concept has, for a source profile to fit.

Source: the process and documents of social care, reference/sol.md §1.1 and §2.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a field's value is read and written out; SIGNS are a code that holds no blanks.

    A time is also given as `<field>_exact` where the source knows the time of day.
    """

    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    SIGNS = "signs"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, the codes it may have (none: any), and the concept that a link names."""

    kind: Kind = Kind.TEXT
    codes: frozenset[str] = frozenset()
    links: str | None = None


TEXT = Field()
DATE = Field(Kind.DATE)
NUMBER = Field(Kind.NUMBER)
FLAG = Field(Kind.FLAG)
SIGNS = Field(Kind.SIGNS)
