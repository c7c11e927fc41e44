"""Ids that the hub gives: keyed hashes in base32, the same whenever they are asked for."""

import base64
import hmac

from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.identifiers import RecordIds, keyed

PARTS = st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=20), max_size=7)


@given(st.binary(min_size=1, max_size=40), PARTS)
def test_an_id_is_the_keyed_hash_of_its_parts_in_base32(
    key: bytes, parts: list[str | None]
) -> None:
    encoded = [(part or "").encode() for part in parts]
    message = b"".join(len(each).to_bytes(4, "big") + each for each in encoded)
    digest = hmac.digest(key, message, "sha256")[:20]
    assert keyed(key, *parts) == base64.b32encode(digest).decode().lower()


def test_a_resources_id_is_of_its_record_type_and_place() -> None:
    ids = RecordIds(b"key", "s", None, "p", "rivta/get_diagnosis_2", "D-1")
    names = ("s", None, "p", "rivta/get_diagnosis", "D-1")
    assert ids.record == keyed(b"key", "record", *names)
    assert ids.mint()("Condition", "c") == keyed(b"key", "resource", *names, "Condition", "c")
