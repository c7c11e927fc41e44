"""Opening the store for a command, and saying what is wrong when it cannot be.

Source: INTERFACES, Commands: the store is a SQLAlchemy URL from --store or SAMVY_STORE; commands
that write create and upgrade an SQLite store. Exit status 2: it could not run.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from hub.audit.errors import LogKeyProblem
from hub.store.connect import Store
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
    named = url or os.environ.get("SAMVY_STORE") or DEFAULT_STORE
    try:
        store = Store(named)
    except (ArgumentError, NoSuchModuleError, ValueError):
        fail("--store is no SQLAlchemy URL; write sqlite:///FILE or postgresql://USER@HOST/NAME")
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
    except DBAPIError as error:
        # the class alone: a database's message may quote values
        fail(f"the store at {store.url} cannot be used ({type(error.orig).__name__})")
    finally:
        store.close()
