"""Every leak that others have had, planted in our own paths, to see that the comparison notices.

Each fault is one row of the leak catalogue of HAPI, Medplum and others, as far as the path exists.
"""

# ruff: noqa: ANN401 -- what is planted takes and gives whatever the function in its place does

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, true

import hub.api.interaction.conditional as conditional_module
import hub.api.interaction.history as history_module
import hub.api.interaction.own_change as own_change_module
import hub.api.interaction.read as read_module
import hub.api.interaction.vread as vread_module
import hub.api.opening.open as open_module
import hub.api.patient as patient_module
import hub.api.search.first_page as first_page_module
import hub.api.search.matches_as_kept as matches_as_kept_module
import hub.api.search.page as page_module
import hub.api.search.search_include as search_include_module
import hub.api.search.search_patient as search_patient_module
import hub.api.search.search_query as search_query_module
import hub.api.search.search_type as search_type_module
from consent.predicate import TRUE
from consent.scope import Clause, Scope
from consent.section import Opens
from hub.api.bundle import history, searchset
from hub.api.search.page import MOST_IN_A_SET
from hub.api.search.reach import Reach
from hub.api.search.search_include import bring
from hub.errors import NotAllowed, NotFound, Place, Unprocessable, operation_outcome
from hub.store.person_now import StandingRow
from hub.store.read_one import read_one
from hub.store.reading import (
    Found,
    Key,
    Persons,
    at_versions,
    find_keys,
    own_row,
    persons_of,
    prepare,
    rungs,
    versions,
)
from hub.store.reading import Place as Shown
from hub.store.schema.resource import RESOURCE
from hub.store.schema.search_index import IX_REFERENCE
from hub.store.writing import put

Patch = pytest.MonkeyPatch
Keys = list[Key]


class Longer(list[Key]):
    """Keys whose number is that of all rows, hidden ones among them."""

    every = 0

    def __len__(self) -> int:
        return self.every


def every_row(connection: Connection, persons: Persons, where: Any) -> Keys:
    found = select(RESOURCE.c.type, RESOURCE.c.id, RESOURCE.c.version)
    theirs = true() if persons is None else RESOURCE.c.person.in_(persons)
    rows = connection.execute(found.where(theirs, where))
    return [Key(*row) for row in rows]


def _searching(patch: Patch, change: Callable[[Connection, Keys, Keys], Keys]) -> None:
    """Let `change` make the result of what is permitted and of what stands there."""

    def leaky(
        connection: Connection, reached: Reach, where: Any, by: Any, per_page: int
    ) -> tuple[list[Found], Keys]:
        scope, persons = reached.access.scope, reached.persons
        found = find_keys(connection, scope, persons, where, order=by, limit=MOST_IN_A_SET)
        keys = change(connection, found, every_row(connection, persons, where))
        return at_versions(connection, scope, persons, keys[:per_page]), keys

    patch.setattr(search_type_module, "matches", leaky)
    patch.setattr(
        search_type_module, "matches_as_kept", lambda *_: None
    )  # as where it fits no page


def a_search_by_a_kept_scope_finds_what_is_hidden(patch: Patch) -> None:
    def leaky(connection: Connection, scope: Scope, *given: Any, **rest: Any) -> Any:
        whatever = replace(scope, clauses=(Clause(permits=True, when=TRUE, ground="PDL 4:1"),))
        return prepare(connection, whatever, *given, **rest)

    patch.setattr(matches_as_kept_module, "prepare", leaky)


def _bundling(patch: Patch, change: Callable[[list[Any]], None]) -> None:
    """Let `change` alter the total and the notes of a search's answer."""
    real = searchset

    def leaky(*given: Any) -> bytes:
        arguments = list(given)
        change(arguments)
        return real(*arguments)

    patch.setattr(first_page_module, "searchset", leaky)


def the_total_counts_hidden_rows(patch: Patch) -> None:
    seen: Keys = []

    def remember(_connection: Connection, found: Keys, every: Keys) -> Keys:
        seen[:] = every
        return found

    def tell(arguments: list[Any]) -> None:
        arguments[3] = len(seen)

    _searching(patch, remember)
    _bundling(patch, tell)


def the_next_link_counts_hidden_rows(patch: Patch) -> None:
    def lengthen(_connection: Connection, found: Keys, every: Keys) -> Keys:
        longer = Longer(found)
        longer.every = len(every)
        return longer

    def say_no_total(arguments: list[Any]) -> None:
        arguments[3] = None

    _searching(patch, lengthen)
    _bundling(patch, say_no_total)


def pages_are_cut_before_hidden_rows_are_left_out(patch: Patch) -> None:
    _searching(patch, lambda _connection, _found, every: every)


def the_order_follows_what_hidden_rows_hold(patch: Patch) -> None:
    def reorder(connection: Connection, found: Keys, _every: Keys) -> Keys:
        target = select(RESOURCE.c.id).where(RESOURCE.c.id == IX_REFERENCE.c.target_id)
        referring = select(IX_REFERENCE.c.id).where(target.exists())
        first = set(connection.execute(referring).scalars())
        return sorted(found, key=lambda key: key.id not in first)

    _searching(patch, reorder)


def a_statement_is_made_for_each_hidden_row(patch: Patch) -> None:
    def ask_for_each(connection: Connection, found: Keys, every: Keys) -> Keys:
        for key in every:
            connection.execute(select(RESOURCE.c.owner).where(RESOURCE.c.id == key.id))
        return found

    _searching(patch, ask_for_each)


def a_note_says_that_something_was_left_out(patch: Patch) -> None:
    left_out: list[bool] = []

    def remember(_connection: Connection, found: Keys, every: Keys) -> Keys:
        left_out[:] = [len(found) < len(every)]
        return found

    def tell(arguments: list[Any]) -> None:
        if any(left_out):
            arguments[4] = operation_outcome(
                [Place("suppressed", "hidden", "", severity="warning")]
            )

    _searching(patch, remember)
    _bundling(patch, tell)


def _reading(patch: Patch, refuse: Callable[[], Exception]) -> None:
    def leaky(connection: Connection, scope: Scope, row: StandingRow) -> Any:
        found = read_one(connection, scope, row)
        if not found:
            raise refuse()
        return found

    patch.setattr(read_module, "read_one", leaky)


def what_is_hidden_is_forbidden_and_not_missing(patch: Patch) -> None:
    _reading(patch, lambda: NotAllowed("not this"))


def what_is_hidden_has_an_etag(patch: Patch) -> None:
    def with_tag() -> Exception:
        error = NotFound()
        error.headers["ETag"] = 'W/"1"'
        return error

    _reading(patch, with_tag)


def somebody_unknown_is_not_found(patch: Patch) -> None:
    real = patient_module.demographics
    held: list[int] = []

    def remember(connection: Connection, access: Any) -> list[Found]:
        counted = select(func.count()).where(RESOURCE.c.person.in_(access.persons))
        held[:] = [connection.execute(counted).scalar_one()]
        return real(connection, access)

    def leaky(root: str, found: Any, links: Any, total: int) -> bytes:
        return searchset(root, found if held[0] else [], links, total if held[0] else 0)

    patch.setattr(search_patient_module, "demographics", remember)
    patch.setattr(search_patient_module, "searchset", leaky)


def demographics_come_from_a_hidden_row(patch: Patch) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], *_where: Any, **_rest: Any
    ) -> list[Found]:
        del scope
        asked = select(RESOURCE).where(RESOURCE.c.person.in_(persons), RESOURCE.c.type == "Patient")
        return [
            Found("", "Patient", row.id, 1, 0, row.body, False, "", row.owner, row.unit)
            for row in connection.execute(asked)
        ][:1]

    patch.setattr(patient_module, "find", leaky)


def a_rung_comes_from_a_hidden_row(patch: Patch) -> None:
    def leaky(connection: Connection, scope: Scope, persons: Sequence[str]) -> list[Shown]:
        owners = select(RESOURCE.c.owner, RESOURCE.c.unit).where(
            RESOURCE.c.person.in_(persons), RESOURCE.c.withdrawn
        )
        more = [Shown(Opens.I0, *row, "") for row in connection.execute(owners)]
        return [*rungs(connection, scope, persons), *more]

    patch.setattr(open_module, "rungs", leaky)


def grounds_stand_in_the_order_of_the_rows(patch: Patch) -> None:
    def leaky(_access: Any, places: Sequence[Shown], cited: Sequence[str]) -> list[str]:
        return [*cited, *(place.ground for place in places), str(len(places))]

    patch.setattr(open_module, "_basis", leaky)


def a_reference_must_resolve_to_what_stands_there(patch: Patch) -> None:

    def leaky(connection: Connection, person: str, incoming: Any, now: int) -> Any:
        wanted = str(_detail(incoming[0].resource)).rpartition("/")[2]
        if not connection.execute(select(RESOURCE.c.id).where(RESOURCE.c.id == wanted)).first():
            raise Unprocessable("the reference names nothing")
        return put(connection, person, incoming, now)

    patch.setattr(own_change_module, "put", leaky)


def _detail(resource: Mapping[str, Any]) -> str:
    return str(resource["evidence"][0]["detail"][0]["reference"])


def a_chain_looks_at_hidden_rows(patch: Patch) -> None:
    patch.setattr(search_query_module, "permitted_sql", lambda _scope, _table: true())


def what_is_hidden_is_brought_along(patch: Patch) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], where: Any, **_rest: Any
    ) -> list[Found]:
        del scope
        asked = select(RESOURCE).where(RESOURCE.c.person.in_(persons), where)
        return [
            Found(row.person, row.type, row.id, 1, 0, row.body, False, "", row.owner, row.unit)
            for row in connection.execute(asked)
        ]

    patch.setattr(search_include_module, "find", leaky)


def a_later_page_brings_along_what_is_hidden(patch: Patch) -> None:
    def leaky(*given: Any) -> Any:
        with pytest.MonkeyPatch.context() as inner:
            what_is_hidden_is_brought_along(inner)
            return bring(*given)

    patch.setattr(page_module, "bring", leaky)


def a_later_page_forgets_the_scope(patch: Patch) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], keys: Keys, **rest: Any
    ) -> list[Found]:
        every = every_row(connection, persons, RESOURCE.c.withdrawn)
        return at_versions(connection, scope, persons, [*keys, *every], **rest) + [
            Found("", each.type, each.id, 1, 0, b"{}", False, "", "", None) for each in every
        ]

    patch.setattr(page_module, "at_versions", leaky)


def a_history_counts_hidden_versions(patch: Patch) -> None:
    def leaky(
        connection: Connection, scope: Scope, persons: Sequence[str], where: Any, *, limit: int
    ) -> Keys:
        found = Longer(versions(connection, scope, persons, where, limit=limit))
        found.every = len(every_row(connection, persons, true()))
        return found

    def answered(root: str, found: Any, links: Any, _total: int) -> bytes:
        return history(root, found, links, counted[0])

    counted: list[int] = []

    def remember(*given: Any, **rest: Any) -> Keys:
        found = leaky(*given, **rest)
        counted[:] = [len(found)]
        return list(found)

    patch.setattr(history_module, "versions", remember)
    patch.setattr(history_module, "history", answered)


def a_version_forgets_the_scope(patch: Patch) -> None:
    def leaky(
        connection: Connection, _scope: Scope, persons: Sequence[str], keys: Keys, **_rest: Any
    ) -> list[Found]:
        this = RESOURCE.c.id == keys[0].id
        asked = select(RESOURCE).where(RESOURCE.c.person.in_(persons), this)
        return [
            Found(row.person, row.type, row.id, 1, 0, row.body, False, "", row.owner, row.unit)
            for row in connection.execute(asked)
        ]

    patch.setattr(vread_module, "at_versions", leaky)


def a_write_tells_of_what_it_may_not_change(patch: Patch) -> None:
    def leaky(*given: Any) -> Any:
        found = own_row(*given)
        connection, _, _, kind, number = given
        if found is None and persons_of(connection, kind, number):
            raise NotAllowed("it is not yours")
        return found

    patch.setattr(own_change_module, "own_row", leaky)


def criteria_find_what_is_hidden(patch: Patch) -> None:
    real = conditional_module.matching
    asked: list[Any] = []

    def remember(*given: Any) -> Any:
        asked[:] = [real(*given)]
        return asked[0]

    def leaky(
        connection: Connection, _scope: Scope, persons: Sequence[str], _where: Any, **_rest: Any
    ) -> Keys:
        return every_row(connection, persons, asked[0])[:2]

    patch.setattr(conditional_module, "matching", remember)
    patch.setattr(conditional_module, "find_keys", leaky)


LEAKS: tuple[Callable[[Patch], None], ...] = (
    the_total_counts_hidden_rows,
    a_search_by_a_kept_scope_finds_what_is_hidden,
    the_next_link_counts_hidden_rows,
    pages_are_cut_before_hidden_rows_are_left_out,
    the_order_follows_what_hidden_rows_hold,
    a_statement_is_made_for_each_hidden_row,
    a_note_says_that_something_was_left_out,
    a_chain_looks_at_hidden_rows,
    what_is_hidden_is_brought_along,
    a_later_page_brings_along_what_is_hidden,
    a_later_page_forgets_the_scope,
    what_is_hidden_is_forbidden_and_not_missing,
    what_is_hidden_has_an_etag,
    somebody_unknown_is_not_found,
    demographics_come_from_a_hidden_row,
    a_rung_comes_from_a_hidden_row,
    grounds_stand_in_the_order_of_the_rows,
    a_reference_must_resolve_to_what_stands_there,
    a_history_counts_hidden_versions,
    a_version_forgets_the_scope,
    a_write_tells_of_what_it_may_not_change,
    criteria_find_what_is_hidden,
)
