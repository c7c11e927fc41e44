"""Leaks of the own-data route: a system is given what its own organisation does not hold."""

# ruff: noqa: ANN401 -- what is planted takes and gives whatever the function in its place does

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import hub.api.operation.export as export_module
import hub.api.operation.export_work as export_work_module
import hub.api.search.reach as reach_module
import hub.api.search.search_query as search_query_module
import hub.api.search.search_type as search_type_module
from consent.predicate import TRUE
from consent.scope import Clause, Scope, scope
from hub.api.search.reach import own_data
from hub.store.search_sql import search
from hub.store.search_target import everything

Patch = pytest.MonkeyPatch


def a_search_across_persons_finds_what_others_hold(patch: Patch) -> None:
    def leaky(situation: Any) -> Scope:
        made = scope(situation)
        return replace(made, clauses=(*made.clauses, Clause(True, TRUE, "PDL 2:8")))

    patch.setattr(reach_module, "scope", leaky)


def a_chain_across_persons_looks_at_what_others_hold(patch: Patch) -> None:
    def leaky(*given: Any, **named: Any) -> Any:
        across = named["persons"] is None
        return search(*given, **{**named, **({"permitted": everything} if across else {})})

    patch.setattr(search_query_module, "search", leaky)


def what_others_hold_is_brought_along_across_persons(patch: Patch) -> None:
    real = search_type_module.bring

    def leaky(connection: Any, call: Any, access: Any, *given: Any) -> Any:
        if access.across:
            every = (Clause(True, TRUE, "PDL 2:8"),)
            access = replace(access, scope=replace(access.scope, clauses=every))
        return real(connection, call, access, *given)

    patch.setattr(search_type_module, "bring", leaky)


def _everybodys(*given: Any, **named: Any) -> Any:
    access = own_data(*given, **named)
    every = (Clause(True, TRUE, "PDL 2:4"),)
    return replace(access, scope=replace(access.scope, clauses=every))


def an_export_holds_what_others_hold(patch: Patch) -> None:
    patch.setattr(export_work_module, "own_data", _everybodys)
    patch.setattr(export_module, "own_data", _everybodys)


def an_export_counts_what_others_hold(patch: Patch) -> None:
    patch.setattr(export_work_module, "own_data", _everybodys)


LEAKS_OF_OWN_DATA: tuple[Callable[[Patch], None], ...] = (
    a_search_across_persons_finds_what_others_hold,
    a_chain_across_persons_looks_at_what_others_hold,
    what_others_hold_is_brought_along_across_persons,
    an_export_holds_what_others_hold,
    an_export_counts_what_others_hold,
)
"""Each is planted in the known case of a system."""
