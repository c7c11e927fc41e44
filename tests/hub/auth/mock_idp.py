"""An identity provider as a process of its own, on 127.0.0.1: metadata, keys, and bad manners.

It answers with what a test has put there by POST /control. `python -m tests.hub.auth.mock_idp`
prints its port and runs until its standard input is closed.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ROOT = Path(__file__).parents[3]


class _Idp(ThreadingHTTPServer):
    state: dict[str, Any]
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Idp

    def do_GET(self) -> None:
        if self.path == "/control":
            self._send(200, json.dumps(self.server.asked).encode())
            return
        self.server.asked.append(self.path)
        answer = self.server.state.get(self.path)
        if answer is None:
            self._send(404, b"{}")
            return
        time.sleep(answer.get("delay", 0))
        body = answer.get("text", json.dumps(answer.get("json"))).encode()
        for each in answer.get("drips", ""):  # a status line and headers without an end
            self.wfile.write(each.encode())
            time.sleep(0.2)
        self._send(answer.get("status", 200), body, answer.get("headers", {}))

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.state = json.loads(content)
        self.server.asked = []
        self._send(200, b"{}")

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class MockIdp:
    """The process as a test sees it: its keys, what it answers, what it was asked, its tokens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, ECKey | RSAKey] = {"k1": ECKey.generate_key("P-256", private=True)}
        self.publish()

    def publish(self, **answers: dict[str, Any]) -> None:
        """Answer with the metadata and the keys of the moment, but for what is given by path."""
        listed = [
            {**key.as_dict(private=False), "kid": name, "use": "sig"}
            for name, key in self.keys.items()
        ]
        usual = {
            "/.well-known/openid-configuration": {
                "json": {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}
            },
            "/jwks": {"json": {"keys": listed}},
        }
        changed = {f"/{name}" if name == "jwks" else name: each for name, each in answers.items()}
        httpx.post(f"{self.url}/control", json={**usual, **changed})

    def asked(self) -> list[str]:
        """Return the paths that were asked for since it was last told what to answer."""
        return [str(each) for each in httpx.get(f"{self.url}/control").json()]

    def token(
        self,
        claims: dict[str, object],
        kid: str = "k1",
        *,
        now: int | None = None,
        **header: object,
    ) -> str:
        key = self.keys[kid]
        alg = "ES256" if isinstance(key, ECKey) else "PS256"
        now = now or int(time.time())
        usual = {"iss": self.url, "aud": "urn:hub", "iat": now, "exp": now + 600, "jti": "j"}
        body = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        head = {"alg": alg, "kid": kid, "typ": "at+jwt", **header}
        return jwt.encode(head, body, key, algorithms=[str(head["alg"])])


@contextmanager
def idp_up() -> Iterator[MockIdp]:
    """Yield an identity provider that runs in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hub.auth.mock_idp"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        yield MockIdp(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        process.stdin.close()
        process.wait(timeout=20)


def main() -> None:
    server = _Idp(("127.0.0.1", 0), _Handler)
    server.state, server.asked = {}, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
