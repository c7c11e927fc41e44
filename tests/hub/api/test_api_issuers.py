"""Tokens of a configured issuer, whose keys come from a real process: believed as it is written."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey

from hub.application import application
from hub.auth import claims as names
from hub.auth.client_certificate import thumbprint
from hub.auth.key_ring import RETRY
from hub.config.issuer import Issuer, KeySource, SpeaksFor
from hub.store.directory import load_issuers
from mappings.personal_identity import PERSONNUMMER
from tests.adapters.rivta.certificates import Authority
from tests.hub.api.test_api_refused import logged
from tests.hub.auth.mock_idp import MockIdp, idp_up
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    EMERGENCY,
    NOON,
    OTHER_REGION,
    REGION,
    SIGNE,
    SURGERY,
    WARD,
    WARD_DOCTOR,
    World,
    key_files,
    stated,
)
from tests.worlds.usual import fill

NOW = int(NOON.timestamp())
AUDIENCE = "https://hub.example/fhir"
LOOK = stated(relevance=True, activeChoice="content")
RUN = "import sys; from hub.cli.main import run; sys.argv[0] = 'samvy'; run()"


@pytest.fixture(scope="module")
def idp() -> Iterator[MockIdp]:
    with idp_up() as found:
        yield found


def issuer_of(idp: MockIdp, **changes: Any) -> Issuer:  # noqa: ANN401 - an issuer's fields
    """The issuer as a usual file has it."""
    usual = Issuer(
        id=idp.url,
        audience=AUDIENCE,
        keys=KeySource(discovery=f"{idp.url}/.well-known/openid-configuration", issuer=idp.url),
        algorithms=("ES256", "PS256"),
        speaks_for=(SpeaksFor.STAFF, SpeaksFor.INDIVIDUAL),
        acr=(names.LOA3,),
        scope="user/*.rs patient/*.rs",
    )
    return replace(usual, **changes)


def trust(world: World, *issuers: Issuer) -> None:
    with world.store.write() as connection:
        load_issuers(connection, issuers, NOON)


def doctor(idp: MockIdp, **changes: object) -> str:
    """A token of the ward's doctor, with the claims of Inera's IdP."""
    usual: dict[str, object] = {
        "aud": AUDIENCE,
        "sub": "pairwise-1",
        "acr": names.LOA3,
        names.EMPLOYEE: WARD_DOCTOR.user,
        names.PROVIDER: REGION,
        names.UNIT: WARD,
        names.COMMISSION: "ward-doctor-A",
        names.COMMISSION_PURPOSE: "Vård och behandling",
    }
    return idp.token({**usual, **changes}, now=NOW)


def ask(world: World, token: str, path: str = "/fhir/Condition/ward-1", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.http.send("GET", path, {"Authorization": f"Bearer {token}", **named})


def test_a_token_of_a_configured_issuer_reads(world: World, idp: MockIdp) -> None:
    fill(world)
    idp.publish()
    token = doctor(idp)
    assert ask(world, token).status == 401
    trust(world, issuer_of(idp))
    assert ask(world, token).status == 200
    for _ in range(5):
        assert ask(world, doctor(idp, jti="another")).status == 200
    assert idp.asked() == ["/.well-known/openid-configuration", "/jwks"]
    trust(world)
    assert ask(world, token).status == 401


def test_an_issuer_that_is_no_longer_listed_is_not_believed_in_any_process(
    world: World, idp: MockIdp, store_url: str, tmp_path: Path
) -> None:
    fill(world)
    idp.publish()
    trust(world, issuer_of(idp))
    token = doctor(idp)
    assert ask(world, token).status == 200
    file = tmp_path / "issuers.yaml"
    file.write_text("issuers: []\n", encoding="utf-8")
    command = [sys.executable, "-c", RUN, "issuers", "load", str(file), "--store", store_url]
    environment = {**os.environ, **key_files(tmp_path)}
    done = subprocess.run(
        command,
        check=True,
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert "1 no longer believed" in done.stderr
    assert ask(world, token).status == 401


def test_keys_rotate_and_an_old_one_is_not_believed(
    small_world: World, idp: MockIdp, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small_world
    fill(world)
    trust(world, issuer_of(idp))
    now = [1000.0]
    monkeypatch.setattr(world.hub.tokens.keys, "_clock", lambda: now[0])
    idp.publish()
    before = doctor(idp)
    assert ask(world, before).status == 200
    old = dict(idp.keys)
    idp.keys = {"k2": ECKey.generate_key("P-256", private=True)}
    idp.publish()
    after = idp.token(json.loads(_payload(before)), kid="k2", now=NOW)
    # the keys were fetched a moment ago: an unknown id is not worth another fetch yet
    assert ask(world, after).status == 401
    assert idp.asked() == []
    now[0] += RETRY
    assert ask(world, after).status == 200
    assert ask(world, before).status == 401
    for number in range(20):
        assert ask(world, doctor_with(old, idp, f"unknown-{number}")).status == 401
    assert idp.asked() == ["/.well-known/openid-configuration", "/jwks"]
    idp.keys = old
    idp.publish()


def _payload(token: str) -> bytes:
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def doctor_with(keys: dict[str, Any], idp: MockIdp, kid: str) -> str:
    """A token signed with a key that is not published, under an id that nobody knows."""
    published, idp.keys = idp.keys, {kid: keys["k1"]}
    token = idp.token({"aud": AUDIENCE, "sub": "x"}, kid=kid, now=NOW)
    idp.keys = published
    return token


def test_a_log_in_that_is_too_weak_is_told_so(small_world: World, idp: MockIdp) -> None:
    idp.publish()
    trust(small_world, issuer_of(idp))
    for acr in ("http://id.sambi.se/loa/loa2", None):
        reply = ask(small_world, doctor(idp, acr=acr))
        assert reply.status == 401
        assert 'error="insufficient_user_authentication"' in reply.headers["www-authenticate"]


def test_an_issuer_speaks_for_those_alone_whom_it_was_given(
    small_world: World, idp: MockIdp
) -> None:
    world = small_world
    fill(world)
    idp.publish()
    person = {
        names.EMPLOYEE: None,
        names.PROVIDER: None,
        names.COMMISSION: None,
        names.UNIT: None,
        names.PERSONAL_NUMBER: SIGNE,
    }
    own = f"/fhir/Condition?patient={world.person()}"
    for changes, staff, individual in (
        ({}, 200, 200),
        ({"speaks_for": (SpeaksFor.STAFF,)}, 200, 401),
        ({"speaks_for": (SpeaksFor.INDIVIDUAL,)}, 401, 200),
        ({"organisations": (OTHER_REGION,)}, 401, 200),
        ({"organisations": (OTHER_REGION, REGION)}, 200, 200),
        ({"scope": ""}, 403, 403),
        ({"audience": "https://other.example"}, 401, 401),
        ({"algorithms": ("PS256",)}, 401, 401),
        ({"longest_minutes": 5}, 401, 401),
        ({"certificate_bound": True}, 401, 401),
    ):
        trust(world, issuer_of(idp, **changes))
        assert ask(world, doctor(idp)).status == staff, changes
        assert ask(world, doctor(idp, **person), own).status == individual, changes


def test_claims_may_have_other_names(small_world: World, idp: MockIdp) -> None:
    world = small_world
    fill(world)
    idp.publish()
    trust(world, issuer_of(idp, claims=((names.EMPLOYEE, "hsaid"), ("scope", "scp"))))
    assert ask(world, doctor(idp)).status == 401
    renamed = {names.EMPLOYEE: None, "hsaid": WARD_DOCTOR.user}
    assert ask(world, doctor(idp, **renamed, scp=["user/*.rs"])).status == 200
    assert ask(world, doctor(idp, **renamed, scp=["user/Observation.rs"])).status == 403
    # our own name is nobody's once the issuer has another
    assert ask(world, doctor(idp, hsaid="surgeon", **{names.EMPLOYEE: "ward-doctor"})).status == 403


def test_several_assignments_are_chosen_among(small_world: World, idp: MockIdp) -> None:
    world = small_world
    fill(world)
    idp.publish()
    trust(world, issuer_of(idp))
    ward = {
        names.COMMISSION: "ward-doctor-A",
        names.COMMISSION_PURPOSE: "Vård och behandling",
        names.UNIT: WARD,
        names.PROVIDER: REGION,
    }
    elsewhere = {**ward, names.COMMISSION: "elsewhere", names.UNIT: SURGERY}
    other = {**ward, names.COMMISSION: "x", names.UNIT: EMERGENCY, names.PROVIDER: OTHER_REGION}
    none = {names.COMMISSION: None, names.UNIT: None, names.PROVIDER: None}
    for written in ([ward, elsewhere, other], json.dumps([ward, elsewhere, other])):
        several = doctor(idp, **none, allCommissions=written)
        reply = ask(world, several)
        assert (reply.status, reply.codes) == (403, ["choose-assignment"])
        assert ask(world, several, X_Samvy_Assignment="ward-doctor-A").status == 200
        for chosen in ("elsewhere", "x"):
            reply = ask(world, several, X_Samvy_Assignment=chosen)
            assert (reply.status, reply.codes) == (403, ["no-assignment-in-force"])
        reply = ask(world, several, X_Samvy_Assignment="surgeon-A")
        assert (reply.status, reply.codes) == (403, ["not-your-assignment"])
    assert ask(world, doctor(idp, **none, allCommissions=[ward])).status == 200
    assert ask(world, doctor(idp), X_Samvy_Assignment="surgeon-A").status == 403
    for bad in ("[", 7, [1], [{}], [ward] * 300, "[" * 5000):
        assert ask(world, doctor(idp, **none, allCommissions=bad)).status == 401


def test_a_token_that_is_bound_needs_its_certificate(
    small_world: World, idp: MockIdp, tmp_path: Path
) -> None:
    world = small_world
    fill(world)
    idp.publish()
    trust(world, issuer_of(idp, certificate_bound=True))
    authority = Authority(tmp_path)
    own, other = (
        authority.issue(name).loaded.public_bytes(Encoding.DER) for name in ("own", "other")
    )
    token = doctor(idp, cnf={"x5t#S256": thumbprint(own)})
    shown = {each: f":{base64.b64encode(each).decode()}:" for each in (own, other)}
    # 192.0.2.7 is no configured proxy: its header is as if it were not there
    assert ask(world, token, Client_Cert=shown[own]).status == 401
    hub = replace(world.hub, proxies=frozenset({"192.0.2.7"}))
    behind = replace(world.http, app=application(hub))
    for certificate, status in ((own, 200), (other, 401), (None, 401)):
        headers = {"Authorization": f"Bearer {token}"}
        if certificate:
            headers["Client-Cert"] = shown[certificate]
        assert behind.send("GET", "/fhir/Condition/ward-1", headers).status == status
    unbound = {"Authorization": f"Bearer {doctor(idp)}", "Client-Cert": shown[own]}
    assert behind.send("GET", "/fhir/Condition/ward-1", unbound).status == 401


def test_a_token_in_a_url_is_refused(small_world: World) -> None:
    token = small_world.token(WARD_DOCTOR)
    for headers in ({}, small_world.headers(WARD_DOCTOR)):
        reply = small_world.http.send("GET", f"/fhir/Condition/x?access_token={token}", headers)
        assert (reply.status, reply.codes) == (400, ["token-in-url"])
        assert token.encode() not in reply.body


def test_a_person_number_is_not_echoed(small_world: World, idp: MockIdp) -> None:
    idp.publish()
    trust(small_world, issuer_of(idp))
    reply = ask(small_world, doctor(idp, **{names.PERSONAL_NUMBER: f"{PERSONNUMMER}|{SIGNE}"}))
    assert SIGNE.encode() not in reply.body


def test_the_claim_that_is_wrong_is_named_to_who_has_a_signed_token(
    small_world: World, idp: MockIdp
) -> None:
    idp.publish()
    trust(small_world, issuer_of(idp))
    reply = ask(small_world, doctor(idp, **{names.PROVIDER: None}))
    assert reply.status == 401
    assert f"{names.PROVIDER} is missing" in reply.json["issue"][0]["details"]["text"]
    assert f'error_description="the claim {names.PROVIDER}' in reply.headers["www-authenticate"]
    assert logged(small_world)[-1]["reason"].startswith(f"the claim {names.PROVIDER} is missing")
    purpose = ask(small_world, doctor(idp, commissionPurpose="Administration"))
    assert (purpose.status, purpose.codes) == (403, ["purpose-not-served"])
    # of what nobody has signed nothing is told
    forged = doctor(idp, **{names.PROVIDER: None})[:-6] + "AAAAAA"
    reply = ask(small_world, forged)
    assert reply.headers["www-authenticate"] == 'Bearer realm="samvy", error="invalid_token"'
    assert names.PROVIDER.encode() not in reply.body


def test_an_individual_whom_the_issuer_knows_by_number_is_not_so_in_the_log(
    world: World, idp: MockIdp
) -> None:
    fill(world)
    idp.publish()
    nobody = dict.fromkeys((names.EMPLOYEE, *names.OF_A_COMMISSION))
    path = f"/fhir/Condition?patient={world.person()}"
    trust(world, issuer_of(idp))
    taken = doctor(idp, **{**nobody, "sub": SIGNE, names.PERSONAL_NUMBER: SIGNE})
    assert ask(world, taken, path).status == 200
    assert logged(world)[-1]["user"] == world.person()
    # refused, with the number in sub and nowhere else
    assert ask(world, doctor(idp, **nobody, sub=SIGNE), path).status == 401
    assert ask(world, doctor(idp, **{names.EMPLOYEE: SIGNE}), path).status == 401
    assert SIGNE not in json.dumps(logged(world))
