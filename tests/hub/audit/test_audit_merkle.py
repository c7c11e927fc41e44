"""The tree against published figures and against a second, plainly recursive implementation."""

from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.audit.merkle import (
    Frontier,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    nodes_of,
    root_of,
    verify_consistency,
)
from hub.audit.verify_receipt import _root as root_by

# The leaves and heads that Certificate Transparency's implementations are tested with.
DATA = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (
        0,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
        ),
    ),
    (
        5,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
        ),
    ),
    (2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
]
CONSISTENCY = [
    (1, 1, ""),
    (
        6,
        8,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
        ),
    ),
    (
        2,
        5,
        (
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
        ),
    ),
]
LEAVES = [leaf_hash(data) for data in DATA]
MANY = [leaf_hash(number.to_bytes(2)) for number in range(70)]


def hashes(text: str) -> list[bytes]:
    raw = bytes.fromhex(text)
    return [raw[i : i + 32] for i in range(0, len(raw), 32)]


def naive_root(data: list[bytes]) -> bytes:
    """RFC 6962 §2.1 word for word: MTH over the data, splitting at a power of two."""
    if not data:
        return sha256().digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    split = 1
    while split * 2 < len(data):
        split *= 2
    return sha256(b"\x01" + naive_root(data[:split]) + naive_root(data[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_published(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]
    assert naive_root(DATA[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_inclusion_proofs_are_those_published(index: int, size: int, proof: str) -> None:
    assert inclusion_proof(nodes_of(LEAVES), size, index) == hashes(proof)
    assert root_by(LEAVES[index], index, size, hashes(proof)) == bytes.fromhex(ROOTS[size])


@pytest.mark.parametrize(("old", "size", "proof"), CONSISTENCY)
def test_consistency_proofs_are_those_published(old: int, size: int, proof: str) -> None:
    assert consistency_proof(nodes_of(LEAVES), size, old) == hashes(proof)
    roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size])
    verify_consistency(old, size, hashes(proof), *roots)


@given(st.lists(st.binary(max_size=5), max_size=200))
def test_roots_are_those_of_the_plain_definition(data: list[bytes]) -> None:
    assert root_of(leaf_hash(each) for each in data) == naive_root(data)


def test_a_frontier_that_was_stored_goes_on_as_if_it_had_not_been() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(MANY):
        frontier = Frontier.unpack(size, frontier.pack())
        frontier.append(leaf)
        assert frontier.root() == root_of(MANY[: size + 1])
    with pytest.raises(ProofError, match="hashes"):
        Frontier.unpack(5, frontier.pack())


def test_every_inclusion_proof_holds_and_for_no_other_place() -> None:
    for size in range(1, len(MANY) + 1):
        root = root_of(MANY[:size])
        for index in range(size):
            proof = inclusion_proof(nodes_of(MANY), size, index)
            assert root_by(MANY[index], index, size, proof) == root
            for wrong in {index - 1, index + 1, index ^ 2} - {index}:
                assert root_by(MANY[index], wrong, size, proof) != root
            assert root_by(MANY[index], index, size, [*proof, root]) != root
            assert root_by(leaf_hash(b"other"), index, size, proof) != root


def test_every_consistency_proof_holds_and_for_no_other_history() -> None:
    for size in range(1, len(MANY) + 1):
        root = root_of(MANY[:size])
        for old in range(1, size + 1):
            proof = consistency_proof(nodes_of(MANY), size, old)
            before = root_of(MANY[:old])
            verify_consistency(old, size, proof, before, root)
            forked = root_of([*MANY[: old - 1], leaf_hash(b"other")])
            with pytest.raises(ProofError):
                verify_consistency(old, size, proof, forked, root)
            with pytest.raises(ProofError):
                verify_consistency(old, size, [*proof, root], before, root)
            if proof:
                with pytest.raises(ProofError):
                    verify_consistency(old, size, proof[:-1], before, root)
                wrong = [leaf_hash(b"other"), *proof[1:]]
                with pytest.raises(ProofError):
                    verify_consistency(old, size, wrong, before, root)


@pytest.mark.parametrize("index", [-1, 8])
def test_there_is_no_proof_for_what_is_not_there(index: int) -> None:
    with pytest.raises(ProofError):
        inclusion_proof(nodes_of(LEAVES), 8, index)
    assert root_by(LEAVES[0], index, 8, []) is None
    with pytest.raises(ProofError):
        consistency_proof(nodes_of(LEAVES), 8, index + 1)
    with pytest.raises(ProofError):
        verify_consistency(index + 1, 8, [], LEAVES[0], root_of(LEAVES))


def test_another_implementation_makes_the_same_tree_and_proofs() -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    roots = [b""]
    for number in range(70):
        other.append_entry(number.to_bytes(2))
        roots.append(bytes(other.get_root()))
        assert roots[-1] == root_of(MANY[: number + 1])
    for size, index in ((1, 0), (7, 6), (20, 4), (64, 63), (70, 0), (70, 65)):
        path = other.prove_inclusion(index + 1, size).serialize()["path"]
        assert [h.hex() for h in inclusion_proof(nodes_of(MANY), size, index)] == path[1:]
    for old, size in ((1, 2), (7, 20), (32, 64), (33, 70), (69, 70)):
        proof = consistency_proof(nodes_of(MANY), size, old)
        verify_consistency(old, size, proof, roots[old], roots[size])
