"""The key that signs a log's checkpoints, and where it is kept.

Source: DESIGN §6, P9. The private key is a file that only the hub's user reads: the path in
SAMVY_LOG_KEY, or for the embedded store `<store>.logkey` beside it. It is never a row of the store.
In PostgreSQL the one who may alter records is the database's administrator, and a key within reach
of the same hands would let an altered log be signed as if nothing had happened; a copied backup
would also carry it. Every process that sequences needs the same file. The public key is a row, so
that anybody who has the log can read its checkpoints; whoever wants more than that keeps the line
that `Verifier.text` gives, or a checkpoint, outside. A key hands over to a new one
(hub/audit/handover.py), which lies beside it, in `<file>.next`, until the store has taken it.
"""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from hub.audit.errors import LogKeyProblem
from hub.audit.note import NoteError, Signer, Verifier
from hub.audit.record import instant
from hub.audit.succession import current_key
from hub.store.connect import Store
from hub.store.schema.audit import audit_key

SETTING = "SAMVY_LOG_KEY"
SUFFIX = ".logkey"


def key_path(store: Store) -> Path:
    """Return where the store's signing key is kept."""
    if named := os.environ.get(SETTING):
        return Path(named)
    if store.path is None or str(store.path) == ":memory:":
        raise LogKeyProblem(
            f"{SETTING} is not set: name a file, readable by the hub alone and outside the "
            "database, where the key that signs the log is or shall be kept"
        )
    return store.path.with_name(store.path.name + SUFFIX)


def open_signer(store: Store) -> Signer:
    """Return the log's signing key; a log that has none yet gets one."""
    path = key_path(store)
    with store.write() as connection:
        current = current_key(connection)
        if current is not None:
            return held_signer(store, current)
        if not path.exists():
            _keep(path, Signer.generate(f"samvy/{secrets.token_hex(8)}"))
        signer = _read(path)
        connection.execute(insert(audit_key).values(**key_row(signer.verifier, datetime.now(UTC))))
    return signer


def held_signer(store: Store, current: Verifier) -> Signer:
    """Return the private half of the key that signs now.

    Where a rotation was cut off after the store had taken it, it is ended here.
    """
    path = key_path(store)
    # Another process may put the new file in place between two looks.
    for file in (path, successor_path(path), path):
        with suppress(FileNotFoundError):
            signer = _read(file)
            if signer.verifier == current:
                if file != path:
                    put_in_place(path)
                return signer
    if not path.exists():
        raise LogKeyProblem(
            f"the log has a key, but {path} does not exist; put the key file back, or "
            f"name it in {SETTING} (if it is lost: docs/log-keys.md)"
        )
    raise LogKeyProblem(
        f"{path} is another log's key, or one that has been handed over; name this log's newest"
        f" in {SETTING}"
    )


def staged_successor(store: Store, origin: str) -> Signer:
    """Return a new key of the same log, kept beside the old one until the store has taken it."""
    path = successor_path(key_path(store))
    if not path.exists():
        _keep(path, Signer.generate(origin))
    signer = _read(path)
    if signer.origin != origin:
        raise LogKeyProblem(f"{path} is another log's key; remove it")
    return signer


def put_in_place(path: Path) -> None:
    """Let the staged key take the old one's place, which is gone then."""
    with suppress(FileNotFoundError):  # another process has done so
        successor_path(path).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def successor_path(path: Path) -> Path:
    """Return where the next key is kept until it signs."""
    return path.with_name(f"{path.name}.next")


def key_row(key: Verifier, at: datetime) -> dict[str, object]:
    """Return a public key as it is stored."""
    return {
        "id": key.key_id.hex(),
        "origin": key.origin,
        "public_key": key.public,
        "created": instant(at),
    }


def outside_verifier(store: Store) -> Verifier | None:
    """Return the public key as the key file has it, or None where there is no such file."""
    try:
        path = key_path(store)
    except LogKeyProblem:
        return None
    return _read(path).verifier if path.exists() else None


def _read(path: Path) -> Signer:
    try:
        return Signer.parse(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise
    except (NoteError, OSError, UnicodeDecodeError) as error:
        raise LogKeyProblem(f"{path} cannot be read as a log key: {error}") from error


def _keep(path: Path, signer: Signer) -> None:
    """Write the key whole or not at all; of several processes the first one's key stands."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(signer.text() + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()
    except FileExistsError:
        return
    except OSError as error:
        raise LogKeyProblem(
            f"the log's key cannot be written to {path} ({error.strerror}); make the folder "
            f"writable for the hub or name another file in {SETTING}"
        ) from error
