"""Readers read while writers write, and every answer is held against what it may show (P4)."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic, time
from typing import Any

from hub.auth.built_in import TokenRequest
from tests.next_request.channels import Channel, Doing, Parameters, session_body
from tests.next_request.http_client import Address, Connections, Reply, request
from tests.next_request.seen import SOON, Seen
from tests.worlds.hub_world import World

READERS = 48
"""Twelve at a time for each process, so that the log's commits are shared as they are in use."""
BETWEEN = 15
"""Decisive answers through a channel before its next act: the machine sets the pace."""
RENEWED = 30 * 60.0
"""Seconds: tokens and sessions live for an hour."""
ENOUGH = 5
"""Wrong answers: no more are needed to say that it fails."""


@dataclass(slots=True)
class Watch:
    """Readers and writers on the processes at these addresses, until so many answers have come."""

    world: World
    addresses: Sequence[Address]
    channels: Sequence[Channel]
    wanted: int
    chance: random.Random
    until: float | None = None
    seen: Seen = field(default_factory=Seen)
    renewed: float = 0.0
    acted: dict[str, float] = field(default_factory=dict)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        late = self.until is not None and monotonic() > self.until
        return late or self.seen.answers >= self.wanted or len(self.seen.wrong) >= ENOUGH

    async def run(self, report: Callable[[Seen], None] | None = None) -> Seen:
        """Return what was seen."""
        begun = monotonic()
        await self._renew()
        tasks = [self._write(each) for each in self.channels]
        tasks += [self._read() for _ in range(READERS)]
        running = asyncio.gather(*tasks)
        while not self.done and not running.done():
            await asyncio.wait([running], timeout=5)
            self.seen.seconds = monotonic() - begun
            if monotonic() - self.renewed > RENEWED:
                await self._renew()
            if report:
                report(self.seen)
        await running
        self.seen.seconds = monotonic() - begun
        return self.seen

    async def _renew(self) -> None:
        """New tokens and sessions; the old ones hold as long as anybody still uses them."""
        connections = Connections()
        self.world.clock.now = datetime.now(UTC)
        self.world.tokens.clear()
        for each in self.channels:
            headers = self.world.headers(each.reader)
            path = f"/fhir/Patient/{each.person(self.world)}/$open"
            sent = request("POST", path, headers, session_body())
            reply = await connections.ask(self._anywhere(), sent)
            while _without_assignment(reply):  # the channel's writer gives it back
                await asyncio.sleep(0.01)
                reply = await connections.ask(self._anywhere(), sent)
            assert reply.status == 200, reply.body
            given = json.loads(reply.body)["parameter"]
            session = next(one["valueString"] for one in given if one["name"] == "session")
            headers = self.world.headers(each.reader, session)
            person = each.person(self.world)
            for what, path in {
                "read": f"/fhir/Condition/{each.document}",
                "search": f"/fhir/Condition?patient={person}",
                "everything": f"/fhir/Patient/{person}/$everything",
            }.items():
                self._asked[each.kind, what] = request("GET", path, headers)
        connections.close()
        self.renewed = monotonic()

    def _anywhere(self) -> Address:
        return self.chance.choice(self.addresses)

    async def _read(self) -> None:
        connections = Connections()
        while not self.done:
            channel = self.chance.choice(self.channels)
            (what,) = self.chance.choices(("read", "search", "everything"), (18, 3, 1))
            sent = self._asked[channel.kind, what]
            since, at = channel.timeline.acknowledged, time()
            reply = await connections.ask(self._anywhere(), sent)
            came = time()
            allowed = channel.timeline.allowed(since, at, came)
            self.seen.answers += 1
            self.answered.set()
            shown = channel.document.encode() in reply.body
            told = reply.status in (200, 404) or _without_assignment(reply)
            if not told or shown not in allowed:
                self.seen.wrong.append(
                    f"{what} through {channel.kind}: {reply.status}, shown: {shown},"
                    f" {at - self.acted.get(channel.kind, 0):.3f} s after the last act"
                )
            if len(allowed) == 1:
                self.seen.decisive[channel.kind] += 1
                if at - self.acted.get(channel.kind, 0) < SOON:
                    self.seen.soon[channel.kind] += 1
        connections.close()

    async def _write(self, channel: Channel) -> None:
        connections = Connections()

        async def post(
            who: TokenRequest, path: str, given: Parameters, until: datetime | None = None
        ) -> dict[str, Any]:
            body = json.dumps({"resourceType": "Parameters", "parameter": given}).encode()
            headers = self.world.headers(who)
            sent = request("POST", f"/fhir/Patient/{path}", headers, body)
            reply = await connections.ask(self._anywhere(), sent)
            if reply.status == 422 and until is not None and until < datetime.now(UTC):
                return {}  # on a busy machine it had run out before it could begin
            assert reply.status == 200, (path, reply.body)
            found: dict[str, Any] = json.loads(reply.body)
            return found

        def in_store(act: Callable[[], None]) -> Awaitable[None]:
            return asyncio.get_running_loop().run_in_executor(None, act)

        how = Doing(self.world, post, in_store)
        while not self.done:
            state, act = channel.act(channel, how)
            channel.timeline.begin(state)
            await act
            channel.timeline.acknowledge()
            self.acted[channel.kind] = time()
            self.seen.acts[channel.kind] += 1
            if state.until is not None:
                await asyncio.sleep(max(0.0, state.until - time()))
                self.acted[channel.kind] = state.until
            await self._enough(channel)
        connections.close()

    async def _enough(self, channel: Channel) -> None:
        """Wait until readers have been answered so often that the last act has been tried."""
        until = self.seen.decisive[channel.kind] + BETWEEN * channel.costs
        while self.seen.decisive[channel.kind] < until and not self.done:
            self.answered.clear()
            await self.answered.wait()


def _without_assignment(reply: Reply) -> bool:
    """Whether a request was refused because its reader's assignment is not in force."""
    return reply.status == 403 and b"no-assignment-in-force" in reply.body


def watched(
    world: World,
    addresses: Sequence[Address],
    channels: Sequence[Channel],
    wanted: int,
    *,
    seconds: float | None = None,
    report: Callable[[Seen], None] | None = None,
) -> Seen:
    """Return what was seen when so many answers have come, or so many seconds have passed."""
    world.clock.now = datetime.now(UTC) - timedelta(seconds=1)
    for each in channels:
        each.fill(world)
    chance = random.Random(7)  # noqa: S311  # not a secret
    until = None if seconds is None else monotonic() + seconds
    watch = Watch(world, addresses, channels, wanted, chance, until)
    return asyncio.run(watch.run(report))
