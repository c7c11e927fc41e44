"""Tokens made by who knows how verifiers have failed: each is refused, and nothing is fetched."""

import hashlib
import hmac
import json
from collections.abc import Callable

import pytest
from auth_tokens import IDP, KEY, NOON, NOW, OTHER, RSA, claims, external, part, public, signed
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from hub.auth.issuer import TrustedIssuer
from hub.auth.key_ring import KeyRing
from hub.auth.refused import Reason, TokenRefused
from hub.auth.verify import Verifier
from hub.config.issuer import KeySource

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-4 D.1.2.3)."""
SECRET = OctKey.import_key("a secret that is long enough for HS256")
BODY = claims(iss=IDP, aud="urn:hub")


PEM, DER = public(RSA).as_pem(private=False), public(RSA).as_der(private=False)
MODULUS = str(RSA.as_dict(private=False)["n"]).encode()


def _own(**changes: object) -> str:
    """Signed by the issuer's own key, and with the claims that are asked for."""
    return signed({**BODY, **changes}, key=OTHER, kid="ec")


def _head(**changes: object) -> str:
    return part({"alg": "ES256", "kid": "ec", "typ": "JWT", **changes})


def _ecdsa(r: int, s: int, length: int = 32) -> str:
    """A token with numbers of one's own choice for a signature (CVE-2022-21449)."""
    signature = r.to_bytes(length, "big") + s.to_bytes(length, "big")
    return f"{_head()}.{part(BODY)}.{part(signature)}"


def _mac(secret: bytes, **header: object) -> str:
    text = f"{_head(alg='HS256', **header)}.{part(BODY)}"
    return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _with_header(**changes: object) -> str:
    """Signed by the issuer's own key, with more in the header than is ever taken."""
    header = {"alg": "ES256", "kid": "ec", "typ": "JWT", **changes}
    text = f"{part(header)}.{part(BODY)}"
    whole = jwt.encode({"alg": "ES256"}, BODY, OTHER, algorithms=["ES256"])
    return f"{text}.{whole.split('.')[2]}"


def _nested() -> str:
    """A token in a token, as RFC 7519 §5.2 has it: its payload is no object."""
    inner = signed(BODY, key=OTHER, kid="ec")
    return f"{_head(cty='JWT')}.{part(inner.encode())}.{part(b'x' * 64)}"


def _encrypted() -> str:
    key = OctKey.generate_key(128)
    header = {"alg": "A128KW", "enc": "A128GCM"}
    return jwe.encrypt_compact(header, json.dumps(BODY), key, algorithms=["A128KW", "A128GCM"])


def _deep(times: int) -> str:
    content = b'{"iss":' + b'{"a":' * times + b"1" + b"}" * times + b"}"
    return f"{_head()}.{part(content)}.{part(b'x' * 64)}"


HOSTILE: dict[str, tuple[Callable[[], str], frozenset[Reason]]] = {
    name: (token, frozenset(reasons))
    for name, token, *reasons in (
        ("zero r and s", lambda: _ecdsa(0, 0), Reason.SIGNATURE),
        ("zero r", lambda: _ecdsa(0, 1), Reason.SIGNATURE),
        ("zero s", lambda: _ecdsa(1, 0), Reason.SIGNATURE),
        ("r and s of the order", lambda: _ecdsa(ORDER, ORDER), Reason.SIGNATURE),
        ("r and s one", lambda: _ecdsa(1, 1), Reason.SIGNATURE),
        ("r and s beyond all", lambda: _ecdsa(2**256 - 1, 2**256 - 1), Reason.SIGNATURE),
        ("a signature too long", lambda: _ecdsa(1, 1, 64), Reason.SIGNATURE),
        ("a signature too short", lambda: _ecdsa(1, 1, 8), Reason.SIGNATURE),
        ("RSA's PEM as a secret", lambda: _mac(PEM), Reason.ALGORITHM),
        ("RSA's DER as a secret", lambda: _mac(DER), Reason.ALGORITHM),
        ("RSA's modulus as a secret", lambda: _mac(MODULUS), Reason.ALGORITHM),
        ("an empty secret", lambda: _mac(b""), Reason.ALGORITHM),
        ("a secret of the token's own", lambda: _mac(b"k", jwk=SECRET.as_dict()), Reason.HEADER),
        ("alg none with a signature", lambda: _with_header(alg="none"), Reason.ALGORITHM),
        ("alg in small letters", lambda: _with_header(alg="es256"), Reason.ALGORITHM),
        ("alg with a space", lambda: _with_header(alg="ES256 "), Reason.ALGORITHM),
        ("alg of RSA with a key of P-256", lambda: _with_header(alg="RS256"), Reason.KEY),
        ("alg of P-256 with a key of RSA", lambda: _with_header(kid="rsa"), Reason.KEY),
        ("kid a path", lambda: _with_header(kid="../../../../dev/null"), Reason.KEY),
        ("kid a file", lambda: _with_header(kid="file:///proc/self/environ"), Reason.KEY),
        ("kid an address", lambda: _with_header(kid="http://127.0.0.1:9/key"), Reason.KEY),
        ("kid SQL", lambda: _with_header(kid="x' UNION SELECT 'AAAA' --"), Reason.KEY),
        ("kid a command", lambda: _with_header(kid="/dev/null;id|sh"), Reason.KEY),
        ("kid with NUL", lambda: _with_header(kid="ec\x00"), Reason.KEY),
        ("kid empty", lambda: _with_header(kid=""), Reason.KEY),
        ("kid a list", lambda: _with_header(kid=["ec"]), Reason.HEADER),
        ("kid an object", lambda: _with_header(kid={"ec": 1}), Reason.HEADER),
        ("jku", lambda: _with_header(jku="http://127.0.0.1:9/jwks"), Reason.HEADER),
        ("x5u", lambda: _with_header(x5u="http://127.0.0.1:9/cert"), Reason.HEADER),
        ("x5c", lambda: _with_header(x5c=["AAAA"]), Reason.HEADER),
        ("x5t", lambda: _with_header(x5t="AAAA"), Reason.HEADER),
        ("jwk", lambda: _with_header(jwk=public(OTHER).as_dict()), Reason.HEADER),
        ("crit of what is known", lambda: _with_header(crit=["alg"]), Reason.HEADER),
        ("crit empty", lambda: _with_header(crit=[]), Reason.HEADER),
        ("b64 false", lambda: _with_header(b64=False), Reason.HEADER),
        ("b64 false and critical", lambda: _with_header(b64=False, crit=["b64"]), Reason.HEADER),
        ("zip", lambda: _with_header(zip="DEF"), Reason.HEADER),
        ("cty of a nested token", _nested, Reason.HEADER),
        ("encrypted", _encrypted, Reason.MALFORMED),
        ("deep", lambda: _deep(9), Reason.MALFORMED),
        ("deeper than any parser", lambda: _deep(700), Reason.MALFORMED),
        ("an ID token", lambda: _own(aud="the-client"), Reason.AUDIENCE),
        ("a client's assertion", lambda: _own(iss="c", sub="c"), Reason.ISSUER),
        ("an issuer with a slash more", lambda: _own(iss=IDP + "/"), Reason.ISSUER),
        ("an issuer in capitals", lambda: _own(iss=IDP.upper()), Reason.ISSUER),
        ("an issuer that looks alike", lambda: _own(iss=IDP.replace("e", "\u0435")), Reason.ISSUER),
        ("an audience that begins alike", lambda: _own(aud="urn:hub.evil"), Reason.AUDIENCE),
        ("no audience in the list", lambda: _own(aud=[]), Reason.AUDIENCE),
        ("a list in the audience", lambda: _own(aud=[["urn:hub"]]), Reason.AUDIENCE),
        ("nbf a text", lambda: _own(nbf="now"), Reason.CLAIMS),
        ("nbf null", lambda: _own(nbf=None), Reason.CLAIMS),
        ("nbf in an hour", lambda: _own(nbf=NOW + 3600), Reason.NOT_YET_VALID),
        ("a lifetime of a hundred years", lambda: _own(exp=NOW + 3_155_760_000), Reason.LIFETIME),
        ("issued in 1970 to last for ever", lambda: _own(iat=0, exp=NOW + 60), Reason.LIFETIME),
    )
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_token_of_a_known_attack_is_refused(name: str) -> None:
    token, reasons = HOSTILE[name]
    with pytest.raises(TokenRefused) as caught:
        Verifier([external()]).verify(token(), NOON)
    assert caught.value.reason in reasons
    assert caught.value.told is None


def test_the_token_that_all_these_are_made_from_holds() -> None:
    """Otherwise they might be refused for anything."""
    assert Verifier([external()]).verify(signed(BODY, key=OTHER, kid="ec"), NOON)


def test_a_key_is_not_used_with_another_algorithm_than_its_own() -> None:
    """RFC 8725 §3.1: PKCS #1 v1.5 and PSS with one key are two different things."""
    key = RSAKey.import_key({**public(RSA).as_dict(), "alg": "PS256"})
    verifier = Verifier([TrustedIssuer(IDP, "urn:hub", {"rsa": key})])
    assert verifier.verify(signed(BODY, key=RSA, alg="PS256", kid="rsa"), NOON)
    with pytest.raises(TokenRefused) as caught:
        verifier.verify(signed(BODY, key=RSA, alg="RS256", kid="rsa"), NOON)
    assert caught.value.reason is Reason.KEY


def test_one_issuer_s_key_signs_for_no_other() -> None:
    """Mix-up: each is held to its own keys, also when both have one of the same id."""
    first = TrustedIssuer(IDP, "urn:hub", {"k": public(OTHER)})
    second = TrustedIssuer("https://second.example", "urn:hub", {"k": public(KEY)})
    verifier = Verifier([first, second])
    for name, own, foreign in ((IDP, OTHER, KEY), ("https://second.example", KEY, OTHER)):
        body = {**BODY, "iss": name}
        assert verifier.verify(signed(body, key=own, kid="k"), NOON).issuer.name == name
        with pytest.raises(TokenRefused) as caught:
            verifier.verify(signed(body, key=foreign, kid="k"), NOON)
        assert caught.value.reason is Reason.SIGNATURE


def test_nothing_that_a_token_names_is_ever_fetched() -> None:
    asked: list[KeySource] = []

    def fetch(source: KeySource, *, dev: bool) -> dict[str, ECKey | RSAKey]:
        asked.append(source)
        raise AssertionError(dev)

    verifier = Verifier([external()], keys=KeyRing(fetch=fetch))
    for token, _ in HOSTILE.values():
        with pytest.raises(TokenRefused):
            verifier.verify(token(), NOON)
    assert asked == []
