"""A document's bytes on their way in: held in memory, or standing in a file and read as needed.

A whole municipality's export is larger than memory should be, and may hold what must be kept
nowhere (DESIGN P6): it is read from where it stands, and never copied to another file.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A document in a file, or in the files of a folder that are one document together."""

    path: Path

    def files(self) -> list[Path]:
        """Return the file, or a folder's files in order."""
        if not self.path.is_dir():
            return [self.path]
        return sorted(each for each in self.path.rglob("*") if each.is_file())


Content: TypeAlias = bytes | OnDisk


def opened(content: Content) -> BinaryIO:
    """Return a document of one file, open at its beginning; the caller closes it."""
    return io.BytesIO(content) if isinstance(content, bytes) else content.path.open("rb")


def beginning(content: Content, length: int) -> bytes:
    """Return the first bytes of a document; of a folder, those of its first file."""
    if isinstance(content, bytes):
        return content[:length]
    files = content.files()
    if not files:
        return b""
    with files[0].open("rb") as file:
        return file.read(length)


def size(content: Content) -> int:
    """Return how many bytes a document has."""
    if isinstance(content, bytes):
        return len(content)
    return sum(file.stat().st_size for file in content.files())


def chunks(content: Content) -> Iterator[bytes]:
    """Yield the bytes of a document; those of a folder with the name of each file before them."""
    if isinstance(content, bytes):
        yield content
        return
    for path in content.files():
        if path != content.path:
            yield f"\x00{path.name}\x00".encode()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk


def whole(content: Content) -> bytes:
    """Return all the bytes of a document of one file, for what is small."""
    return content if isinstance(content, bytes) else content.path.read_bytes()
