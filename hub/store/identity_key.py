"""The key that ids are made with, and where it is kept.

Source: DESIGN §4: ids of persons and resources are keyed hashes, so that who has a copy of the
store cannot try all person numbers. The key is a file that only the hub's user reads: the path in
SAMVY_IDENTITY_KEY, or for the embedded store `<store>.idkey` beside it. The store keeps a check
value, so that a store is never opened with another's key, which would split every person in two.
"""

import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy import insert, select

from hub.store.connect import Store
from hub.store.schema.setting import SETTING

VARIABLE = "SAMVY_IDENTITY_KEY"
SUFFIX = ".idkey"
_CHECK = "identity_key_check"
_BYTES = 32


class IdentityKeyProblem(Exception):
    """The key is missing or another store's; says where it should be."""


def identity_key(store: Store) -> bytes:
    """Return the store's identity key; a new store gets one.

    Raises:
        IdentityKeyProblem: the key file is missing, unreadable or another store's.
    """
    path = _path(store)
    with store.write() as connection:
        statement = select(SETTING.c.value).where(SETTING.c.name == _CHECK)
        check = connection.execute(statement).scalar()
        if check is None:
            key = _read(path) if path.exists() else _make(path)
            connection.execute(insert(SETTING).values(name=_CHECK, value=_check(key)))
            return key
        if not path.exists():
            raise IdentityKeyProblem(
                f"the store has an identity key, but {path} does not exist; put the file back, or"
                f" name it in {VARIABLE}"
            )
        key = _read(path)
        if not hmac.compare_digest(check, _check(key)):
            raise IdentityKeyProblem(
                f"{path} is another store's identity key; name this store's in {VARIABLE}"
            )
        return key


def _path(store: Store) -> Path:
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if store.path is None or str(store.path) == ":memory:":
        raise IdentityKeyProblem(
            f"{VARIABLE} is not set: name a file, readable by the hub alone and outside the"
            " database, where the key that ids are made with is or shall be kept"
        )
    return store.path.with_name(store.path.name + SUFFIX)


def _check(key: bytes) -> bytes:
    return hmac.digest(key, b"samvy identity key check", "sha256")


def _read(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise IdentityKeyProblem(f"{path} cannot be read as an identity key") from None
    if len(key) != _BYTES:
        raise IdentityKeyProblem(f"{path} does not hold {_BYTES} bytes in hexadecimal")
    return key


def _make(path: Path) -> bytes:
    key = secrets.token_bytes(_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise IdentityKeyProblem(
            f"the identity key cannot be written to {path} ({error.strerror}); make the folder"
            f" writable for the hub or name another file in {VARIABLE}"
        ) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key
