"""samvy law again: a past access from the log, decided with other knowledge or under another law.

Source: DESIGN P8. Exit 0: everything that was shown would be shown; 1: something would not be; 2:
it cannot be decided.
"""

import json
import sys
from typing import Annotated

import typer
from sqlalchemy import select

from consent.decision import Outcome
from consent.law import Law, named
from consent.period import STOCKHOLM
from hub.again import Again, decide_again
from hub.audit.record import AccessRecord, record_from
from hub.cli.opening import JsonOption, StoreOption, fail, opened
from hub.running import now
from hub.store.schema.audit import audit_record

THEN, NOW = "then", "now"
FactsOption = Annotated[str, typer.Option(help="whose knowledge counts: then, or now")]
LawOption = Annotated[
    str, typer.Option(help="which law: then, now, a date such as 2025-06-30, or a draft: ehds")
]


def law_again(
    record: Annotated[str, typer.Argument(help="the id of a log record: an AuditEvent's id")],
    facts: FactsOption = THEN,
    law: LawOption = THEN,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide again what a log record says was shown, and say what would not be."""
    if facts not in (THEN, NOW):
        fail(f"--facts is {THEN} or {NOW}")
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        statement = select(audit_record.c.payload).where(audit_record.c.id == record)
        payload = connection.execute(statement).scalar()
        if payload is None:
            fail("the log has no such record, or it has been erased; an AuditEvent's id is its id")
        logged = record_from(bytes(payload))
        again = list(
            decide_again(
                connection,
                logged,
                known_at=logged.recorded if facts == THEN else None,
                law=_law(law, logged),
            )
        )
    for each in again:
        sys.stdout.write((_as_json(each) if as_json else _text(each)) + "\n")
    withheld = any(each.decision and each.decision.outcome is not Outcome.PERMIT for each in again)
    raise typer.Exit(1 if withheld else 0)


def _law(name: str, logged: AccessRecord) -> Law | None:
    if name == THEN:
        return None
    today = now().astimezone(STOCKHOLM).date()
    day = logged.recorded.astimezone(STOCKHOLM).date()
    try:
        return named(today.isoformat() if name == NOW else name, day)
    except LookupError as problem:
        fail(f"{name}: {problem}")


def _as_json(again: Again) -> str:
    decision = again.decision
    found: dict[str, object] = {"reference": again.reference, "held": decision is not None}
    if decision is not None:
        found |= {
            "outcome": decision.outcome.value,
            "basis": list(decision.basis),
            "law": decision.law,
        }
    return json.dumps(found, ensure_ascii=False)


def _text(again: Again) -> str:
    if again.decision is None:
        return f"{again.reference}: no longer held"
    basis = ", ".join(again.decision.basis) or "no section"
    return f"{again.reference}: {again.decision.outcome} ({basis}; law {again.decision.law})"
