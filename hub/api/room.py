"""How much of large bodies is held in memory at once, in this process.

A delivery may hold what must be kept nowhere (DESIGN P6), so that it is not written to a file while
it is read: it is held in memory, and what does not fit waits unread in the sender's connection.

Source: docs/decisions/0015-deliveries-over-http.md.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.errors import Unavailable

SMALL = 1024 * 1024
"""A body up to this size is taken without room."""
ROOM = 200 * 1024 * 1024
WAIT = 60.0
"""Seconds that a body waits for room, unread."""


class Room:
    """Room for large bodies."""

    def __init__(self, size: int = ROOM, wait: float = WAIT) -> None:
        self.free = size
        self._wait = wait
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Hold room for a body while it is taken in; a small one needs none.

        Raises:
            Unavailable: there was none for a minute; nothing of the body has been read.
        """
        if size <= SMALL:
            yield
            return
        try:
            async with asyncio.timeout(self._wait), self._changed:
                await self._changed.wait_for(lambda: self.free >= size)
                self.free -= size
        except TimeoutError:
            raise Unavailable(
                "other large deliveries are being taken in; nothing of this one was read; send it"
                " again"
            ) from None
        try:
            yield
        finally:
            async with self._changed:
                self.free += size
                self._changed.notify_all()
