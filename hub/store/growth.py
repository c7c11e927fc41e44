"""The planner told of tables that grow, where a delivery fills them faster than the server looks.

Source: PostgreSQL, ANALYZE. Without figures of a table PostgreSQL takes a record of fifty persons
for a fifth of the table and reads all of it: at 60,000 persons of a municipal export the server
took four times as long for each. It looks by itself about once a minute, where it is set to; a
delivery has it look when twice as much has been written as at the last look. SQLite needs none.
"""

import logging

from sqlalchemy.exc import SQLAlchemyError

from hub.store.connect import Store

LOGGER = logging.getLogger(__name__)
FIRST = 1000
"""Parts written before the first look."""


class Growth:
    """How much one delivery has written."""

    def __init__(self, store: Store) -> None:
        """Begin with nothing."""
        self._store = store
        self._written = 0
        self._look_at = FIRST

    def add(self, parts: int) -> None:
        """Note parts that are durable."""
        self._written += parts
        if self._written >= self._look_at:
            self._look_at = 2 * self._written
            look(self._store)


def look(store: Store) -> None:
    """Have the planner's figures of its tables made anew; a failure harms nothing but speed."""
    if store.sqlite:
        return
    try:
        with store.glance() as connection:
            connection.exec_driver_sql("ANALYZE")
    except SQLAlchemyError as error:
        LOGGER.warning("the tables' figures were not made anew: %s", type(error).__name__)
