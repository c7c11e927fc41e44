"""What the log is searched by, filed apart for each reader: by whom, about whom, whose data, why.

Source: DESIGN §6; FHIR R4 AuditEvent search; PDL 4:3, 8:5, OSL 25:2. The sequencer files each
record when it takes it into the tree, so that an answer waits for none of it; a record can be found
within seconds. It is filed under every organisation that it concerns, by what that one may read of
it (`hub.audit.mandate`), so that no search finds a record by what its reader is not shown, and what
others have done makes none slower; and under the person. A term is kept as eight bytes of its hash
with the record's time, so that the newest come first from the index. But for the person each term
is kept apart for each kind of access (`hub.audit.kind`), so that one term and what is asked of the
kind are found together. The terms go with the record when it is erased.
"""

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from hub.audit.mandate import HUB, acted
from hub.store.instant import micros

SEPARATOR = "\x1f"


class Term(StrEnum):
    """What a record can be found by.

    `RECORD`: that it is there to be read. `CONCERNS`: an organisation whose staff acted or whose
    data were shown; that all concerns the reader is not filed.
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
BY_KIND = (Term.RECORD, Term.CONCERNS, Term.OWNER, Term.USER, Term.UNIT)
"""Terms that are filed apart for each kind of access."""


@lru_cache(maxsize=1 << 16)
def key(reader: str, term: Term, value: str = "", kind: str = "") -> int:
    """Return what a reader's term is filed as: eight bytes of its hash, as a signed number.

    `kind` is empty for a person, and for what the person reads: they have few records.
    """
    text = SEPARATOR.join((reader, term.value, value, kind))
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


def readers_of(payload: dict[str, Any]) -> set[str]:
    """Return the organisations that a record is filed under."""
    own, owners = _organisations(payload)
    return owners | ({own} if own else set())


def rows_of(payload: dict[str, Any], leaf_index: int, kind: str) -> list[tuple[int, int, int]]:
    """Return the rows of audit_term by which a leaf's record, of its kind, is found.

    A person has few records, and theirs are told apart when they are read.
    """
    at = micros(datetime.fromisoformat(payload["recorded"]))
    keys = [key(payload["person"], Term.RECORD)] if payload.get("person") else []
    for reader in readers_of(payload):
        found = terms_of(payload, reader)
        keys += [key(reader, Term.PERSON, value) for value in found.get(Term.PERSON, ())]
        for term in BY_KIND:
            values = found.get(term, frozenset())
            others = values - {reader} if term is Term.CONCERNS else values
            keys += [key(reader, term, value, kind) for value in others]
    return [(each, at, leaf_index) for each in dict.fromkeys(keys)]


def _organisations(payload: dict[str, Any]) -> tuple[str | None, set[str]]:
    """Return whose act it was, and the owners of what was shown or named."""
    owners = {each["owner"] for each in payload.get("shown", ())}
    for rung in payload.get("rungs", ()):
        owners.update(rung.get("organisations", ()))
    whose = acted(*(payload.get(name) for name in ("organisation", "user", "person")))
    return whose, owners - {HUB}
