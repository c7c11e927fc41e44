"""A record that one answer gives twice under the same id, once nullified: it is nullified.

Source: DESIGN §4 "Leaving" (of what is nullified no other organisation reads any version), P5;
rivta.md §2.2, §7.9. Both are kept, and the answer does not say which holds: where one says that the
record was a mistake, the other is not shown as if nothing were said.
"""

import re
from dataclasses import replace

from msgspec import structs

from adapters.document import AccessHeader, Note, Part

_MARKED = re.compile(r"(.*)#[0-9a-f]{16}", re.DOTALL)
"""The id of a record that an answer gives again with other content (adapters/rivta/parts.py)."""
BESIDE = (
    "another record of the answer has the same id and is nullified: this one is withdrawn with it;"
    " have the source say which of them holds"
)


def nullified_together(part: Part) -> tuple[Part, list[Note]]:
    """Return the part with each record nullified that another of the same id nullifies."""
    gone = {_given(each.header) for each in part.records if each.header.nullified}
    if not gone:
        return part, []
    with_it = {
        each.path
        for each in part.records
        if not each.header.nullified and _given(each.header) in gone
    }
    records = tuple(
        structs.replace(each, header=structs.replace(each.header, nullified=True))
        if each.path in with_it
        else each
        for each in part.records
    )
    notes = [Note("warning", "nullified-beside", path, BESIDE) for path in sorted(with_it)]
    return (replace(part, records=records) if with_it else part), notes


def _given(header: AccessHeader) -> tuple[str | None, str]:
    """Return the system and the id as the source gave it."""
    marked = _MARKED.fullmatch(header.record_id)
    return header.source_system, header.record_id if marked is None else marked[1]
