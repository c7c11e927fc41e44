"""Where rows stand that belong together, and how often a number is met, without their content.

The index is an SQLite database that exists only for one reading. It holds numbers: positions in
the export, and hashes of key values under a key that is made for this reading and forgotten with
it. What it spills to a temporary file tells nobody anything (DESIGN P6).
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from adapters.fitted.unit import Place

_SCHEMA = """
CREATE TABLE child (relation INT, key INT, tab INT, file INT, byte INT, length INT, line INT);
CREATE TABLE there (relation INT, key INT, times INT, PRIMARY KEY (relation, key)) WITHOUT ROWID;
CREATE TABLE root (tab INT, file INT, byte INT, length INT, line INT);
CREATE TABLE number (key INT PRIMARY KEY, times INT) WITHOUT ROWID;
"""
_MET = "ON CONFLICT DO UPDATE SET times = times + 1"


class RowIndex:
    """The index of one reading."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        # An empty name: SQLite keeps it in memory, spills it to a file of its own and removes that.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF;" + _SCHEMA)
        self._database.execute("BEGIN")

    def __del__(self) -> None:
        """Let go of the database; nobody else has it."""
        self._database.close()

    def child(self, relation: int, values: Sequence[str], table: int, place: Place) -> bool:
        """Note a row that names another by these values; False if one of them is missing."""
        if not all(values):
            return False
        row = (relation, self._hash(values), table, *_numbers(place))
        self._database.execute("INSERT INTO child VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return True

    def parent(self, relation: int, values: Sequence[str]) -> None:
        """Note a row that others can name by these values."""
        if all(values):
            row = (relation, self._hash(values))
            self._database.execute(f"INSERT INTO there VALUES (?, ?, 1) {_MET}", row)  # noqa: S608  # nosec B608  # a constant

    def root(self, table: int, place: Place) -> None:
        """Note a row that names no other."""
        row = (table, *_numbers(place))
        self._database.execute("INSERT INTO root VALUES (?, ?, ?, ?, ?)", row)

    def number(self, number: str) -> None:
        """Note that a person has this number."""
        self._database.execute(f"INSERT INTO number VALUES (?, 1) {_MET}", (self._hash([number]),))  # noqa: S608  # nosec B608  # a constant

    def several(self, number: str) -> bool:
        """Tell whether more than one person had this number."""
        statement = "SELECT times FROM number WHERE key = ?"
        found = self._database.execute(statement, (self._hash([number]),)).fetchone()
        return found is not None and found[0] > 1

    def ready(self) -> None:
        """Make the index fit for being asked, once all rows are noted."""
        self._database.execute("CREATE INDEX by_key ON child (relation, key)")

    def unplaced(self, relation: int) -> tuple[int, int]:
        """Return how many rows name no row that is there, and how many name several."""
        statement = (
            "SELECT sum(there.key IS NULL), sum(there.times > 1) FROM child LEFT JOIN there"
            " ON there.relation = child.relation AND there.key = child.key"
            " WHERE child.relation = ?"
        )
        lost, several = self._database.execute(statement, (relation,)).fetchone()
        return lost or 0, several or 0

    def roots(self) -> Iterator[tuple[int, Place]]:
        """Yield the rows that name no other, in order."""
        for table, *place in self._database.execute("SELECT * FROM root ORDER BY rowid"):
            yield table, Place(*place)

    def groups(self, relation: int) -> Iterator[int]:
        """Yield the keys of rows that belong together by one value, by their first row."""
        statement = "SELECT key FROM child WHERE relation = ? GROUP BY key ORDER BY min(rowid)"
        for (key,) in self._database.execute(statement, (relation,)):
            yield key

    def of_group(self, relation: int, key: int) -> list[tuple[int, Place]]:
        """Return the rows of one key, table by table, in order."""
        statement = (
            "SELECT tab, file, byte, length, line FROM child WHERE relation = ? AND key = ?"
            " ORDER BY tab, rowid"
        )
        found = self._database.execute(statement, (relation, key))
        return [(table, Place(*place)) for table, *place in found]

    def named(self, relation: int, values: Sequence[str]) -> list[tuple[int, Place]]:
        """Return the rows that name a row by these values, if it alone can be meant."""
        if not all(values):
            return []
        key = self._hash(values)
        statement = "SELECT times FROM there WHERE relation = ? AND key = ?"
        found = self._database.execute(statement, (relation, key)).fetchone()
        return self.of_group(relation, key) if found == (1,) else []

    def _hash(self, values: Sequence[str]) -> int:
        text = "\x00".join(values).encode("utf-8", "surrogatepass")
        digest = blake2b(text, key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, signed=True)


def _numbers(place: Place) -> tuple[int, int, int, int]:
    return (place.file, place.offset, place.length, place.line)
