"""A visitor of the console over ASGI: cookies kept, forms filled in as they stand on the page."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown
from hub.auth.built_in import TokenRequest
from tests.worlds.asgi_client import FORM, Reply
from tests.worlds.hub_world import (
    CLINIC,
    NOON,
    OLOF,
    OTHER_REGION,
    REGION,
    WARD,
    World,
)

INJECTED = '<script>document.title="owned"</script><img src=x onerror=alert(1)>'
ELSEWHERE = "Condition/at-the-clinic"


@dataclass(slots=True)
class Visitor:
    """A browser without a screen."""

    world: World
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Reply:
        return self._kept(self.world.http.send("GET", path, self._headers(headers)))

    def part(self, path: str) -> Reply:
        return self.get(path, **{"HX-Request": "true"})

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        given = self._headers({**headers, "Content-Type": FORM})
        return self._kept(self.world.http.send("POST", path, given, urlencode(fields).encode()))

    def log_in(self, asked: TokenRequest) -> Reply:
        return self.log_in_with(self.world.token(asked))

    def log_in_with(self, token: str) -> Reply:
        proof = csrf(self.get("/granskning/logga-in"))
        return self.post("/granskning/logga-in", {"csrf": proof, "token": token})

    def proof(self) -> str:
        first = self.get("/granskning").headers["location"]
        return csrf(self.get(first))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**self.headers, **({"Cookie": cookie} if cookie else {}), **more}

    def _kept(self, reply: Reply) -> Reply:
        for given in reply.headers.get("set-cookie", "").splitlines():
            name, _, value = given.partition(";")[0].partition("=")
            if "Max-Age=0" in given:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return reply


def csrf(reply: Reply) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', reply.body.decode())
    assert found, reply.body.decode()[:2000]
    return found[1]


def text_of(reply: Reply) -> str:
    """What a person reads: without elements, white space as one space."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", reply.body.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def numbers(reply: Reply) -> list[int]:
    """The numbers of the test's own records that a page links to, in order."""
    found = re.findall(r'/atkomster/record-(\d+)"', reply.body.decode())
    return [int(each) for each in dict.fromkeys(found)]


def access(world: World, number: int, **fields: object) -> AccessRecord:
    """An access by the ward's doctor to Signe's own documentation."""
    usual: dict[str, object] = {
        "id": f"record-{number}",
        "recorded": NOON + timedelta(minutes=number),
        "action": Action.READ,
        "outcome": Outcome.PERMIT,
        "user": "ward-doctor",
        "organisation": REGION,
        "unit": WARD,
        "capacity": "vardpersonal",
        "purpose": "vard",
        "person": world.person(),
        "shown": (Shown(REGION, WARD, ("Condition/own",)),),
        "grounds": ("PDL 4:1",),
    }
    return AccessRecord(**{**usual, **fields})  # type: ignore[arg-type]  # a test's own fields


def fill_log(world: World) -> None:
    """Eight accesses by two organisations about two persons, some with text that attacks."""
    elsewhere: dict[str, object] = {
        "user": "emergency-doctor",
        "organisation": OTHER_REGION,
        "unit": None,
    }
    both = (Shown(CLINIC, None, (ELSEWHERE,)), Shown(REGION, WARD, ("Condition/own",)))
    world.hub.log.append_all(
        [
            access(world, 0),
            access(world, 1, action=Action.CREATE, outcome=Outcome.ERROR),
            access(world, 2, person=world.person(OLOF), flags=("no-relation",)),
            access(world, 3, **elsewhere, shown=both, grounds=("SVOD 3:6",), query="code=x"),
            access(world, 4, **elsewhere, shown=both[:1], grounds=("SVOD 3:1",)),
            access(world, 5, outcome=Outcome.DENY, shown=(), grounds=(), purpose="kvalitet"),
            access(
                world,
                6,
                **elsewhere,
                action=Action.RUNG,
                shown=(),
                rungs=(Rung("U1", (CLINIC, REGION)),),
            ),
            access(world, 7, reason=INJECTED, query=INJECTED, user=INJECTED, unit=INJECTED),
        ]
    )
    world.hub.sequencer.sequence_now()
