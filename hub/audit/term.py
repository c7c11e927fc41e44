"""What the log is searched by beyond a record's own columns: owners, grounds, purposes, flags.

Source: DESIGN §6; FHIR R4 AuditEvent search. The sequencer files each record under its terms when
it takes it into the tree, so that an answer waits for none of it; a record can be searched by them
within seconds. The terms go with the record when it is erased.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists

from hub.store.schema.audit import audit_term, audit_tree


class Term(StrEnum):
    """What a record can be found by."""

    OWNER = "owner"
    GROUND = "ground"
    PURPOSE = "purpose"
    FLAG = "flag"
    OBLIGATION = "obligation"
    UNIT = "unit"
    ACTION = "action"
    OUTCOME = "outcome"
    ORGANISATION = "organisation"


def terms_of(payload: dict[str, Any]) -> Iterator[tuple[Term, str]]:
    """Yield the terms of a record's payload, each once."""
    found = [
        *((Term.OWNER, each["owner"]) for each in payload.get("shown", ())),
        *((Term.GROUND, each) for each in payload.get("grounds", ())),
        *((Term.FLAG, each) for each in payload.get("flags", ())),
        *((Term.OBLIGATION, each) for each in payload.get("obligations", ())),
        *(
            (term, payload[term.value])
            for term in (Term.PURPOSE, Term.UNIT, Term.ACTION, Term.OUTCOME, Term.ORGANISATION)
            if payload.get(term.value)
        ),
    ]
    yield from dict.fromkeys(found)


def has_term(term: Term, value: str) -> ColumnElement[bool]:
    """Return the condition that a leaf's record has a term; correlates with `audit_tree`."""
    return exists().where(
        audit_term.c.kind == term.value,
        audit_term.c.value == value,
        audit_term.c.leaf_index == audit_tree.c.leaf_index,
    )
