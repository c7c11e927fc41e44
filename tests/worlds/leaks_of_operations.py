"""Leaks planted in the operations: $everything, $summary and $lastn."""

# ruff: noqa: ANN401 -- what is planted takes and gives whatever the function in its place does

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select

import hub.api.operation.everything as everything_module
import hub.api.operation.lastn as lastn_module
import hub.api.operation.summary as summary_module
import hub.api.search.search_directory as directory_module
from consent.predicate import TRUE
from consent.scope import Clause, Scope
from hub.api.search.search_directory import EVERYBODY
from hub.store.directory_index import DirectoryIndex
from hub.store.latest_codes import codes_in_order
from hub.store.reading import Found, at_versions, find_keys
from hub.store.schema.resource import RESOURCE
from tests.worlds.leaks import Keys, Longer, Patch, every_row


def _unscoped(patch: Patch, module: Any) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], where: Any, **_rest: Any
    ) -> list[Found]:
        del scope
        asked = (
            select(RESOURCE).where(RESOURCE.c.person.in_(persons), where).order_by(RESOURCE.c.id)
        )
        return [
            Found(row.person, row.type, row.id, 1, 0, row.body, False, "", row.owner, row.unit)
            for row in connection.execute(asked)
        ]

    patch.setattr(module, "find", leaky)


def a_summary_tells_of_what_is_hidden(patch: Patch) -> None:
    _unscoped(patch, summary_module)


def the_last_of_each_kind_is_a_hidden_one(patch: Patch) -> None:
    every = Scope((Clause(permits=True, when=TRUE, ground=""),), (), "", None)

    def leaky(connection: Connection, _scope: Scope, *given: Any) -> Any:
        return codes_in_order(connection, every, *given)

    def shown(connection: Connection, _scope: Scope, *given: Any) -> Any:
        return at_versions(connection, every, *given)

    patch.setattr(lastn_module, "codes_in_order", leaky)
    patch.setattr(lastn_module, "at_versions", shown)


def everything_counts_hidden_rows(patch: Patch) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], where: Any, **rest: Any
    ) -> Keys:
        longer = Longer(find_keys(connection, scope, persons, where, **rest))
        longer.every = len(every_row(connection, persons, where))
        return longer

    patch.setattr(everything_module, "find_keys", leaky)


def everything_holds_what_is_hidden(patch: Patch) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], keys: Keys
    ) -> list[Found]:
        hidden = every_row(connection, persons, RESOURCE.c.withdrawn)
        return at_versions(connection, scope, persons, keys) + [
            Found("", each.type, each.id, 1, 0, b"{}", False, "", "", None) for each in hidden
        ]

    patch.setattr(everything_module, "at_versions", leaky)


def the_directory_tells_what_stands_in_records(patch: Patch) -> None:
    real = directory_module._index

    def leaky(hub: Any, call: Any) -> Any:
        with hub.store.read() as connection:
            rows = connection.execute(select(RESOURCE).where(RESOURCE.c.withdrawn)).all()
        sent = [{"resourceType": "Organization", "id": row.id, "name": "x"} for row in rows]
        return DirectoryIndex.of({EVERYBODY: [*real(hub, call).entries.values(), *sent]})

    patch.setattr(directory_module, "_index", leaky)


LEAKS_OF_OPERATIONS: tuple[Callable[[Patch], None], ...] = (
    a_summary_tells_of_what_is_hidden,
    the_last_of_each_kind_is_a_hidden_one,
    everything_counts_hidden_rows,
    everything_holds_what_is_hidden,
    the_directory_tells_what_stands_in_records,
)
