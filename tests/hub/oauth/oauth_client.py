"""A registered client as a test plays it: its key, its assertions, and what it asks for."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from hub.config.client import Client
from hub.config.issuer import KeySource
from hub.oauth.client_assertion import ASSERTION_TYPE
from hub.store.directory import save_client
from tests.worlds.asgi_client import FORM, Reply
from tests.worlds.hub_world import NOON, REGION, WARD, World

BASE = "http://127.0.0.1:8000"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
SCOPE = "system/*.cruds user/*.cruds patient/*.cruds"


def jwks(**keys: ECKey | RSAKey) -> str:
    listed = [{**key.as_dict(private=False), "kid": name} for name, key in keys.items()]
    return json.dumps({"keys": listed})


@dataclass
class System:
    """A client with a key, on a world's hub."""

    world: World
    name: str = "region-integration"
    key: ECKey | RSAKey = field(default_factory=lambda: ECKey.generate_key("P-256", private=True))
    fields: dict[str, Any] = field(default_factory=dict)

    def register(self, **changes: Any) -> "System":  # noqa: ANN401 - a registration's fields
        self.fields = {
            "organisation": REGION,
            "unit": WARD,
            "scope": SCOPE,
            "exchanges": True,
            "keys": KeySource(text=jwks(k1=self.key)),
            **self.fields,
            **changes,
        }
        with self.world.store.write() as connection:
            save_client(connection, Client(self.name, **self.fields), NOON)
        return self

    def assertion(self, header: dict[str, object] | None = None, **claims: object) -> str:
        now = int(self.world.clock.now.timestamp())
        usual = {
            "iss": self.name,
            "sub": self.name,
            "aud": f"{BASE}/oauth/token",
            "exp": now + 60,
            "iat": now,
            "jti": str(uuid.uuid4()),
        }
        body = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        alg = "ES256" if isinstance(self.key, ECKey) else "PS256"
        head = {"alg": alg, "kid": "k1", "typ": "JWT", **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, body, self.key, algorithms=[str(head["alg"])])

    def ask(
        self,
        path: str = "/oauth/token",
        *,
        assertion: str | None = None,
        headers: dict[str, str] | None = None,
        **form: str,
    ) -> Reply:
        given = {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            **form,
        }
        content = urlencode(given).encode()
        return self.world.http.send(
            "POST", path, {"Content-Type": FORM, **(headers or {})}, content
        )

    def token(self, **form: str) -> str:
        reply = self.ask(grant_type="client_credentials", **form)
        assert reply.status == 200, reply.body
        return str(reply.json["access_token"])

    def exchange(self, subject: str, **form: str) -> Reply:
        return self.ask(
            grant_type=EXCHANGE, subject_token=subject, subject_token_type=ACCESS, **form
        )


def get(world: World, token: str, path: str, **headers: str) -> Reply:
    return world.http.send("GET", path, {"Authorization": f"Bearer {token}", **headers})
