"""An OpenID provider in a process of its own: people log in there, and are logged out there.

Written from the specifications and not from the hub's client: OpenID Connect Core 1.0 (code flow,
ID token, private_key_jwt), RFC 7636, RFC 9207, RP-Initiated and Back-Channel Logout 1.0. `POST
/control` says what it shall do wrong. `python -m tests.hub.oidc.provider_process` prints its port.
"""

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

ROOT = Path(__file__).parents[3]
CLIENT, AUDIENCE = "samvy-console", "urn:hub"
ENDED = "http://schemas.openid.net/event/backchannel-logout"


class _Provider(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = ECKey.generate_key("P-256", {"kid": "k1"}, private=True)
        self.other = ECKey.generate_key("P-256", {"kid": "k1"}, private=True)
        self.control: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def signed(self, claims: dict[str, Any], typ: str, key: ECKey | None = None) -> str:
        body = {"iss": self.url, "iat": int(time.time()), "jti": secrets.token_hex(8), **claims}
        body = {name: value for name, value in body.items() if value is not None}
        head = {"alg": "ES256", "kid": "k1", "typ": typ}
        return jwt.encode(head, body, key or self.key, algorithms=["ES256"])


class _Handler(BaseHTTPRequestHandler):
    server: _Provider

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, self._fields(urlsplit(self.path).query)
        self.server.asked.append(self.path)
        url = self.server.url
        if path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": url,
                    "jwks_uri": f"{url}/jwks",
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "end_session_endpoint": f"{url}/logout",
                    "authorization_response_iss_parameter_supported": True,
                    **self.server.control.get("metadata", {}),
                }
            )
        elif path == "/jwks":
            self._json({"keys": [{**self.server.key.as_dict(private=False), "use": "sig"}]})
        elif path == "/authorize":
            self._authorize(query)
        elif path == "/logout":
            self._page(f'<a href="{escape(query["post_logout_redirect_uri"])}">Tillbaka</a>')
        elif path == "/control":
            self._json(self.server.asked)
        else:
            self._json({}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        path = urlsplit(self.path).path
        if path == "/control":
            self.server.control, self.server.asked = json.loads(body), []
            self._json({})
        elif path == "/logout-token":
            asked = json.loads(body)
            usual = {"aud": CLIENT, "events": {ENDED: {}}}
            self._json({"token": self.server.signed({**usual, **asked}, "logout+jwt")})
        elif path == "/login":
            self._logged_in(self._fields(body))
        else:
            self._token(self._fields(body))

    def _authorize(self, query: dict[str, str]) -> None:
        """Ask who it is, once the request is one that it takes."""
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if any(query.get(name) != value for name, value in wanted.items()):
            self._json({"error": "invalid_request"}, 400)
        elif "openid" not in query["scope"].split() or len(query["nonce"]) < 32:
            self._json({"error": "invalid_scope"}, 400)
        else:
            hidden = "".join(
                f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                for name, value in query.items()
            )
            self._page(
                f'<form method="post" action="/login">{hidden}<label>Namn <input name="who">'
                "</label><button>Fortsätt</button></form>"
            )

    def _logged_in(self, form: dict[str, str]) -> None:
        code = secrets.token_urlsafe(24)
        self.server.codes[code] = form
        answer = {"state": form["state"], "iss": self.server.url, "code": code}
        if form["who"] == "nobody":
            answer = {**answer, "error": "access_denied"}
            del answer["code"]
        answer.update(self.server.control.get("answer", {}))
        self.send_response(302)
        self.send_header("Location", f"{form['redirect_uri']}?{urlencode(answer)}")
        self.end_headers()

    def _token(self, form: dict[str, str]) -> None:
        begun = self.server.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            begun is None
            or form.get("grant_type") != "authorization_code"
            or challenge != begun["code_challenge"]
            or form.get("redirect_uri") != begun["redirect_uri"]
            or not self._is_client(form)
        ):
            self._json({"error": "invalid_grant"}, 400)
            return
        now, wrong = int(time.time()), self.server.control
        user = wrong["users"][begun["who"]]
        access = self.server.signed({"aud": AUDIENCE, "exp": now + 600, **user["access"]}, "at+jwt")
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "aud": CLIENT,
            "sub": user["sub"],
            "sid": user.get("sid"),
            "exp": now + 300,
            "nonce": begun["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **wrong.get("id_token", {}),
        }
        key = self.server.other if wrong.get("forged") else None
        token = self.server.signed(claims, "JWT", key)
        self._json({"access_token": access, "id_token": token, "token_type": "Bearer"})

    def _is_client(self, form: dict[str, str]) -> bool:
        """Whether the client has proved what it is, where it has a key."""
        public = self.server.control.get("client_key")
        if public is None:
            return form.get("client_id") == CLIENT and "client_assertion" not in form
        claims = jwt.decode(form["client_assertion"], ECKey.import_key(public)).claims
        return bool(
            claims["iss"] == claims["sub"] == CLIENT
            and claims["aud"] == self.server.url
            and claims["exp"] > time.time()
        )

    def _fields(self, text: str) -> dict[str, str]:
        return (
            {name: values[0] for name, values in parse_qs(text, strict_parsing=True).items()}
            if text
            else {}
        )

    def _page(self, content: str) -> None:
        text = f"<!doctype html><html lang=sv><title>Provider</title><h1>Provider</h1>{content}"
        self._send(200, text.encode(), "text/html; charset=utf-8")

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Provider:
    """The process as a test sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def does(self, **control: object) -> None:
        httpx.post(f"{self.url}/control", json=control)

    def asked(self) -> list[str]:
        return [str(each) for each in httpx.get(f"{self.url}/control").json()]

    def logout_token(self, **claims: object) -> str:
        return str(httpx.post(f"{self.url}/logout-token", json=claims).json()["token"])

    def log_in(self, address: str, who: str) -> str:
        """Be a browser there: fill in who it is; return where it leads."""
        fields = {name: each[0] for name, each in parse_qs(urlsplit(address).query).items()}
        assert httpx.get(address).status_code == 200
        answer = httpx.post(f"{self.url}/login", data={**fields, "who": who})
        return str(answer.headers["location"])


@contextmanager
def provider_up() -> Iterator[Provider]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hub.oidc.provider_process"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Provider(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        process.stdin.close()
        process.wait(timeout=20)


def main() -> None:
    server = _Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
