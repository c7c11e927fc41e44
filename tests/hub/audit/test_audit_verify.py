"""P9: what was altered, dropped or swapped behind the hub's back is found and named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_log import Chains, Log

from hub.audit.record import AccessRecord

Make = Callable[..., AccessRecord]
ROOT = Path(__file__).parents[3]
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def test_an_untouched_log_verifies(signed: Chains) -> None:
    report = signed.verify()
    assert report["verified"] is True
    assert report["faults"] == []
    assert (report["records"], report["pending"]) == (20, 0)
    assert report["checkpoint"]["size"] == 20
    assert report["checkpoint"]["note"] == signed.notes[-1]
    assert report["key"] == "outside"
    json.dumps(report)


def test_an_empty_log_verifies(log: Log) -> None:
    report = log.verify()
    assert (report["verified"], report["records"], report["checkpoint"]) == (True, 0, None)


def test_records_that_are_not_in_the_tree_yet_are_told_of(signed: Chains) -> None:
    signed.append(signed.writer(), 2)
    report = signed.verify(signed.notes[0])
    assert (report["verified"], report["records"], report["pending"]) == (True, 22, 2)


@pytest.mark.parametrize("number", range(3))
def test_every_checkpoint_held_outside_is_borne_out(signed: Chains, number: int) -> None:
    assert signed.faults(signed.notes[number]) == []


# Altered


def test_an_altered_record_is_named(signed: Chains) -> None:
    signed.alter(signed.a[4])
    assert signed.faults() == [("altered", signed.a[4])]


def test_an_altered_salt_is_named(signed: Chains) -> None:
    signed.change(
        "UPDATE audit_record SET salt = leaf_hash WHERE chain = :c AND position = 4", c=signed.chain
    )
    assert signed.faults() == [("altered", signed.a[4])]


def test_an_altered_record_is_named_although_its_hashes_were_made_to_fit(signed: Chains) -> None:
    signed.alter(signed.a[4])
    signed.rebuild(signed.chain)
    assert signed.faults() == [("altered", signed.a[4])]


def test_an_altered_record_is_within_the_range_named_although_the_tree_was_made_to_fit(
    signed: Chains,
) -> None:
    signed.alter(signed.a[4])
    signed.rebuild(signed.chain, tree=True)
    (fault,) = signed.verify()["faults"]
    assert fault["kind"] == "root"
    assert fault["leaves"] == [6, 11]  # after the first checkpoint, up to the second
    assert (fault["first"], fault["last"]) == (signed.a[3], signed.b[5])


def test_a_range_of_one_is_the_record(log: Log) -> None:
    writer = log.writer()
    places = []
    for _ in range(3):
        places += log.append(writer, 1)
        log.sequence()
    log.alter(places[1])
    log.rebuild(places[0].partition(".")[0], tree=True)
    assert log.faults() == [("root", places[1])]


@pytest.mark.parametrize("column", ["leaf_hash", "chain_hash"])
def test_an_altered_hash_is_named(signed: Chains, column: str) -> None:
    signed.change(
        f"UPDATE audit_record SET {column} = salt WHERE chain = :c AND position = 4",  # noqa: S608
        c=signed.chain,
    )
    kind = "altered" if column == "leaf_hash" else "chain"
    assert signed.faults() == [(kind, signed.a[4])]


def test_an_altered_leaf_of_the_tree_is_named_by_its_record(signed: Chains) -> None:
    signed.change(
        "UPDATE audit_tree SET leaf_hash = (SELECT root FROM audit_checkpoint"
        " WHERE size = 6) WHERE chain = :c AND position = 4",
        c=signed.chain,
    )
    assert ("altered", signed.a[4]) in signed.faults()


@pytest.mark.parametrize(
    "column", ["id", "recorded", "action", "outcome", "user_id", "organisation", "person"]
)
def test_a_search_column_that_hides_a_record_is_named(signed: Chains, column: str) -> None:
    signed.change(
        f"UPDATE audit_record SET {column} = 'x' WHERE chain = :c AND position = 4",  # noqa: S608
        c=signed.chain,
    )
    (fault,) = signed.verify()["faults"]
    assert (fault["kind"], fault["record"]) == ("column", signed.a[4])
    assert fault["column"] == column.removesuffix("_id")


# Dropped


def test_a_dropped_record_is_named(signed: Chains) -> None:
    signed.drop(signed.a[4])
    assert signed.faults() == [("dropped", signed.a[4])]


def test_a_chains_last_record_is_missed(signed: Chains) -> None:
    signed.drop(signed.a[-1])
    assert signed.faults() == [("dropped", signed.a[-1])]


def test_a_whole_chain_is_missed(signed: Chains) -> None:
    signed.change("DELETE FROM audit_record WHERE chain = :c", c=signed.chain)
    assert signed.faults() == [("dropped", place) for place in signed.a]


def test_a_dropped_record_is_named_although_the_later_ones_moved_up(signed: Chains) -> None:
    signed.drop(signed.a[4])
    for position in range(5, 10):
        signed.change(
            "UPDATE audit_record SET position = :p - 1 WHERE chain = :c AND position = :p",
            c=signed.chain,
            p=position,
        )
    signed.rebuild(signed.chain)
    faults = signed.faults()
    assert faults[0] == ("dropped", signed.a[4])
    assert [kind for kind, _ in faults[1:]] == ["moved"] * 5


def test_a_dropped_record_is_named_although_its_leaf_was_dropped_too(signed: Chains) -> None:
    signed.drop(signed.a[4])
    signed.change("DELETE FROM audit_tree WHERE chain = :c AND position = 4", c=signed.chain)
    faults = signed.faults()
    assert ("dropped", signed.a[4]) in faults
    assert {kind for kind, _ in faults} == {"dropped", "tree"}


def test_a_leaf_that_was_dropped_alone_is_named_by_its_record(signed: Chains) -> None:
    signed.change("DELETE FROM audit_tree WHERE chain = :c AND position = 4", c=signed.chain)
    faults = signed.verify()["faults"]
    assert [(fault["kind"], fault["record"]) for fault in faults] == [
        ("tree", None),
        ("tree", signed.a[4]),
    ]
    assert faults[0]["leaf"] == 7


# Swapped


@pytest.mark.parametrize("pair", [(4, 5), (1, 8)])
@pytest.mark.parametrize("fitted", [False, True])
def test_two_records_in_each_others_place_are_named(
    signed: Chains, pair: tuple[int, int], *, fitted: bool
) -> None:
    x, y = (signed.a[position] for position in pair)
    signed.exchange_positions(x, y)
    if fitted:
        signed.rebuild(signed.chain)
    assert signed.faults() == [("swapped", x), ("swapped", y)]


CONTENT = ("payload", "salt", "id", "recorded", "user_id")


@pytest.mark.parametrize("columns", [CONTENT, (*CONTENT, "leaf_hash")])
def test_two_records_whose_content_was_exchanged_are_named(
    signed: Chains, columns: tuple[str, ...]
) -> None:
    signed.exchange("audit_record", signed.a[2], signed.b[7], *columns)
    faults = signed.verify()["faults"]
    assert [(f["kind"], f["record"], f["with"]) for f in faults] == sorted(
        [("swapped", signed.a[2], signed.b[7]), ("swapped", signed.b[7], signed.a[2])]
    )


def test_payloads_alone_exchanged_are_both_altered(signed: Chains) -> None:
    signed.exchange("audit_record", signed.a[2], signed.a[7], "payload")
    assert signed.faults() == [("altered", signed.a[2]), ("altered", signed.a[7])]


def test_exchanged_records_and_leaves_are_within_the_range_named(signed: Chains) -> None:
    signed.exchange("audit_record", signed.a[7], signed.a[8], *CONTENT)
    signed.rebuild(signed.chain, tree=True)
    (fault,) = signed.verify()["faults"]
    assert (fault["kind"], fault["leaves"]) == ("root", [12, 19])


def test_places_exchanged_in_the_tree_are_named(signed: Chains) -> None:
    signed.change("UPDATE audit_tree SET leaf_index = -leaf_index WHERE leaf_index IN (7, 8)")
    signed.change("UPDATE audit_tree SET leaf_index = 15 + leaf_index WHERE leaf_index < 0")
    assert {("tree", signed.a[4]), ("tree", signed.a[5])} <= set(signed.faults())


def test_three_records_moved_round_are_named(signed: Chains) -> None:
    x, y, z = signed.a[1], signed.a[4], signed.a[7]
    signed.exchange("audit_record", x, y, *CONTENT)
    signed.exchange("audit_record", y, z, *CONTENT)
    assert signed.faults() == [("moved", x), ("moved", y), ("moved", z)]
