"""The key that signs a log's checkpoints, and where it is kept.

Source: DESIGN §6, P9. The private key is a file that only the hub's user reads: the path in
SAMVY_LOG_KEY, or for the embedded store `<store>.logkey` beside it. It is never a row of the store.
In PostgreSQL the one who may alter records is the database's administrator, and a key within reach
of the same hands would let an altered log be signed as if nothing had happened; a copied backup
would also carry it. Every process that sequences needs the same file. The public key is a row, so
that anybody who has the log can read its checkpoints; whoever wants more than that keeps the line
that `Verifier.text` gives, or a checkpoint, outside.
"""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from hub.audit.errors import LogKeyProblem
from hub.audit.note import NoteError, Signer, Verifier
from hub.audit.record import instant
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
        known = connection.execute(select(audit_key.c.origin, audit_key.c.public_key)).all()
        verifiers = [Verifier(row.origin, row.public_key) for row in known]
        if not path.exists():
            if verifiers:
                raise LogKeyProblem(
                    f"the log has a key, but {path} does not exist; put the key file back, or "
                    f"name it in {SETTING}"
                )
            _keep(path, Signer.generate(f"samvy/{secrets.token_hex(8)}"))
        signer = _read(path)
        if not verifiers:
            connection.execute(
                insert(audit_key).values(
                    id=signer.verifier.key_id.hex(),
                    origin=signer.origin,
                    public_key=signer.verifier.public,
                    created=instant(datetime.now(UTC)),
                )
            )
        elif signer.verifier not in verifiers:
            raise LogKeyProblem(f"{path} is another log's key; name this log's in {SETTING}")
    return signer


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
