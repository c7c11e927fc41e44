"""A fixed run of the fuzzer of RIV-TA messages; `make fuzz` goes on for as long as it is told."""

from itertools import islice
from pathlib import Path

import pytest
from fuzz_ingest import Hub
from fuzz_known_forms import BothWays, texts
from fuzz_rivta import feed, mutations

from hub.store import identity_key


def test_mutated_messages_neither_crash_nor_lose_anything() -> None:
    for content in islice(mutations(20261125), 1500):
        feed(content)


def test_mutated_messages_in_a_store_have_receipts_and_are_kept(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(identity_key.VARIABLE, "")
    hub = Hub(store_url, tmp_path)
    messages = mutations(20261125)
    for _ in range(4):
        hub.feed(list(islice(messages, 75)))
    hub.close()
    assert {"stored", "replaced", "quarantined", "rejected", "source_error"} <= set(hub.states)


def test_damaged_texts_give_the_same_whether_their_form_is_known_or_not() -> None:
    ways = BothWays()
    for whole, damaged in islice(texts(20261201), 1500):
        assert ways.agree(whole, damaged), damaged
    assert ways.quick > 100
