"""The named transforms that tables use; importing this package registers them all."""

from mappings.transforms import (
    answers,
    codes,
    documents,
    dosage,
    identifiers,
    intervals,
    quantities,
    text,
    times,
)

__all__ = [
    "answers",
    "codes",
    "documents",
    "dosage",
    "identifiers",
    "intervals",
    "quantities",
    "text",
    "times",
]
