import hmac
import json
import string
from collections.abc import Callable
from datetime import timedelta

import pytest
from auth_tokens import (
    IDP,
    KEY,
    KID,
    NOON,
    NOW,
    OTHER,
    RSA,
    built_in,
    claims,
    external,
    part,
    signed,
)
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from hub.auth.issuer import TrustedIssuer
from hub.auth.refused import Reason, TokenRefused
from hub.auth.verify import CACHED_SECONDS, LARGEST_CHARACTERS, VerifiedToken, Verifier

SECOND = timedelta(seconds=1)


def _verify(token: str, **changes: float) -> VerifiedToken:
    return Verifier([built_in(), external()]).verify(token, NOON + timedelta(**changes))


def _refused(token: str, **changes: float) -> Reason:
    with pytest.raises(TokenRefused) as caught:
        _verify(token, **changes)
    assert caught.value.status == 401
    assert str(caught.value) == "the access token is missing or does not hold; get a new one"
    return caught.value.reason


def _confused() -> str:
    """A token signed with the public key as if it were a shared secret."""
    head = part({"alg": "HS256", "kid": KID, "typ": "JWT"})
    body = part(claims())
    secret = KEY.as_pem(private=False)
    return f"{head}.{body}.{part(hmac.digest(secret, f'{head}.{body}'.encode(), 'sha256'))}"


def _with_payload(content: bytes) -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{part(content)}.{signature}"


def _with_header(content: bytes) -> str:
    _, body, signature = signed().split(".")
    return f"{part(content)}.{body}.{signature}"


def test_a_token_that_holds_gives_its_claims() -> None:
    found = _verify(signed(claims(scope="user/*.rs")))
    assert found.claims["sub"] == "N1"
    assert found.text("scope") == "user/*.rs"
    assert found.expires == NOW + 3600
    assert found.issuer.own_claims
    with pytest.raises(TypeError):
        found.claims["sub"] = "N2"  # type: ignore[index]


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
def test_an_external_issuer_is_held_to_its_own_keys(alg: str) -> None:
    body = claims(iss=IDP, aud=["urn:other", "urn:hub"])
    assert not _verify(signed(body, key=RSA, alg=alg, kid="rsa")).issuer.own_claims
    assert _verify(signed(body, key=OTHER, kid="ec")).issuer.name == IDP
    assert _refused(signed(body, key=KEY, kid=KID)) is Reason.KEY
    assert _refused(signed(body, key=OTHER, kid=None)) is Reason.KEY
    assert _refused(signed(body, key=RSA, alg=alg, kid="ec")) is Reason.KEY


HOSTILE: dict[str, tuple[Callable[[], str], Reason]] = {
    "empty": (lambda: "", Reason.MISSING),
    "not a token": (lambda: "abc", Reason.MALFORMED),
    "unsigned": (lambda: signed().rpartition(".")[0] + ".", Reason.MALFORMED),
    "two parts": (lambda: signed().rpartition(".")[0], Reason.MALFORMED),
    "truncated": (lambda: signed()[:-6], Reason.SIGNATURE),
    "four parts": (lambda: signed() + ".x", Reason.MALFORMED),
    "encrypted": (lambda: "a.b.c.d.e", Reason.MALFORMED),
    "alg none": (
        lambda: f"{part({'alg': 'none'})}.{part(claims())}.{part(b'x')}",
        Reason.ALGORITHM,
    ),
    "alg NoNe": (lambda: _with_header(b'{"alg":"NoNe"}'), Reason.ALGORITHM),
    "alg missing": (lambda: _with_header(b"{}"), Reason.ALGORITHM),
    "alg a list": (lambda: _with_header(b'{"alg":["ES256"]}'), Reason.HEADER),
    "alg confused": (_confused, Reason.ALGORITHM),
    "alg of another issuer": (
        lambda: signed(key=RSA, alg="RS256", kid="rsa"),
        Reason.ALGORITHM,
    ),
    "wrong key": (lambda: signed(key=OTHER), Reason.SIGNATURE),
    "claims changed": (
        lambda: _with_payload(json.dumps(claims(sub="N2")).encode()),
        Reason.SIGNATURE,
    ),
    "header changed": (
        lambda: _with_header(json.dumps({"kid": KID, "alg": "ES256"}).encode()),
        Reason.SIGNATURE,
    ),
    "kid unknown": (lambda: signed(kid="x"), Reason.KEY),
    "kid a path": (lambda: signed(kid="../../dev/null"), Reason.KEY),
    "kid an injection": (lambda: signed(kid="x' OR '1'='1"), Reason.KEY),
    "key brought along": (
        lambda: signed(key=OTHER, jwk=OTHER.as_dict(private=False)),
        Reason.HEADER,
    ),
    "address brought along": (lambda: signed(jku="https://evil.example/jwks"), Reason.HEADER),
    "certificate brought along": (
        lambda: _with_header(b'{"alg":"ES256","x5u":"https://evil.example"}'),
        Reason.HEADER,
    ),
    "critical": (
        lambda: _with_header(b'{"alg":"ES256","crit":["b64"],"b64":false}'),
        Reason.HEADER,
    ),
    "typ of something else": (lambda: signed(typ="logout+jwt"), Reason.HEADER),
    "duplicate header": (
        lambda: _with_header(b'{"alg":"none","alg":"ES256"}'),
        Reason.MALFORMED,
    ),
    "duplicate claim": (
        lambda: _with_payload(b'{"sub":"N1","sub":"N2"}'),
        Reason.MALFORMED,
    ),
    "claims not an object": (lambda: _with_payload(b"[]"), Reason.MALFORMED),
    "claims not JSON": (lambda: _with_payload(b"{"), Reason.MALFORMED),
    "claims not UTF-8": (lambda: _with_payload(b'{"sub":"\xff"}'), Reason.MALFORMED),
    "claims nested": (lambda: _with_payload(b"[" * 900 + b"]" * 900), Reason.MALFORMED),
    "claims deeply nested": (
        lambda: _with_payload(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"),
        Reason.MALFORMED,
    ),
    "NaN": (lambda: _with_payload(b'{"exp":NaN}'), Reason.MALFORMED),
    "wrong issuer": (lambda: signed(claims(iss="https://evil.example")), Reason.ISSUER),
    "no issuer": (lambda: signed(claims(iss=None)), Reason.ISSUER),
    "issuer a list": (lambda: signed(claims(iss=[IDP])), Reason.ISSUER),
    "wrong audience": (lambda: signed(claims(aud="urn:other")), Reason.AUDIENCE),
    "no audience": (lambda: signed(claims(aud=None)), Reason.AUDIENCE),
    "audience an object": (lambda: signed(claims(aud={"urn:samvy:fhir": 1})), Reason.AUDIENCE),
    "expired": (lambda: signed(claims(iat=NOW - 7200, exp=NOW - 3600)), Reason.EXPIRED),
    "no end": (lambda: signed(claims(exp=None)), Reason.CLAIMS),
    "end a text": (lambda: signed(claims(exp=str(NOW + 60))), Reason.CLAIMS),
    "end true": (lambda: signed(claims(exp=True)), Reason.CLAIMS),
    "end without end": (lambda: signed(claims(exp=1e300)), Reason.CLAIMS),
    "issued in the future": (lambda: signed(claims(iat=NOW + 60)), Reason.NOT_YET_VALID),
    "no issue": (lambda: signed(claims(iat=None)), Reason.CLAIMS),
    "not yet": (lambda: signed(claims(nbf=NOW + 60)), Reason.NOT_YET_VALID),
    "ends before it begins": (lambda: signed(claims(iat=NOW + 5, exp=NOW + 1)), Reason.LIFETIME),
    "too long": (lambda: signed(claims(exp=NOW + 400 * 24 * 3600)), Reason.LIFETIME),
    "oversized": (lambda: signed(claims(x="y" * LARGEST_CHARACTERS)), Reason.TOO_LARGE),
    "not ASCII": (lambda: signed() + "å", Reason.MALFORMED),
    "padded": (lambda: signed() + "=", Reason.MALFORMED),
    "with a line break": (lambda: signed() + "\n", Reason.MALFORMED),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_refused(name: str) -> None:
    token, reason = HOSTILE[name]
    assert _refused(token()) is reason


def test_a_signature_has_one_written_form() -> None:
    head, body, signature = signed().split(".")
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    twin = letters[letters.index(signature[-1]) ^ 1]
    assert _refused(f"{head}.{body}.{signature[:-1]}{twin}") is Reason.MALFORMED


@given(st.binary(max_size=60), st.integers(0, 300))
def test_whatever_is_written_into_a_token_it_is_refused(noise: bytes, place: int) -> None:
    token = signed()
    place = min(place, len(token))
    changed = token[:place] + part(noise) + token[place:]
    if changed != token:
        _refused(changed)


@given(st.text(max_size=80))
def test_any_text_is_refused(text: str) -> None:
    _refused(text)


def test_clocks_may_differ_a_little() -> None:
    token = signed()
    assert _verify(token, seconds=3609)
    assert _refused(token, seconds=3610) is Reason.EXPIRED
    assert _verify(token, seconds=-10)
    assert _refused(token, seconds=-11) is Reason.NOT_YET_VALID


def test_an_issuer_cannot_be_configured_with_an_unsafe_algorithm() -> None:
    for unsafe in ("none", "HS256", "ES256K"):
        with pytest.raises(ValueError, match="among ES256, RS256, PS256"):
            TrustedIssuer(IDP, "urn:hub", {}, algorithms=frozenset({unsafe}))


def test_a_verified_token_is_remembered_for_a_while_and_no_longer_than_it_holds() -> None:
    verifier = Verifier([built_in()])
    long, short = signed(), signed(claims(exp=NOW + 5))
    first = verifier.verify(long, NOON)
    assert verifier.verify(long, NOON + (CACHED_SECONDS - 1) * SECOND) is first
    assert verifier.verify(long, NOON + CACHED_SECONDS * SECOND) is not first
    kept = verifier.verify(short, NOON)
    assert verifier.verify(short, NOON + 4 * SECOND) is kept
    assert verifier.verify(short, NOON + 5 * SECOND) is not kept
    with pytest.raises(TokenRefused):
        verifier.verify(short, NOON + 15 * SECOND)


def test_a_clock_that_is_put_back_finds_nothing_remembered() -> None:
    verifier = Verifier([built_in()])
    token = signed()
    verifier.verify(token, NOON)
    with pytest.raises(TokenRefused):
        verifier.verify(token, NOON - 60 * SECOND)


def test_what_is_remembered_is_bounded() -> None:
    verifier = Verifier([built_in()], cached=3)
    tokens = [signed(claims(jti=str(number))) for number in range(5)]
    found = [verifier.verify(token, NOON) for token in tokens]
    assert len(verifier._cache) == 3
    assert verifier.verify(tokens[4], NOON) is found[4]
    assert verifier.verify(tokens[0], NOON) is not found[0]


def test_a_refused_token_is_not_remembered() -> None:
    verifier = Verifier([built_in()])
    with pytest.raises(TokenRefused):
        verifier.verify(signed(key=OTHER), NOON)
    assert len(verifier._cache) == 0


def test_a_new_key_is_trusted_and_an_old_one_not() -> None:
    new = ECKey.generate_key("P-256", private=True)
    issuer = TrustedIssuer(IDP, "urn:hub", {"new": ECKey.import_key(new.as_pem(private=False))})
    body = claims(iss=IDP, aud="urn:hub")
    verifier = Verifier([issuer])
    assert verifier.verify(signed(body, key=new, kid="new"), NOON)
    assert verifier.verify(signed(body, key=new, kid=None), NOON)
    with pytest.raises(TokenRefused):
        verifier.verify(signed(body, key=OTHER, kid="ec"), NOON)
