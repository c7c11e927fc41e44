"""What the search index holds of one resource, before it is written.

Source: FHIR R4 search.html; the columns are those of hub/store/schema/search_index.py.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class IndexRows:
    """Rows by kind, each beginning with its parameter; the columns are those of search_index.py."""

    token: list[tuple[str, str | None, str | None, str | None]] = field(default_factory=list)
    string: list[tuple[str, str, str, str]] = field(default_factory=list)
    date: list[tuple[str, int, int]] = field(default_factory=list)
    reference: list[tuple[str, str | None, str | None, str | None, str | None, str | None]] = field(
        default_factory=list
    )
    quantity: list[
        tuple[
            str, float, float, str | None, str | None, str | None,
            float | None, float | None, str | None,
        ]
    ] = field(default_factory=list)  # fmt: skip
    number: list[tuple[str, float, float]] = field(default_factory=list)
    uri: list[tuple[str, str]] = field(default_factory=list)
