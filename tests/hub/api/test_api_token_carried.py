"""Where a token may stand (RFC 6750; FAPI 2.0 5.3.4): once, in Authorization, after `Bearer`."""

import base64
from collections.abc import Callable

import pytest

from tests.worlds.asgi_client import FORM
from tests.worlds.hub_world import WARD_DOCTOR, World

CARRIED: dict[str, tuple[Callable[[str], dict[str, str]], int]] = {
    "as it should be": (lambda token: {"Authorization": f"Bearer {token}"}, 200),
    "with the scheme in small letters": (lambda token: {"Authorization": f"bearer {token}"}, 200),
    "in two headers": (
        lambda token: {"Authorization": f"Bearer {token}", "authorization": f"Bearer {token}"},
        400,
    ),
    "twice in one header": (
        lambda token: {"Authorization": f"Bearer {token}, Bearer {token}"},
        401,
    ),
    "twice with a space": (lambda token: {"Authorization": f"Bearer {token} {token}"}, 401),
    "in quotes": (lambda token: {"Authorization": f'Bearer "{token}"'}, 401),
    "without a scheme": (lambda token: {"Authorization": token}, 401),
    "as a password": (
        lambda token: {
            "Authorization": "Basic " + base64.b64encode(f"x:{token}".encode()).decode()
        },
        401,
    ),
    "as proof of possession": (lambda token: {"Authorization": f"DPoP {token}"}, 401),
    "for a proxy": (lambda token: {"Proxy-Authorization": f"Bearer {token}"}, 401),
    "in a cookie": (lambda token: {"Cookie": f"access_token={token}; session={token}"}, 401),
    "in a header of its own": (lambda token: {"X-Access-Token": token}, 401),
    "with a line break": (lambda token: {"Authorization": f"Bearer {token}\n"}, 401),
    "with a tab": (lambda token: {"Authorization": f"Bearer\t{token}"}, 401),
    "of a megabyte": (lambda _: {"Authorization": "Bearer " + "a" * 1_000_000}, 401),
}


@pytest.mark.parametrize("how", CARRIED)
def test_a_token_stands_once_in_one_header_and_nowhere_else(
    how: str, standing_world: World
) -> None:
    carried, status = CARRIED[how]
    token = standing_world.token(WARD_DOCTOR)
    reply = standing_world.http.send("GET", "/fhir/Condition/ward-1", carried(token))
    assert reply.status == status
    assert status == 200 or token.encode() not in reply.body
    form = f"patient={standing_world.person()}&access_token={token}".encode()
    headers = {"Content-Type": FORM}
    assert standing_world.http.send("POST", "/fhir/Condition/_search", headers, form).status == 401


@pytest.mark.parametrize("name", ["Authorization", "X-Samvy-Session", "X-Samvy-Assignment"])
def test_what_says_who_asks_and_as_what_stands_once(name: str, standing_world: World) -> None:
    own = {"Authorization": f"Bearer {standing_world.token(WARD_DOCTOR)}"}
    value = own.get(name, "x")
    twice = {**own, name: value, name.lower(): value}
    reply = standing_world.http.send("GET", "/fhir/Condition/ward-1", twice)
    assert reply.status == 400
    assert f"{name} stands more than once" in reply.body.decode()
