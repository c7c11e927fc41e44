"""When absence means disappearance, and what is withdrawn then.

Source: DESIGN §4 "Leaving": only in a complete, unfiltered delivery; rivta.md §0, §4.1 (an answer
that says itself that it lacks something: a system that was not reached, more records, an error).
"""

from datetime import UTC, datetime

from hub.ingest.evidence import record_evidence
from hub.store.connect import Store
from hub.store.counter import lock
from hub.store.deliveries import Begun, not_named
from hub.store.evidence import forget
from hub.store.schema.fact import PERSON_COUNTER
from hub.store.standing import resources_by_contract, withdraw, withdraw_all

HOLDS_NOT_ALL = frozenset(
    {
        *("has-more", "not-reached", "source-error"),
        *("no-person-of-row", "unknown-file", "missing-file"),
    }
)
"""Codes of notes by which a delivery says that it does not hold everything."""


def withdraw_missing(store: Store, source: str, begun: Begun) -> int:
    """Withdraw all that a source has given about persons whom a delivery lacks; say how many.

    Each person has a transaction of their own: should the process die, the next delivery goes on.
    """
    with store.write() as connection:
        gone = not_named(connection, begun, source)
    for person in gone:
        with store.write() as connection:
            lock(connection, PERSON_COUNTER, [person])
            withdraw_all(connection, person, source)
            forget(connection, person, source, datetime.now(UTC))
    return len(gone)


def withdraw_contract(store: Store, person: str, source: str, contract: str) -> int:
    """Withdraw all that a source has given about a person by one contract; say how many.

    A person's other keys are left alone: the source was asked about this number.
    """
    with store.write() as connection:
        lock(connection, PERSON_COUNTER, [person])
        gone = sorted(resources_by_contract(connection, person, source, contract))
        withdraw(connection, person, gone)
        record_evidence(connection, person, source, (), gone, datetime.now(UTC))
    return len(gone)
