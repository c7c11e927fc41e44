from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from consent.facts import Capacity
from hub.auth.built_in import (
    NotForDevelopmentError,
    TokenRequest,
    ensure_issuer_key,
    issue_token,
    issuer_key,
    public_keys,
)
from hub.auth.issuer import built_in_issuer
from hub.auth.refused import TokenRefused
from hub.auth.verify import Verifier
from hub.store.connect import Store
from hub.store.schema.issuer_key import ISSUER_KEY
from hub.store.schema.metadata import METADATA

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    METADATA.create_all(opened.engine, tables=[ISSUER_KEY])
    yield opened
    opened.close()


def test_a_store_that_was_never_served_for_development_gives_no_tokens(store: Store) -> None:
    with store.read() as connection, pytest.raises(NotForDevelopmentError, match="serve --dev"):
        issuer_key(connection)


def test_the_key_is_made_once_and_its_tokens_hold(store: Store) -> None:
    with store.write() as connection:
        first = ensure_issuer_key(connection, NOON)
    with store.write() as connection:
        assert ensure_issuer_key(connection, NOON).thumbprint() == first.thumbprint()
    with store.read() as connection:
        key = issuer_key(connection)
    token = issue_token(key, TokenRequest("S1", "RegionA", Capacity.SYSTEM), NOON)
    keys = public_keys(first)
    assert not any(each.is_private for each in keys.values())
    assert Verifier([built_in_issuer(keys)]).verify(token, NOON).claims["sub"] == "S1"
    with pytest.raises(TokenRefused):
        Verifier([]).verify(token, NOON)
