"""The channels that are written to and read through: one person each, one thing that opens.

An act over the API is sent to a served process like any client's; what the API has no act for is
written into the store by another process than those that serve (this one). Each channel says how
it is opened and shut, and who reads what through it.
"""

import json
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from consent.facts import Facts, Giver, Samtycke
from consent.period import Period
from hub.auth.built_in import TokenRequest
from hub.store.directory import load_organisations
from hub.store.facts import Fact, end_facts, load_facts, record_facts
from tests.next_request.timeline import State, Timeline
from tests.worlds.hub_world import (
    CLINIC,
    NURSE,
    OFFICER,
    ORGANISATIONS,
    REGION,
    TALKS,
    THERAPIST,
    UNCONSCIOUS,
    WARD,
    WARD_DOCTOR,
    World,
    condition,
    documented,
    stated,
)
from tests.worlds.usual import CONSENT, OUTER, RELATIONS, facts, patient_of

SHORT = 0.8
"""Seconds: how long lasts what runs out by itself."""
KOMMUN, HOME_CARE = NURSE.organisation, str(NURSE.unit)
Parameters = Sequence[dict[str, object]]
Post = Callable[..., Awaitable[dict[str, Any]]]
InStore = Callable[[Callable[[], None]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Doing:
    """How an act is done: over the API (`post`), or in the store by another process (`store`)."""

    world: World
    post: Post
    store: InStore


@dataclass(slots=True)
class Channel:
    """One person, one document, one reader, and what opens and shuts it.

    `act` makes the next change: it returns what is so from then on, before it is carried out, and
    what carries it out. The name of what an act made is kept in `made`. What `costs` more is done
    less often: every process reads the whole directory anew after a change of an assignment.
    """

    kind: str
    number: str
    reader: TokenRequest
    owner: str
    unit: str
    known: Facts
    act: Callable[["Channel", Doing], tuple[State, Awaitable[Any]]]
    timeline: Timeline = field(default_factory=Timeline)
    costs: int = 1
    made: str = ""

    def person(self, world: World) -> str:
        return world.person(self.number)

    @property
    def document(self) -> str:
        return f"doc-{self.number}"

    def fill(self, world: World) -> None:
        """Put the person's facts and document there."""
        person = self.person(world)
        with world.store.write() as connection:
            load_facts(connection, person, self.known, world.clock.now)
        world.hold(
            [(condition(person, self.document), documented(self.owner, self.unit))], self.number
        )

    @property
    def _last(self) -> State:
        return self.timeline.states[-1]

    def turned(self) -> State:
        """The opposite of what is so."""
        return State(open=not self._last.open)


def _now() -> datetime:
    return datetime.now(UTC)


def _block(channel: Channel, how: Doing) -> tuple[State, Awaitable[Any]]:
    person = channel.person(how.world)
    state = channel.turned()

    async def act() -> None:
        if state.open:
            await how.post(THERAPIST, f"{person}/$lift-block", stated(block=channel.made))
        else:
            if channel.made:
                await how.store(lambda: _forget(how.world, person, channel.made))
            reply = await how.post(THERAPIST, f"{person}/$register-block", stated(kind="outer"))
            channel.made = reply["parameter"][0]["valueString"]

    return state, act()


def _consent(channel: Channel, how: Doing) -> tuple[State, Awaitable[Any]]:
    person = channel.person(how.world)
    state = channel.turned()

    async def act() -> None:
        if not state.open:
            await how.post(WARD_DOCTOR, f"{person}/$withdraw-consent", stated(consent=channel.made))
            await how.store(lambda: _forget(how.world, person, channel.made))
            return
        end = {"name": "end", "valueDate": (_now() + timedelta(days=30)).date().isoformat()}
        reply = await how.post(WARD_DOCTOR, f"{person}/$register-consent", [end])
        channel.made = reply["parameter"][0]["valueString"]

    return state, act()


def _lift(channel: Channel, how: Doing) -> tuple[State, Awaitable[Any]]:
    person = channel.person(how.world)
    until = _now() + timedelta(seconds=SHORT)
    given = [
        *stated(block=OUTER.id, reason="larm", organisation=REGION, ground="emergency"),
        *stated(emergency=UNCONSCIOUS),
        {"name": "until", "valueInstant": until.isoformat()},
    ]

    async def act() -> None:
        if channel.made:
            await how.store(lambda: _forget(how.world, person, channel.made))
        reply = await how.post(OFFICER, f"{person}/$lift-block-temporarily", given, until)
        channel.made = reply["parameter"][0]["valueString"] if reply else ""

    return State(open=True, until=until.timestamp()), act()


def _forget(world: World, person: str, made: str) -> None:
    """End what has run out, so that a long run does not gather thousands of facts."""
    with world.store.write() as connection:
        end_facts(connection, person, [made], _now(), "test")


def _relation(channel: Channel, how: Doing) -> tuple[State, Awaitable[Any]]:
    person, state = channel.person(how.world), channel.turned()

    def act() -> None:
        with how.world.store.write() as connection:
            if not state.open:
                end_facts(connection, person, [channel.made], _now(), "test")
                return
            channel.made = f"relation-{uuid.uuid4().hex}"
            fact = Fact(channel.made, patient_of(REGION))
            record_facts(connection, person, [fact], _now(), "test")

    return state, how.store(act)


def _running_out(fact: Callable[[Period], Any]) -> Callable[..., tuple[State, Awaitable[Any]]]:
    def start(channel: Channel, how: Doing) -> tuple[State, Awaitable[Any]]:
        person, now = channel.person(how.world), _now()
        until = now + timedelta(seconds=SHORT)

        def act() -> None:
            with how.world.store.write() as connection:
                end_facts(connection, person, [channel.made], now, "test")
                channel.made = f"short-{uuid.uuid4().hex}"
                new = Fact(channel.made, fact(Period(now, until)))
                record_facts(connection, person, [new], now, "test")

        return State(open=True, until=until.timestamp()), how.store(act)

    return start


def _assignment(channel: Channel, how: Doing) -> tuple[State, Awaitable[Any]]:
    state = channel.turned()
    entries = [
        replace(each, staff=() if each.id == KOMMUN and not state.open else each.staff)
        for each in ORGANISATIONS
    ]

    def act() -> None:
        with how.world.store.write() as connection:
            load_organisations(connection, entries, _now())

    return state, how.store(act)


WITHOUT_REGION = tuple(each for each in RELATIONS if each.organisation != REGION)
SHUT = State(open=False)


def channels() -> list[Channel]:
    """Return every channel, as it is before anything is done."""
    ward = (WARD_DOCTOR, REGION, WARD)
    clinic = (WARD_DOCTOR, CLINIC, TALKS)
    found = [
        Channel("block", "1", *clinic, facts(), _block),
        Channel("consent", "2", *clinic, facts(consents=()), _consent, Timeline([SHUT])),
        Channel("lift", "3", *clinic, facts(blocks=(OUTER,)), _lift, Timeline([SHUT])),
        Channel("relation", "4", *ward, facts(relations=WITHOUT_REGION), _relation,
                Timeline([SHUT])),
        Channel("relation runs out", "5", *ward, facts(relations=WITHOUT_REGION),
                _running_out(lambda period: patient_of(REGION, period)), Timeline([SHUT])),
        Channel("consent runs out", "6", *clinic, facts(consents=()),
                _running_out(lambda period: Samtycke(Giver.SELF, REGION, answer=True,
                                                     period=period)), Timeline([SHUT])),
        Channel("assignment", "7", NURSE, KOMMUN, HOME_CARE, facts(), _assignment, costs=4),
    ]  # fmt: skip
    assert all(CONSENT in each.known.consents or each.number in "26" for each in found)
    return found


def session_body() -> bytes:
    """What a reader states: enough for content to be opened where there is consent."""
    given = stated(relevance=True, activeChoice="content")
    return json.dumps({"resourceType": "Parameters", "parameter": given}).encode()
