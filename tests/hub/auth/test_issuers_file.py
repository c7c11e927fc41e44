import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from hub.auth.claims import STRONG
from hub.auth.issuers_file import read_issuers
from hub.config.address import secure
from hub.config.issuer import Console, Issuer, SpeaksFor
from hub.config.problem import ConfigurationError

USUAL = "issuers: [{id: 'https://idp.example', audience: urn:hub%s}]"
WHOLE = """
issuers:
  - id: https://idp.example/realm
    audience: https://hub.example/fhir
    jwks: https://idp.example/keys
    algorithms: [ES256]
    speaks_for: [staff, individual]
    organisations: [REGION]
    acr: [http://id.sambi.se/loa/loa3]
    certificate_bound: true
    longest_minutes: 15
    clock_skew_seconds: 5
    scope: user/*.rs patient/*.rs
    claims: {employeeHsaId: hsa}
    console: {client: samvy, name: Regionen, scope: openid hsa}
"""


def _read(folder: Path, text: str) -> tuple[Issuer, ...]:
    file = folder / "issuers.yaml"
    file.write_text(text, encoding="utf-8")
    return read_issuers(file, {"REGION"})


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (found,) = _read(tmp_path, WHOLE)
    assert (found.id, found.audience) == ("https://idp.example/realm", "https://hub.example/fhir")
    assert (found.keys.jwks, found.keys.discovery) == ("https://idp.example/keys", None)
    assert found.algorithms == ("ES256",)
    assert found.speaks_for == (SpeaksFor.STAFF, SpeaksFor.INDIVIDUAL)
    assert found.organisations == ("REGION",)
    assert found.acr == ("http://id.sambi.se/loa/loa3",)
    assert (found.certificate_bound, found.longest_minutes, found.clock_skew_seconds) == (
        True,
        15,
        5,
    )
    assert found.claims == (("employeeHsaId", "hsa"),)
    assert found.console == Console("samvy", "Regionen", "openid hsa")
    assert _read(tmp_path, "issuers: []") == ()


def test_what_is_left_out_is_the_careful_choice(tmp_path: Path) -> None:
    (found,) = _read(tmp_path, USUAL % "")
    assert found.keys.discovery == "https://idp.example/.well-known/openid-configuration"
    assert found.keys.issuer == "https://idp.example"
    assert set(found.algorithms) == {"ES256", "PS256", "RS256"}
    assert found.speaks_for == (SpeaksFor.STAFF,)
    assert set(found.acr) == STRONG
    assert found.scope == ""
    assert found.longest_minutes == 60
    assert found.console is None
    (shown,) = _read(tmp_path, USUAL % ", console: {client: samvy}")
    assert shown.console == Console("samvy", "idp.example", "openid")


def test_keys_may_lie_in_a_file_beside(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256", private=True)
    listed = {"keys": [{**key.as_dict(private=False), "kid": "k"}]}
    (tmp_path / "keys.json").write_text(json.dumps(listed), encoding="utf-8")
    (found,) = _read(tmp_path, USUAL % ", keys: keys.json")
    assert not found.keys.remote
    private = {"keys": [key.as_dict(private=True)]}
    (tmp_path / "keys.json").write_text(json.dumps(private), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="private keys"):
        _read(tmp_path, USUAL % ", keys: keys.json")


WRONG = {
    ", console: {client: x, scope: profile}": "holds openid",
    ", console: {name: x}": "client",
    ", algorithms: [HS256]": "not one that is safe",
    ", algorithms: [none]": "not one that is safe",
    ", algorithms: []": "the list is empty",
    ", jwks: 'http://idp.example/keys'": "not an https address",
    ", jwks: 'https://user:secret@idp.example/keys'": "not an https address",
    ", discovery: 'file:///etc/passwd'": "not an https address",
    ", jwks: 'https://a.example', discovery: 'https://a.example'": "more than one place",
    ", keys: nowhere.json": "cannot be read",
    ", speaks_for: [everybody]": "the code is not known",
    ", speaks_for: []": "the list is empty",
    ", organisations: [SOMEBODY]": "no organisation has this id",
    ", longest_minutes: 0": "from 1 to 1440",
    ", longest_minutes: 100000": "from 1 to 1440",
    ", clock_skew_seconds: 3600": "from 0 to 120",
    ", scope: 'user/Patient.read'": "no SMART v2 scope",
    ", claims: {iss: x}": "no claim that can be mapped",
    ", claims: {'urn:samvy:as': x}": "no claim that can be mapped",
    ", audiences: x": "the key is not known",
    "}, {id: 'https://idp.example', audience: urn:other": "stands already",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_told_with_file_line_and_remedy(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=WRONG[text]) as caught:
        _read(tmp_path, USUAL % text)
    assert "issuers.yaml:1: " in str(caught.value)


@pytest.mark.parametrize("name", ["http://idp.example", "idp.example", "https://idp.example?a=b"])
def test_an_issuer_is_an_https_address(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        _read(tmp_path, (USUAL % "").replace("https://idp.example", name))


def test_http_is_for_127_0_0_1_under_dev_alone() -> None:
    assert secure("https://idp.example/x", dev=False)
    assert secure("http://127.0.0.1:8080/x", dev=True)
    for address, dev in (
        ("http://127.0.0.1:8080/x", False),
        ("http://localhost/x", True),
        ("http://127.0.0.1.evil.example/x", True),
        ("http://127.0.0.1@evil.example/x", True),
        ("https://idp.example:99999/x", False),
        ("https://", False),
        ("https://idp.example/x#y", False),
        ("https://idp.example/å", False),
        ("https://idp.example/ x", False),
    ):
        assert not secure(address, dev=dev), address
