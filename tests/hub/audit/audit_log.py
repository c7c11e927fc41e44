"""A real log on a real store, and the means to change it behind the hub's back."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text

from hub.audit.note import Signer
from hub.audit.record import AccessRecord, Action, Outcome, Shown
from hub.audit.sequencer import Sequencer
from hub.audit.verify_store import verify_store
from hub.audit.writer import AuditWriter
from hub.store.connect import Store
from hub.store.schema import audit

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TABLES = [
    audit.audit_chain,
    audit.audit_record,
    audit.audit_tree,
    audit.audit_checkpoint,
    audit.audit_key,
    audit.audit_term,
    audit.audit_kind,
    audit.audit_subtree,
    audit.audit_subject,
    audit.audit_index_group,
    audit.audit_cosignature,
    audit.audit_witness,
    audit.audit_witnessed,
]


def access_record(number: int, **more: object) -> AccessRecord:
    """Return an invented access; each number gives another one."""
    fields: dict[str, Any] = {
        "id": f"record-{number}",
        "recorded": NOON + timedelta(seconds=number),
        "action": Action.READ,
        "outcome": Outcome.PERMIT,
        "user": f"SE2329999990-P{number:03}",
        "organisation": "SE2329999990-0001",
        "unit": "SE2329999990-1001",
        "person": "a1b2c3",
        "purpose": "vard",
        "shown": (Shown("SE2329999991-0001", None, (f"Condition/c{number}",)),),
        "grounds": ("SVOD 3:1",),
    }
    return AccessRecord(**{**fields, **more})


@dataclass
class Log:
    """A store with its log; `change` is somebody with the database's password."""

    store: Store
    url: str
    signer: Signer
    writers: list[AuditWriter] = field(default_factory=list)
    written: int = 0

    @property
    def file(self) -> Path:
        assert self.store.path is not None
        return self.store.path

    def writer(self) -> AuditWriter:
        self.writers.append(AuditWriter(self.store))
        return self.writers[-1]

    def append(self, writer: AuditWriter, count: int) -> list[str]:
        """Append so many records; return their places."""
        numbers = range(self.written + 1, self.written + 1 + count)
        self.written += count
        return [str(place) for place in writer.append_all([*map(access_record, numbers)])]

    def sequencer(self) -> Sequencer:
        return Sequencer(self.store, self.signer)

    def sequence(self) -> str:
        """Sequence what there is; return the checkpoint that somebody outside might keep."""
        note = self.sequencer().sequence_now().note
        assert note is not None
        return note

    def verify(self, since: str | None = None) -> dict[str, Any]:
        return verify_store(self.store, since)

    def faults(self, since: str | None = None) -> list[tuple[str, str | None]]:
        report = self.verify(since)
        assert report["verified"] is (not report["faults"])
        return [(fault["kind"], fault["record"]) for fault in report["faults"]]

    def change(self, statement: str, **values: object) -> int:
        with self.store.write() as connection:
            return connection.execute(text(statement), values).rowcount

    def rows(self, query: str, **values: object) -> list[Any]:
        with self.store.read() as connection:
            return list(connection.execute(text(query), values))

    def exchange(self, table: str, x: str, y: str, *columns: str) -> None:
        """Exchange these columns of two places' rows."""
        names = ", ".join(columns)
        (one,), (two,) = (
            self.rows(
                f"SELECT {names} FROM {table} WHERE chain = :c AND position = :p",  # noqa: S608
                **where(place),
            )
            for place in (x, y)
        )
        for place, row in ((x, two), (y, one)):
            sets = ", ".join(f"{name} = :{name}" for name in columns)
            self.change(
                f"UPDATE {table} SET {sets} WHERE chain = :c AND position = :p",  # noqa: S608
                **dict(zip(columns, row, strict=True)),
                **where(place),
            )

    def exchange_positions(self, x: str, y: str) -> None:
        """Let two records take each other's places."""
        chain, one, two = where(x)["c"], where(x)["p"], where(y)["p"]
        for old, new in ((one, -7), (two, one), (-7, two)):
            self.change(
                "UPDATE audit_record SET position = :n WHERE chain = :c AND position = :o",
                c=chain,
                o=old,
                n=new,
            )

    def rebuild(self, chain: str, *, tree: bool = False) -> None:
        """Make a chain's stored hashes, and the tree's leaves, fit what now lies in it."""
        link = sha256(b"\x03" + chain.encode()).digest()
        rows = "SELECT position, salt, payload FROM audit_record WHERE chain = :c ORDER BY position"
        record = (
            "UPDATE audit_record SET leaf_hash = :l, chain_hash = :h"
            " WHERE chain = :c AND position = :p"
        )
        leaf = "UPDATE audit_tree SET leaf_hash = :l WHERE chain = :c AND position = :p"
        with self.store.write() as connection:
            for row in connection.execute(text(rows), {"c": chain}).all():
                content = sha256(b"\x00" + row.salt + row.payload).digest()
                link = sha256(b"\x02" + link + content).digest()
                values = {"c": chain, "p": row.position, "l": content, "h": link}
                connection.execute(text(record), values)
                if tree:
                    connection.execute(text(leaf), values)

    def alter(self, place: str) -> None:
        """Put another user into a record and its column."""
        self.change(
            "UPDATE audit_record SET payload = :b, user_id = 'SE2329999990-P666'"
            " WHERE chain = :c AND position = :p",
            b=re.sub(rb"-P\d{3}", b"-P666", self.payload(place)),
            **where(place),
        )

    def payload(self, place: str) -> bytes:
        ((payload,),) = self.rows(
            "SELECT payload FROM audit_record WHERE chain = :c AND position = :p", **where(place)
        )
        return bytes(payload)

    def drop(self, place: str) -> None:
        assert self.change(
            "DELETE FROM audit_record WHERE chain = :c AND position = :p", **where(place)
        )

    def close(self) -> None:
        for writer in self.writers:
            writer.close()
        self.store.close()


def where(place: str) -> dict[str, Any]:
    chain, _, position = place.partition(".")
    return {"c": chain, "p": int(position)}


@dataclass
class Chains(Log):
    """A log with the places of two chains, and the checkpoints that were signed over them."""

    a: list[str] = field(default_factory=list)
    b: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def chain(self) -> str:
        return self.a[0].partition(".")[0]


def chains_of(log: Log, *, signed: tuple[int, ...] = (), pending: int = 0) -> Chains:
    """Return the log with that many records in each of two chains before each checkpoint."""
    chains = Chains(log.store, log.url, log.signer, log.writers)
    first, second = chains.writer(), chains.writer()
    for count in (*signed, pending):
        chains.a += chains.append(first, count)
        chains.b += chains.append(second, count)
        if count and len(chains.notes) < len(signed):
            chains.notes.append(chains.sequence())
    return chains
