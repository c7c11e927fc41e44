"""Opening the store for a command, and saying what is wrong when it cannot be.

Source: INTERFACES, Commands: the store is a SQLAlchemy URL from --store or SAMVY_STORE; commands
that write create and upgrade an SQLite store. Exit status 2: it could not run.
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import DBAPIError

from hub.audit.errors import LogKeyProblem
from hub.store.connect import Store, UnusableStoreUrl
from hub.store.identity_key import IdentityKeyProblem
from hub.store.migrate import StoreNotReady, require_current, upgrade

DEFAULT_STORE = "sqlite:///samvy.db"
COULD_NOT_RUN = 2

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        help="SQLAlchemy URL of the store; otherwise SAMVY_STORE, otherwise sqlite:///samvy.db",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="nothing but JSON on standard output")]


def fail(message: str, status: int = COULD_NOT_RUN) -> NoReturn:
    """Say on standard error what is wrong and what to do, and end with `status`."""
    sys.stderr.write(f"samvy: {message}\n")
    raise typer.Exit(status)


def say(message: str) -> None:
    """Write a line for people to standard error."""
    sys.stderr.write(f"{message}\n")


@contextmanager
def opened(url: str | None, *, writes: bool = True) -> Iterator[Store]:
    """Yield the store, with the schema that this hub needs; anything wrong ends the command."""
    try:
        store = Store(url or os.environ.get("SAMVY_STORE") or DEFAULT_STORE)
    except UnusableStoreUrl as problem:
        fail(str(problem))
    try:
        if store.sqlite and not writes and store.path and not store.path.exists():
            fail(f"there is no store at {store.path}; samvy organisations load makes one")
        if store.sqlite and writes:
            upgrade(store)
        else:
            require_current(store)
        yield store
    except (StoreNotReady, IdentityKeyProblem, LogKeyProblem) as problem:
        fail(str(problem))
    except (DBAPIError, sqlite3.Error) as error:
        fail(cannot_be_used(store, error))
    finally:
        store.close()


def cannot_be_used(store: Store, error: DBAPIError | sqlite3.Error) -> str:
    """Return what to look at when the database fails.

    The class alone stands for the error: a database's own message may quote values.
    """
    kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
    check = (
        "check that the file is an SQLite store and that its folder exists and can be written to"
        if store.sqlite
        else "check that the server is up, and that host, name, user and password are right"
    )
    return f"the store at {store.url} cannot be used ({kind}); {check}"
