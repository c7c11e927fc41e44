"""Our checkpoints co-signed by witnesses, each asked over HTTP for the latest.

Source: C2SP tlog-witness. A witness that is away or refuses delays nobody: what it answered is kept
for the state of the log, and it is asked again. One that knows an earlier key of ours is sent the
checkpoints by which each handed over to the next, and follows them. That a witness refuses our
history as a fork is shown there, and makes the hub not ready.
"""

import base64
import logging
import threading

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from hub.audit.merkle import consistency_proof
from hub.audit.note import Checkpoint, NoteError, Verifier, cosignature_line, read_checkpoint
from hub.audit.stored_tree import StoredTree
from hub.audit.succession import succession
from hub.audit.witness_answer import Answered, NotAnswered, answered
from hub.store.connect import Store
from hub.store.schema.audit import audit_checkpoint, audit_cosignature, audit_witness

LOGGER = logging.getLogger(__name__)
INTERVAL_SECONDS = 10.0
TIMEOUT_SECONDS = 10.0
OK, UNKNOWN_KEY, CONFLICT, REFUSED = 200, 403, 409, 422
FORK = "the witness has seen another history of this log"


def ask_witness(connection: Connection, witness: Verifier, url: str) -> None:
    """Have a witness asked from now on; `url` is what `/add-checkpoint` is appended to."""
    connection.execute(delete(audit_witness).filter_by(name=witness.origin))
    values = {"name": witness.origin, "public_key": witness.public, "url": url.rstrip("/")}
    connection.execute(insert(audit_witness).values(**values))


class Cosigner:
    """Asks a store's witnesses, when called or in the background."""

    def __init__(self, store: Store, *, interval: float = INTERVAL_SECONDS) -> None:
        """Prepare to ask."""
        self._store = store
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
        try:
            signed = self._cosigned(url, done or 0, row.note)
            if signed.status == UNKNOWN_KEY:
                # It knows an older key than the one that signs: it is told how each handed over.
                for note in self._handovers(done or 0):
                    self._cosigned(url, done or 0, note)
                signed = self._cosigned(url, done or 0, row.note)
            if signed.status != OK:
                fork = signed.status in (CONFLICT, REFUSED)
                return FORK if fork else f"the witness answered {signed.status}"
            line = cosignature_line(row.note, signed.text, Verifier(name, public))
        except NoteError as error:
            return f"the witness's answer does not hold: {error}"
        except (NotAnswered, ValueError) as error:
            why = str(error) if isinstance(error, NotAnswered) else type(error).__name__
            return f"the witness could not be asked ({why})"
        with self._store.write() as connection:
            values = {"size": row.size, "witness": name, "line": line}
            connection.execute(delete(audit_cosignature).filter_by(size=row.size, witness=name))
            connection.execute(insert(audit_cosignature).values(**values))
        return None

    def _handovers(self, done: int) -> list[str]:
        """The checkpoints from this size on by which a key handed over, oldest first."""
        with self._store.read() as connection:
            return [each.note for each in succession(connection).handovers if each.size >= done]

    def _cosigned(self, url: str, done: int, note: str) -> Answered:
        """Have a checkpoint cosigned by who has seen one of size `done`, or says what it has."""
        checkpoint = read_checkpoint(note)
        answer = self._post(url, min(done, checkpoint.size), checkpoint, note)
        if answer.status == CONFLICT and answer.text.strip() != str(done):
            seen = int(answer.text.strip()[:19])
            if seen <= checkpoint.size:
                answer = self._post(url, seen, checkpoint, note)
        return answer

    def _post(self, url: str, old: int, checkpoint: Checkpoint, note: str) -> Answered:
        proof: list[bytes] = []
        if old:
            with self._store.read() as connection:
                proof = consistency_proof(StoredTree(connection), checkpoint.size, old)
        lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof)]
        body = "\n".join(lines) + f"\n\n{note}"
        return answered(f"{url}/add-checkpoint", body.encode(), TIMEOUT_SECONDS)
