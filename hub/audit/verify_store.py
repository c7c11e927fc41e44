"""The report on an open store's log, on either database.

Source: INTERFACES, `samvy audit verify`. The check itself is hub/audit/verify.py; this gives it
one snapshot of the store and, where the key file is at hand, the public key from outside the store.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from hub.audit.key import outside_verifier
from hub.audit.verify import Key, verify
from hub.audit.verify_gallring import verify_gallring
from hub.audit.verify_index import verify_index
from hub.store.connect import Store

FETCHED = 2000
MEANING = {
    "altered": "the record is not what was committed to",
    "swapped": "the record lies where another should, and that one in its place",
    "dropped": "the record is gone",
    "moved": "the record lies in another's place",
    "column": "a search column differs from the record",
    "erased": "the record was emptied and no record of gallring names it",
    "early": "the record was emptied although it was less than five years old",
    "chain": "the record does not follow the one before it",
    "tree": "the record's place in the tree is missing or out of order",
    "root": "a record in this range, or its leaf, is not what the checkpoint signed",
    "truncated": "the log ends before a checkpoint does",
    "signature": "the checkpoint is not one that the log's key signed",
    "fork": "the log does not continue the checkpoint that was held outside",
    "key": "the log's public key is not the one that was given",
    "subject": "the record is filed under another person than it names",
    "index": "the index of persons skips a record, or holds one that is not in the tree",
    "more": "further faults are not listed",
}
"""What a kind of fault means, for people."""


def verify_store(
    store: Store, since: str | None = None, *, key: Key | None = None
) -> dict[str, Any]:
    """Return the report: verified, records, pending, checkpoint, key and faults.

    `since` is the text of a checkpoint note held outside. Without `key` the key file's public half
    is trusted, and without a key file the store's own, which the report then says.
    """
    if key is None and (verifier := outside_verifier(store)):
        key = (verifier.origin, verifier.public)
    with store.read() as connection:

        def execute(query: str) -> Iterator[Sequence[Any]]:
            options = {"yield_per": FETCHED}
            with connection.exec_driver_sql(query, execution_options=options) as rows:
                yield from rows

        report = verify(execute, since=since, key=key)
        if not report["faults"]:  # the index follows from the tree, and so do its faults
            report["faults"] += verify_index(execute)
            report["faults"] += verify_gallring(execute)
    report["verified"] = not report["faults"]
    return report
