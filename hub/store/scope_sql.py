"""A scope as SQL: the one way in which content leaves the store (P1).

Source: DESIGN P1, §2. Each predicate becomes an expression that is true or false for every row,
never NULL; the clauses become one CASE whose value is the number of the clause that decided, so
that every row comes with its ground.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)

from consent.predicate import Absent, All, Before, Column, Constant, Not, OneOf, Predicate, Some
from consent.scope import Clause, Scope
from consent.section import Opens

DENIED = -1
SCOPES_KEPT = 512


def seconds(at: datetime) -> int:
    """Return an instant as whole seconds since 1970, the form that instants have in columns."""
    return int(at.timestamp())


def predicate_sql(predicate: Predicate, table: FromClause) -> ColumnElement[bool]:
    """Return the predicate over the columns of `table`; true or false for every row."""
    match predicate:
        case Constant(value=value):
            return true() if value else false()
        case OneOf(column=column, values=values):
            return _known(_column(table, column).in_(sorted(values, key=str)), table, column)
        case Absent(column=column):
            return _column(table, column).is_(None)
        case Before(column=column, at=at):
            return _known(_column(table, column) < seconds(at), table, column)
        case Not(other=other):
            return not_(predicate_sql(other, table))
        case All(parts=parts):
            return and_(*(predicate_sql(part, table) for part in parts))
        case Some(parts=parts):
            return or_(*(predicate_sql(part, table) for part in parts))
    raise TypeError(type(predicate).__name__)


def ground_sql(scope: Scope, table: FromClause) -> ColumnElement[int]:
    """Return the number of the clause that decides a row: an index into the scope's clauses.

    Rows that a deny clause decides, or none, have `DENIED`. Over a table itself, not an alias of
    it, equal clauses give the same expression, which is built once: what it is kept by is the
    whole of what it is made from, so that it can never be older than the facts.
    """
    if isinstance(table, Table):
        return _ground_over_table(scope.clauses, table)
    return _ground(scope.clauses, table)


def _ground(clauses: tuple[Clause, ...], table: FromClause) -> ColumnElement[int]:
    whens = [
        (predicate_sql(clause.when, table), number if clause.permits else DENIED)
        for number, clause in enumerate(clauses)
    ]
    return case(*whens, else_=DENIED) if whens else literal(DENIED)


_ground_over_table = lru_cache(maxsize=SCOPES_KEPT)(_ground)


def permitted_sql(scope: Scope, table: FromClause) -> ColumnElement[bool]:
    """Return whether the scope permits a row's content."""
    return false() if scope.empty else ground_sql(scope, table) > DENIED


def rung_sql(scope: Scope, rung: Opens, table: FromClause) -> ColumnElement[bool]:
    """Return whether a row shows a rung of the ladder."""
    return or_(
        false(), *(predicate_sql(each.when, table) for each in scope.rungs if each.opens is rung)
    )


def _column(table: FromClause, column: Column) -> ColumnElement[Any]:
    found: ColumnElement[Any] = table.c[column.value]
    return found


def _known(
    comparison: ColumnElement[bool], table: FromClause, column: Column
) -> ColumnElement[bool]:
    """A comparison with a column that may be NULL is false there, so that NOT turns it around."""
    if not getattr(table.c[column.value], "nullable", True):
        return comparison
    known: ColumnElement[bool] = func.coalesce(comparison, false())
    return known
