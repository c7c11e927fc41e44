"""What kind of access a record is of: its act, outcome, purpose, sections and flags, as one text.

Source: DESIGN §6; docs/decisions/0026. Each has few values, so that a log of millions has some
hundreds of kinds. Records are filed by their kind (`hub.audit.term`): what is asked of act,
outcome, purpose, section and flag is asked of the kinds, which are known, and not of the records.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from hub.audit.term import Term, key
from hub.store.schema.audit import audit_kind

PARTS = (Term.ACTION, Term.OUTCOME, Term.PURPOSE, Term.GROUND, Term.FLAG)
Kinds = Mapping[str, tuple[str, ...]]
"""The kinds of a reader's records, by reader."""


def kind_of(payload: Mapping[str, Any]) -> str:
    """Return a record's kind: JSON of its parts in their order, each sorted."""
    single = (payload.get(part.value) for part in PARTS[:3])
    several = (sorted(set(payload.get(name, ()))) for name in ("grounds", "flags"))
    parts = (*([each] if each else [] for each in single), *several)
    return json.dumps(parts, separators=(",", ":"))


@lru_cache(maxsize=1 << 14)
def parts_of(kind: str) -> Mapping[Term, frozenset[str]]:
    """Return the values that a kind has of each part."""
    return {part: frozenset(values) for part, values in zip(PARTS, json.loads(kind), strict=True)}


def kinds_of(
    connection: Connection,
    readers: Iterable[str],
    asked: Iterable[tuple[Term, Iterable[str]]] = (),
) -> Kinds:
    """Return the kinds that have any of the values of each part asked for, by reader."""
    wanted = [(part, frozenset(values)) for part, values in asked]
    found: dict[str, list[str]] = {}
    query = select(audit_kind.c.reader, audit_kind.c.kind)
    rows = connection.execute(query.where(audit_kind.c.reader.in_(sorted(readers))))
    for reader, kind in rows:
        parts = parts_of(kind)
        if all(parts[part] & values for part, values in wanted):
            found.setdefault(reader, []).append(kind)
    return {reader: tuple(sorted(kinds)) for reader, kinds in found.items()}


def record_keys(kinds: Kinds) -> dict[int, str]:
    """Return what all records of these kinds are filed as, with the kind of each."""
    return {
        key(reader, Term.RECORD, "", kind): kind for reader, own in kinds.items() for kind in own
    }
