"""What every refusal at the write boundary is: one that can be acted on, with nothing kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import World

BIG = "9" * 10**6


@contextmanager
def nothing_stored(world: World) -> Iterator[None]:
    """Hold the rows of resources, versions and indexes to what they were before."""
    before = _held(world)
    yield
    assert _held(world) == before


def _held(world: World) -> list[int]:
    with world.store.read() as connection:
        tables = (RESOURCE, RESOURCE_VERSION, *INDEX_TABLES.values())
        return [
            connection.execute(select(func.count()).select_from(each)).scalar_one()
            for each in tables
        ]


def refused(reply: Reply) -> str | None:
    """Say what is wrong with a refusal; None where it is one that a vendor can act on."""
    if not 400 <= reply.status < 500 or reply.json.get("resourceType") != "OperationOutcome":
        return f"{reply.status} {reply.body[:200]!r}"
    issue = reply.json["issue"][0]
    said = issue["details"].get("text") or issue.get("diagnostics")
    return None if said and issue["severity"] in ("error", "fatal") else f"{issue}"
