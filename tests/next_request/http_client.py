"""A small client for many requests at a time: one connection for each reader and process.

It reads what the hub sends and nothing more: a status line, headers, a body of a stated length.
"""

import asyncio
import re
from dataclasses import dataclass, field

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and a body."""

    status: int
    body: bytes


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a request as it is sent."""
    lines = [f"{method} {path} HTTP/1.1", "Host: hub", *(f"{n}: {v}" for n, v in headers.items())]
    if body:
        lines += ["Content-Type: application/fhir+json"]
    lines += [f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(slots=True)
class Connections:
    """One reader's or writer's connections, one to each process."""

    kept: dict[Address, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=dict
    )

    async def ask(self, address: Address, sent: bytes) -> Reply:
        """Send and return the reply; a connection that lay idle and was closed is opened anew."""
        fresh = address not in self.kept
        if fresh:
            self.kept[address] = await asyncio.open_connection(*address, limit=1 << 22)
        reader, writer = self.kept[address]
        try:
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            del self.kept[address]
            writer.close()
            if fresh:
                raise
            return await self.ask(address, sent)
        length = LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        return Reply(int(head[9:12]), body)

    def close(self) -> None:
        for _, writer in self.kept.values():
            writer.close()
