"""The checked form of a source profile: where each concept stands in one system's export."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mappings.source_expression import Condition, Expression
from mappings.source_node import SourceNode
from mappings.source_path import Path


class ProfileError(ValueError):
    """A profile that cannot be used; names the file, the line, the key and the remedy.

    `line` is where what is wrong, or what holds it, begins; None where that is not known.
    """

    def __init__(self, file: str, key: str, remedy: str, line: int | None = None) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {key}: {remedy}" if key else f"{place}: {remedy}")
        self.line = line
        self.file = file
        self.key = key
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Group:
    """Repeated things within a record, such as the services of a decision."""

    each: Path
    fields: Mapping[str, Expression]
    when: Condition | None = None

    def nodes(self, at: SourceNode, top: SourceNode) -> Iterator[SourceNode]:
        """Yield the places of the group within a record."""
        for node in self.each.nodes(at, top):
            if self.when is None or self.when.holds(node, top):
                yield node


@dataclass(frozen=True, slots=True)
class FileFit:
    """One file of a delimited export: the table that it is, and how it is written.

    `columns` names the columns where the file has no header; `items` is how many a row must have.
    """

    table: str
    pattern: str
    delimiter: str | None = None
    quote: str = '"'
    encoding: str | None = None
    header: bool = True
    columns: tuple[str, ...] = ()
    items: int | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of one table that belong under rows of another, by columns that have equal values."""

    rows: str
    under: str
    on: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must look like; what breaks an error's rule is kept in quarantine."""

    each: Path
    value: Expression
    pattern: re.Pattern[str]
    negated: bool
    severity: str
    because: str


@dataclass(frozen=True, slots=True)
class RecordFit:
    """Where the records of one concept stand, and where each field of theirs does."""

    concept: str
    each: Path
    fields: Mapping[str, Expression]
    header: Mapping[str, Expression]
    groups: Mapping[str, tuple[Group, ...]]
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class CaseFit:
    """Where cases stand, and what a case says about the records in it."""

    each: Path
    id: Expression
    area: Expression
    header: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Withhold:
    """Passages that must not be stored, and the word that they are counted under."""

    each: Path
    reason: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A place that is not mapped, and why."""

    path: Path
    because: str


@dataclass(frozen=True, slots=True)
class Organisations:
    """Where the export lists its organisations."""

    each: Path
    id: Expression
    name: Expression | None


@dataclass(frozen=True, eq=False)
class SourceProfile(Mapping[str, object]):
    """A checked profile, which is also the mapping that it was written as."""

    name: str
    format: str
    root: str | None
    encoding: str | None
    date_forms: tuple[str, ...]
    yes: frozenset[str]
    system: Expression | None
    organisations: Organisations | None
    person: RecordFit
    cases: tuple[CaseFit, ...]
    records: tuple[RecordFit, ...]
    withhold: tuple[Withhold, ...]
    left_out: tuple[LeftOut, ...]
    files: tuple[FileFit, ...] = ()
    joins: tuple[Join, ...] = ()
    persons: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    as_of: Expression | None = None
    as_of_name: re.Pattern[str] | None = None
    document: Mapping[str, object] = field(repr=False, default_factory=dict)

    def __getitem__(self, key: str) -> object:
        return self.document[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.document)

    def __len__(self) -> int:
        return len(self.document)
