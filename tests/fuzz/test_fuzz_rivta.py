"""A fixed run of the fuzzer of RIV-TA messages; `make fuzz` goes on for as long as it is told."""

from itertools import islice

from fuzz_rivta import feed, mutations


def test_mutated_messages_neither_crash_nor_lose_anything() -> None:
    for content in islice(mutations(20261125), 1500):
        feed(content)
