"""A hub whose console people log in to with a provider that runs in a process of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consent.facts import Capacity
from hub.auth import claims as names
from hub.config.issuer import Console, Issuer, KeySource, SpeaksFor
from hub.store.directory import load_issuers
from tests.hub.oidc.provider_process import AUDIENCE, CLIENT, Provider, provider_up
from tests.hub.web.visiting import fill_log
from tests.worlds.hub_world import AUDITOR, REGION, SIGNE, WARD, World, opened_world

assert AUDITOR.as_ is Capacity.AUDITOR
STAFF = {
    "acr": names.LOA3,
    names.EMPLOYEE: "auditor",
    names.PROVIDER: REGION,
    names.UNIT: WARD,
    names.COMMISSION: "auditor-A",
}
USERS = {
    "wilma": {"sub": "pairwise-w", "sid": "s-1", "access": {"sub": "pairwise-w", **STAFF}},
    "signe": {
        "sub": SIGNE,
        "sid": "s-2",
        "access": {"sub": SIGNE, "acr": names.LOA3, names.PERSONAL_NUMBER: SIGNE},
    },
    "doctor": {
        "sub": "pairwise-d",
        "access": {
            "sub": "pairwise-d",
            **STAFF,
            names.EMPLOYEE: "ward-doctor",
            names.COMMISSION: "ward-doctor-A",
            names.COMMISSION_PURPOSE: "Vård och behandling",
        },
    },
}


@pytest.fixture(scope="session")
def provider_process() -> Iterator[Provider]:
    with provider_up() as found:
        yield found


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    provider_process.does(users=USERS)
    return provider_process


def issuer_of(provider: Provider) -> Issuer:
    return Issuer(
        id=provider.url,
        audience=AUDIENCE,
        keys=KeySource(
            discovery=f"{provider.url}/.well-known/openid-configuration", issuer=provider.url
        ),
        algorithms=("ES256",),
        speaks_for=(SpeaksFor.STAFF, SpeaksFor.INDIVIDUAL),
        acr=(names.LOA3,),
        scope="user/*.rs patient/*.rs",
        console=Console(CLIENT, "Provet", "openid hsa"),
    )


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path, provider: Provider) -> Iterator[World]:
    with opened_world(sqlite_url, tmp_path) as made:
        made.clock.now = datetime.now(UTC)
        fill_log(made)
        with made.store.write() as connection:
            load_issuers(connection, (issuer_of(provider),), made.clock.now)
        yield made
