"""samvy db upgrade: the store's schema brought to the version that this hub needs."""

import os
import sqlite3

import typer
from sqlalchemy.exc import DBAPIError

from hub.cli.opening import DEFAULT_STORE, StoreOption, cannot_be_used, fail, say
from hub.store.connect import Store, UnusableStoreUrl
from hub.store.migrate import StoreNotReady, upgrade

db = typer.Typer(help="the store's schema")


@db.callback()
def _group() -> None:
    """Keep `upgrade` a command of its own although it is the only one."""


@db.command("upgrade")
def db_upgrade(store: StoreOption = None) -> None:
    """Create the schema, or bring it to the newest version; again does nothing."""
    try:
        opened = Store(store or os.environ.get("SAMVY_STORE") or DEFAULT_STORE)
    except UnusableStoreUrl as problem:
        fail(str(problem))
    try:
        revision = upgrade(opened)
    except StoreNotReady as problem:
        fail(str(problem))
    except (DBAPIError, sqlite3.Error) as error:
        fail(cannot_be_used(opened, error))
    finally:
        opened.close()
    say(f"samvy: the store's schema is {revision}")
