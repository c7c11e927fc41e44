"""The store's schema brought to the version that this hub needs.

Source: DESIGN §4; INTERFACES: commands that write upgrade an SQLite store themselves, a PostgreSQL
store is upgraded by `samvy db upgrade` only, so that two versions of a hub never fight over it.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import func, select

from hub.store.connect import Store

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x53414D56
"""Two upgrades of one PostgreSQL store take turns."""


class StoreNotReady(Exception):
    """The store has another schema than this hub; says which command mends it."""


def upgrade(store: Store) -> str:
    """Bring the store to the newest schema and return its revision.

    Raises:
        StoreNotReady: a newer hub has written its schema.
    """
    needed = newest()
    if current(store) == needed:
        return needed
    with store.write() as connection:
        if not store.sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreNotReady(
                "the store's schema is of a newer Samvy than this one; use that version"
            ) from None
    return needed


def newest() -> str:
    """Return the revision that this hub needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise StoreNotReady("no migrations are installed with this hub; install it anew")
    return head


def current(store: Store) -> str | None:
    """Return the revision of the store, None for an empty one."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_current(store: Store) -> None:
    """Check that the store has the schema that this hub needs.

    Raises:
        StoreNotReady: it has an older or newer one, or none.
    """
    found, needed = current(store), newest()
    if found != needed:
        raise StoreNotReady(
            f"the store's schema is {found or 'empty'}, this hub needs {needed}; run"
            " samvy db upgrade with this version of Samvy"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
