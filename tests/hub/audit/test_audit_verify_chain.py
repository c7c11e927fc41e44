"""Records that no checkpoint covers yet are checked by their chain; and gallring keeps both."""

from collections.abc import Callable
from pathlib import Path

import pytest
from audit_log import Chains

from hub.audit.record import AccessRecord, Action, Shown

Make = Callable[..., AccessRecord]
ROOT = Path(__file__).parents[3]
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


CONTENT = ("payload", "salt", "id", "recorded", "user_id")


def test_an_altered_record_is_named_by_its_chain(pending: Chains) -> None:
    pending.alter(pending.a[4])
    assert pending.faults() == [("altered", pending.a[4])]


def test_a_dropped_record_is_named_by_its_chain(pending: Chains) -> None:
    pending.drop(pending.a[4])
    pending.drop(pending.a[5])
    assert pending.faults() == [("dropped", pending.a[4]), ("dropped", pending.a[5])]


def test_a_long_gap_is_named_by_its_ends(pending: Chains) -> None:
    pending.change(
        "UPDATE audit_record SET position = 5000 WHERE chain = :c AND position = 9", c=pending.chain
    )
    (fault,) = pending.verify()["faults"]
    assert (fault["kind"], fault["record"]) == ("dropped", f"{pending.chain}.9")
    assert fault["through"] == f"{pending.chain}.4999"


@pytest.mark.parametrize("pair", [(4, 5), (1, 7), (0, 9), (0, 1), (3, 5)])
@pytest.mark.parametrize("how", ["positions", "content", "hashed content"])
def test_two_swapped_records_are_named_by_their_chain(
    pending: Chains, pair: tuple[int, int], how: str
) -> None:
    x, y = (pending.a[position] for position in pair)
    if how == "positions":
        pending.exchange_positions(x, y)
    else:
        hashed = ("leaf_hash",) if how == "hashed content" else ()
        pending.exchange("audit_record", x, y, *CONTENT, *hashed)
    assert pending.faults() == [("swapped", x), ("swapped", y)]


def test_a_record_put_in_between_is_named(pending: Chains) -> None:
    pending.change(
        "UPDATE audit_record SET position = 10 WHERE chain = :c AND position = 9", c=pending.chain
    )
    pending.change(
        "INSERT INTO audit_record SELECT chain, 9, id, recorded, action, outcome, user_id,"
        " organisation, person, salt, payload, leaf_hash, chain_hash FROM audit_record"
        " WHERE chain = :c AND position = 3",
        c=pending.chain,
    )
    assert ("chain", pending.a[9]) in pending.faults()


def empty(signed: Chains, place: str) -> None:
    chain, _, position = place.partition(".")
    signed.change(
        "UPDATE audit_record SET payload = NULL, salt = NULL, user_id = NULL, person = NULL"
        " WHERE chain = :c AND position = :p",
        c=chain,
        p=int(position),
    )


def test_gallring_leaves_the_tree_valid(signed: Chains, make_record: Make) -> None:
    empty(signed, signed.a[4])
    named = Shown("SE2329999990-0001", None, (f"AuditEvent/{signed.a[4]}",))
    signed.writer().append(make_record(99, action=Action.ERASE, shown=(named,)))
    # Its five years have not gone; nothing else is wrong with it.
    assert signed.faults(signed.notes[0]) == [("early", signed.a[4])]
    signed.sequence()
    assert signed.faults(signed.notes[2]) == [("early", signed.a[4])]


def test_a_record_emptied_without_a_record_of_it_is_named(signed: Chains) -> None:
    empty(signed, signed.a[4])
    assert signed.faults() == [("erased", signed.a[4])]
