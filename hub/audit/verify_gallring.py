"""Whether only what was old enough was erased: gallring must not hide what somebody did lately.

Source: HSLF-FS 2016:40 4 kap. 9 § (five years); hub/audit/gallring.py. Of an erased record nothing
is left that says when it was made. But what stands before it in the tree was made before it: if
that was less than five years old when the record was erased, so was the record. The standard
library alone; whether what stands there is what was signed is for hub/audit/verify.py.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

Execute = Callable[[str], Iterable[Sequence[Any]]]

KEPT = timedelta(days=5 * 365)
"""Some days less than the hub keeps: clocks differ, and records of several processes mix."""
LISTED = 1000
ANY_ERASED = "SELECT 1 FROM audit_record WHERE payload IS NULL LIMIT 1"
ERASURES = "SELECT recorded, payload FROM audit_record WHERE action = 'erase'"
LEAVES = (
    "SELECT r.chain, r.position, r.recorded, r.payload IS NULL FROM audit_tree t"
    " JOIN audit_record r ON r.chain = t.chain AND r.position = t.position ORDER BY t.leaf_index"
)


def verify_gallring(execute: Execute) -> list[dict[str, Any]]:
    """Return the faults: each record that was erased before its time, as far as its place tells."""
    if not list(execute(ANY_ERASED)):
        return []
    erased_at: dict[str, str] = {}
    for recorded, payload in execute(ERASURES):
        for shown in json.loads(bytes(payload)).get("shown", ()) if payload is not None else ():
            for name in shown.get("references", ()):
                erased_at.setdefault(name.removeprefix("AuditEvent/"), str(recorded))
    faults: list[dict[str, Any]] = []
    youngest = ""
    for chain, position, recorded, empty in execute(LEAVES):
        place = f"{chain}.{position}"
        if not empty:
            youngest = max(youngest, str(recorded))
        elif place in erased_at and too_early(youngest, erased_at[place]):
            faults.append({"kind": "early", "record": place})
    return faults[:LISTED]


def too_early(made: str, erased: str) -> bool:
    """Tell whether what was made then (or after) was too young to be erased by that time."""
    if not made:
        return False
    return datetime.fromisoformat(erased) - datetime.fromisoformat(made) < KEPT
