"""The files of a delimited delivery: itself, a folder's files, or what its archive holds.

A member of an archive is read as it is unpacked, and never unpacked to another file (DESIGN P6).
To go back in it without unpacking all that stands before, the unpacking's state is kept in memory
at every few megabytes, and it goes on from there.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from adapters.document import Unreadable
from adapters.incoming import CHUNK, Content, OnDisk, beginning, opened

MOST_FILES = 100
MOST = 4 * 1024 * CHUNK
"""What an archive may hold when it is unpacked, in bytes."""
LARGEST_RATIO = 500
"""How many times larger than the archive that may be: more is no text that anybody wrote."""
_ZIP = b"PK\x03\x04"
_HEADER = 30
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Member:
    """One file by its name, and how to open it at its beginning."""

    name: str
    content: Content
    info: zipfile.ZipInfo | None = None

    def open(self) -> BinaryIO:
        """Return the file open at its beginning; the caller closes it.

        Raises:
            Unreadable: it is packed in a way that is not known, or encrypted.
        """
        if self.info is None:
            return opened(self.content)
        with _readable(), ExitStack() as stack:
            file = stack.enter_context(opened(self.content))
            unpacked = Unpacked(file, self.info)
            stack.pop_all()
            return io.BufferedReader(unpacked, CHUNK)


def members(content: Content, name: str) -> Sequence[Member]:
    """Return the files of a document.

    Raises:
        Unreadable: the archive is damaged, or would be too large.
    """
    if isinstance(content, OnDisk) and content.path.is_dir():
        return [Member(file.name, OnDisk(file)) for file in content.files()]
    if beginning(content, len(_ZIP)) != _ZIP:
        return [Member(name.replace("\\", "/").rpartition("/")[2], content)]
    with _readable(), opened(content) as file, zipfile.ZipFile(file) as archive:
        found = [each for each in archive.infolist() if not each.is_dir()]
        unpacked = sum(each.file_size for each in found)
        packed = sum(each.compress_size for each in found)
        if len(found) > MOST_FILES or unpacked > min(MOST, LARGEST_RATIO * (packed + CHUNK)):
            text = "the archive holds too much; send fewer or smaller files"
            raise Unreadable("too-large", "document", text, hostile=True)
        return [Member(each.filename.rpartition("/")[2], content, each) for each in found]


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        raise _damaged() from None


def _damaged() -> Unreadable:
    text = "the archive is damaged or encrypted; send it again"
    return Unreadable("not-zip", "document", text)


class Unpacked(io.RawIOBase):
    """A member of an archive as a file that can be sought in."""

    def __init__(self, file: BinaryIO, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & 1 or info.compress_type not in (_STORED, _DEFLATED):
            raise NotImplementedError
        self._file = file
        self._info = info
        file.seek(info.header_offset)
        header = file.read(_HEADER)
        lengths = int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little")
        self._begins = info.header_offset + _HEADER + sum(lengths)
        # Where the text and the packed bytes stand, and the state of unpacking there.
        self._states: list[tuple[int, int, Any, bytes]] = []
        self._at = 0
        self._crc: int | None = 0
        self._start()

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought in."""
        return True

    def tell(self) -> int:
        """Return the position in the unpacked file."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a position, from the nearest state before it that is known."""
        if whence == io.SEEK_CUR:
            offset += self._at
        elif whence == io.SEEK_END:
            offset += self._info.file_size
        if offset == self._at:
            return offset
        self._crc = None if offset else 0
        near = max(
            (state for state in self._states if state[0] <= offset),
            key=lambda state: state[0],
            default=None,
        )
        if offset < self._at or (near is not None and near[0] > self._at):
            self._start(near)
        while self._at < offset:
            if not self._take(min(CHUNK, offset - self._at)):
                break
        return self._at

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  # what io declares
        """Fill a buffer with what comes next."""
        taken = self._take(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close the archive's file too."""
        self._file.close()
        super().close()

    def _start(self, state: tuple[int, int, Any, bytes] | None = None) -> None:
        if state is None:
            self._at, self._packed = 0, 0
            stored = self._info.compress_type == _STORED
            self._unpacking: Any = None if stored else zlib.decompressobj(-zlib.MAX_WBITS)
            self._waiting = b""
            return
        self._at, self._packed, unpacking, self._waiting = state
        self._unpacking = unpacking.copy()

    def _take(self, most: int) -> bytes:
        if self._unpacking is None:
            self._file.seek(self._begins + self._at)
            taken = self._file.read(min(most, self._info.file_size - self._at))
        else:
            taken = self._unpack(most)
        self._at += len(taken)
        if not taken and self._at < self._info.file_size:
            raise _damaged()
        if self._crc is not None:
            self._crc = zlib.crc32(taken, self._crc)
            if self._at == self._info.file_size and self._crc != self._info.CRC:
                raise _damaged()
        return taken

    def _unpack(self, most: int) -> bytes:
        last = self._states[-1][0] if self._states else 0
        if self._at >= last + 2 * CHUNK:
            self._states.append((self._at, self._packed, self._unpacking.copy(), self._waiting))
        taken = b""
        while most and not taken and not self._unpacking.eof:
            if not self._waiting:
                left = self._info.compress_size - self._packed
                self._file.seek(self._begins + self._packed)
                self._waiting = self._file.read(min(CHUNK, left))
                self._packed += len(self._waiting)
                if not self._waiting:
                    break
            try:
                taken = self._unpacking.decompress(self._waiting, most)
            except zlib.error:
                raise _damaged() from None
            self._waiting = self._unpacking.unconsumed_tail
        return bytes(taken)
