"""Large bodies are held in memory up to a bound; what does not fit waits, and then is told so."""

import asyncio

import pytest
from sqlalchemy import func, select

from hub.api import app as app_module
from hub.api import room as room_module
from hub.api.request_body import LARGEST_BODY
from hub.api.room import SMALL, Room
from hub.errors import Unavailable
from hub.store.schema.metadata import METADATA
from tests.worlds.hub_world import REGION_SYSTEM, World

LARGE = 2 * SMALL


def test_never_more_is_held_than_there_is_room_for_and_all_get_theirs() -> None:
    held: list[int] = []

    async def body(room: Room) -> None:
        async with room.of(LARGE):
            held.append(room.free)
            await asyncio.sleep(0)

    async def many() -> Room:
        room = Room(2 * LARGE, wait=60)
        await asyncio.gather(*(body(room) for _ in range(7)))
        return room

    room = asyncio.run(many())
    assert len(held) == 7
    assert min(held) == 0
    assert room.free == 2 * LARGE


def test_room_is_given_back_after_an_error_and_a_small_body_needs_none() -> None:
    async def run() -> None:
        room = Room(LARGE, wait=0.01)
        with pytest.raises(ValueError, match="broke"):
            async with room.of(LARGE):
                raise ValueError("broke")
        async with room.of(LARGE), room.of(SMALL):
            with pytest.raises(Unavailable):
                async with room.of(LARGE):
                    pytest.fail("there is no room")

    asyncio.run(run())


def logged(world: World) -> int:
    with world.store.read() as connection:
        counted = select(func.count()).select_from(METADATA.tables["audit_record"])
        return connection.execute(counted).scalar_one()


def test_a_delivery_without_room_is_told_so_and_nothing_is_read_or_logged(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = small_world
    monkeypatch.setattr(app_module, "Room", lambda: Room(LARGE - 1, wait=0.01))
    world.http.app = app_module.create_app(world.hub)
    before = logged(world)
    reply = world.post(REGION_SYSTEM, "/ingest/rivta", b"x" * LARGE, content_type="text/xml")
    assert reply.status == 503
    assert "send it again" in reply.body.decode()
    assert logged(world) == before
    small = world.post(REGION_SYSTEM, "/ingest/rivta", b"x", content_type="text/xml")
    assert small.status == 422
    assert logged(world) > before


def test_the_bounds_are_those_of_the_decision() -> None:
    assert LARGEST_BODY == 50 * 1024 * 1024
    assert room_module.ROOM == 4 * LARGEST_BODY
