"""Our checkpoints co-signed by witnesses, each asked over HTTP for the latest.

Source: C2SP tlog-witness. A witness that is away or refuses delays nobody: what it answered is kept
for the state of the log, and it is asked again. That a witness refuses our history as a fork is
shown there, and makes the hub not ready.
"""

import base64
import logging
import threading

import httpx
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from hub.audit.merkle import consistency_proof
from hub.audit.note import Checkpoint, NoteError, Verifier, cosignature_line, open_checkpoint
from hub.audit.stored_tree import StoredTree
from hub.store.connect import Store
from hub.store.schema.audit import audit_checkpoint, audit_cosignature, audit_witness

LOGGER = logging.getLogger(__name__)
INTERVAL_SECONDS = 10.0
TIMEOUT_SECONDS = 10.0
OK, CONFLICT = 200, 409
FORK = "the witness has seen another history of this log"


def ask_witness(connection: Connection, witness: Verifier, url: str) -> None:
    """Have a witness asked from now on; `url` is what `/add-checkpoint` is appended to."""
    connection.execute(delete(audit_witness).filter_by(name=witness.origin))
    values = {"name": witness.origin, "public_key": witness.public, "url": url.rstrip("/")}
    connection.execute(insert(audit_witness).values(**values))


class Cosigner:
    """Asks a store's witnesses, when called or in the background."""

    def __init__(
        self, store: Store, verifier: Verifier, *, interval: float = INTERVAL_SECONDS
    ) -> None:
        """Prepare to ask; `verifier` is the log's own public key."""
        self._store = store
        self._verifier = verifier
        self._interval = interval
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def ask_now(self) -> dict[str, str | None]:
        """Ask every witness for the latest checkpoint; return what is wrong with each, or None."""
        with self._store.read() as connection:
            witnesses = connection.execute(select(audit_witness)).all()
        faults = {
            row.name: self._ask(row.name, bytes(row.public_key), row.url) for row in witnesses
        }
        with self._store.write() as connection:
            for name, fault in faults.items():
                connection.execute(update(audit_witness).filter_by(name=name).values(fault=fault))
        return faults

    def start(self) -> None:
        """Ask in the background until `stop`."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="audit-cosigner", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop asking."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.wait(self._interval):
            try:
                with self._store.read() as connection:
                    any_witness = connection.execute(select(audit_witness.c.name).limit(1)).first()
                if any_witness:
                    self.ask_now()
            except SQLAlchemyError as error:
                LOGGER.warning("witnesses could not be asked: %s", type(error).__name__)

    def _ask(self, name: str, public: bytes, url: str) -> str | None:
        with self._store.read() as connection:
            row = connection.execute(
                select(audit_checkpoint).order_by(audit_checkpoint.c.size.desc()).limit(1)
            ).first()
            done = connection.scalar(
                select(audit_cosignature.c.size)
                .where(audit_cosignature.c.witness == name)
                .order_by(audit_cosignature.c.size.desc())
                .limit(1)
            )
        if row is None or done == row.size:
            return None
        checkpoint = open_checkpoint(row.note, self._verifier)
        try:
            reply = self._post(url, done or 0, checkpoint, row.note)
            if reply.status_code == CONFLICT and reply.text.strip() != str(done or 0):
                seen = int(reply.text.strip()[:19])
                if seen > checkpoint.size:
                    return FORK
                reply = self._post(url, seen, checkpoint, row.note)
            if reply.status_code != OK:
                fork = reply.status_code in (CONFLICT, 422)
                return FORK if fork else f"the witness answered {reply.status_code}"
            line = cosignature_line(row.note, reply.text, Verifier(name, public))
        except NoteError as error:
            return f"the witness's answer does not hold: {error}"
        except (httpx.HTTPError, ValueError) as error:
            return f"the witness could not be asked ({type(error).__name__})"
        with self._store.write() as connection:
            values = {"size": row.size, "witness": name, "line": line}
            connection.execute(delete(audit_cosignature).filter_by(size=row.size, witness=name))
            connection.execute(insert(audit_cosignature).values(**values))
        return None

    def _post(self, url: str, old: int, checkpoint: Checkpoint, note: str) -> httpx.Response:
        proof: list[bytes] = []
        if old:
            with self._store.read() as connection:
                proof = consistency_proof(StoredTree(connection), checkpoint.size, old)
        lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
        body = "\n".join(lines) + f"\n\n{note}"
        return httpx.post(f"{url}/add-checkpoint", content=body.encode(), timeout=TIMEOUT_SECONDS)
