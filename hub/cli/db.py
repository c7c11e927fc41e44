"""samvy db upgrade: the store's schema brought to the version that this hub needs."""

import os

import typer
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from hub.cli.opening import DEFAULT_STORE, StoreOption, fail, say
from hub.store.connect import Store
from hub.store.migrate import upgrade

db = typer.Typer(help="the store's schema")


@db.callback()
def _group() -> None:
    """Keep `upgrade` a command of its own although it is the only one."""


@db.command("upgrade")
def db_upgrade(store: StoreOption = None) -> None:
    """Create the schema, or bring it to the newest version; again does nothing."""
    try:
        opened = Store(store or os.environ.get("SAMVY_STORE") or DEFAULT_STORE)
        revision = upgrade(opened)
    except (ArgumentError, NoSuchModuleError, ValueError):
        fail("--store is no SQLAlchemy URL; write sqlite:///FILE or postgresql://USER@HOST/NAME")
    except DBAPIError as error:
        fail(f"the store cannot be upgraded ({type(error.orig).__name__})")
    opened.close()
    say(f"samvy: the store's schema is {revision}")
