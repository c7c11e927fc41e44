"""What the log is searched by: whom a record concerns, who may see it, grounds, flags, purposes.

Source: DESIGN §6; FHIR R4 AuditEvent search. The sequencer files each record under its terms when
it takes it into the tree, so that an answer waits for none of it; a record can be found by them
within seconds. Each term has the record's time, so that the newest come first from the index. The
terms go with the record when it is erased.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, exists

from hub.audit.record import Action
from hub.store.instant import micros
from hub.store.schema.audit import audit_term, audit_tree

COMMON = frozenset({Action.READ, Action.VREAD, Action.SEARCH, Action.HISTORY})
"""Acts so frequent that an index of them would find nothing faster."""


class Term(StrEnum):
    """What a record can be found by.

    `CONCERNS`: an organisation whose staff acted or whose data were shown, and whose auditors
    therefore may see the record.
    """

    CONCERNS = "concerns"
    OWNER = "owner"
    PERSON = "person"
    USER = "user"
    UNIT = "unit"
    GROUND = "ground"
    PURPOSE = "purpose"
    FLAG = "flag"
    ACTION = "action"


def terms_of(payload: dict[str, Any]) -> Iterator[tuple[Term, str]]:
    """Yield the terms of a record's payload, each once."""
    owners = [each["owner"] for each in payload.get("shown", ())]
    named = [name for rung in payload.get("rungs", ()) for name in rung.get("organisations", ())]
    own = [payload["organisation"]] if payload.get("organisation") else []
    found = [
        *((Term.CONCERNS, each) for each in (*own, *owners, *named)),
        *((Term.OWNER, each) for each in (*owners, *named)),
        *((Term.GROUND, each) for each in payload.get("grounds", ())),
        *((Term.FLAG, each) for each in payload.get("flags", ())),
        *(
            (term, payload[term.value])
            for term in (Term.PERSON, Term.USER, Term.UNIT, Term.PURPOSE, Term.ACTION)
            if payload.get(term.value) and payload[term.value] not in COMMON
        ),
    ]
    yield from dict.fromkeys(found)


def rows_of(payload: dict[str, Any], leaf_index: int) -> Iterator[dict[str, Any]]:
    """Yield the rows by which a leaf's record is found."""
    at = micros(datetime.fromisoformat(payload["recorded"]))
    for kind, value in terms_of(payload):
        yield {"kind": kind.value, "value": value, "at": at, "leaf_index": leaf_index}


def has_term(term: Term, value: str) -> ColumnElement[bool]:
    """Return the condition that a leaf's record has a term; correlates with `audit_tree`."""
    return exists().where(
        audit_term.c.kind == term.value,
        audit_term.c.value == value,
        audit_term.c.leaf_index == audit_tree.c.leaf_index,
    )
