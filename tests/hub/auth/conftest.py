"""An identity provider for the tests of one module."""

from collections.abc import Iterator

import pytest

from tests.hub.auth.mock_idp import MockIdp, idp_up


@pytest.fixture(scope="module")
def idp() -> Iterator[MockIdp]:
    with idp_up() as found:
        yield found
