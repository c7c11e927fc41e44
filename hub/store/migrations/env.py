"""Alembic's entry: migrations run on the connection that `hub.store.migrate` hands over."""

from alembic import context

from hub.store.schema.tables import METADATA


def run() -> None:
    """Run the migrations in the caller's transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run()
