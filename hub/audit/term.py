"""What the log is searched by, filed apart for each reader: by whom, about whom, why, how it ended.

Source: DESIGN §6; FHIR R4 AuditEvent search; PDL 4:3, 8:5, OSL 25:2. The sequencer files each
record when it takes it into the tree, so that an answer waits for none of it; a record can be found
within seconds. It is filed under every organisation that it concerns, by what that one may read of
it (`hub.audit.mandate`), so that no search finds a record by what its reader is not shown, and what
others have done makes none slower; and under the person. A term is kept as eight bytes of its hash
with the record's time, so that the newest come first from the index. The terms go with the record
when it is erased.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from hub.audit.mandate import HUB, acted
from hub.audit.record import Outcome
from hub.store.instant import micros

SEPARATOR = "\x1f"
UNREMARKABLE = frozenset({Outcome.PERMIT.value, Outcome.PARTIAL.value})
"""Outcomes that nobody looks for among the others."""


class Term(StrEnum):
    """What a record can be found by.

    `RECORD`: that it is there to be read. `CONCERNS`: an organisation whose staff acted or whose
    data were shown.
    """

    RECORD = "record"
    CONCERNS = "concerns"
    OWNER = "owner"
    PERSON = "person"
    USER = "user"
    UNIT = "unit"
    GROUND = "ground"
    PURPOSE = "purpose"
    FLAG = "flag"
    ACTION = "action"
    OUTCOME = "outcome"


SINGLE = (Term.PERSON, Term.USER, Term.UNIT, Term.PURPOSE, Term.ACTION, Term.OUTCOME)
"""Terms that a record has one value of, under the name that the payload has for it."""


@lru_cache(maxsize=1 << 16)
def key(reader: str, term: Term, value: str = "") -> int:
    """Return what a reader's term is filed as: eight bytes of its hash, as a signed number."""
    text = SEPARATOR.join((reader, term.value, value))
    return int.from_bytes(
        sha256(text.encode("utf-8", "backslashreplace")).digest()[:8], signed=True
    )


def terms_of(payload: dict[str, Any], reader: str) -> dict[Term, frozenset[str]]:
    """Return the terms of the part of a record that an organisation, or the person, may read."""
    own, owners = _organisations(payload)
    if reader not in (own, payload.get("person")):
        owners &= {reader}
    found = {
        Term.RECORD: {""},
        Term.CONCERNS: owners | ({own} if own else set()),
        Term.OWNER: owners,
        Term.GROUND: payload.get("grounds", ()),
        Term.FLAG: payload.get("flags", ()),
    }
    found |= {term: {payload[term.value]} for term in SINGLE if payload.get(term.value)}
    return {term: frozenset(values) for term, values in found.items() if values}


def rows_of(payload: dict[str, Any], leaf_index: int) -> list[tuple[int, int, int]]:
    """Return the rows of audit_term by which a leaf's record is found.

    A person has few records, and theirs are told apart when they are read.
    """
    at = micros(datetime.fromisoformat(payload["recorded"]))
    own, owners = _organisations(payload)
    keys = [key(payload["person"], Term.RECORD)] if payload.get("person") else []
    for reader in owners | ({own} if own else set()):
        for term, values in terms_of(payload, reader).items():
            if term is not Term.OUTCOME or not values & UNREMARKABLE:
                keys += [key(reader, term, value) for value in values]
    return [(each, at, leaf_index) for each in dict.fromkeys(keys)]


def _organisations(payload: dict[str, Any]) -> tuple[str | None, set[str]]:
    """Return whose act it was, and the owners of what was shown or named."""
    owners = {each["owner"] for each in payload.get("shown", ())}
    for rung in payload.get("rungs", ()):
        owners.update(rung.get("organisations", ()))
    whose = acted(*(payload.get(name) for name in ("organisation", "user", "person")))
    return whose, owners - {HUB}
