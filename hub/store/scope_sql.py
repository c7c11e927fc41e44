"""A scope as SQL: the one way in which content leaves the store (P1).

Source: DESIGN P1, §2. Each predicate becomes an expression that is true or false for every row,
never NULL; the clauses become one CASE whose value is the number of the clause that decided, so
that every row comes with its ground.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Table,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    true,
)

from consent.predicate import Absent, All, Before, Column, Constant, Not, OneOf, Predicate, Some
from consent.scope import Clause, Scope
from consent.section import Opens

DENIED = -1


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


def ground_sql(
    scope: Scope, table: FromClause, dialect: Dialect | None = None
) -> ColumnElement[int]:
    """Return the number of the clause that decides a row: an index into the scope's clauses.

    Rows that a deny clause decides, or none, have `DENIED`. Over a table itself, not an alias of
    it, a dialect gives the expression written out once, its values in it as that dialect quotes
    them: taking hundreds of bound values apart costs more than the query.
    """
    if dialect is None or not isinstance(table, Table):
        return _ground(scope.clauses, table)
    name = (table.name, dialect.name)
    found: ColumnElement[int] | None = scope.forms.get(name)
    if found is None:
        found = scope.forms[name] = _written_out(_ground(scope.clauses, table), dialect)
    return found


def _written_out(built: ColumnElement[int], dialect: Dialect) -> ColumnElement[int]:
    written = str(built.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    if dialect.paramstyle in ("format", "pyformat"):
        written = written.replace("%%", "%")  # it is doubled again with the statement around it
    return literal_column(f"({written})", Integer)


def _ground(clauses: tuple[Clause, ...], table: FromClause) -> ColumnElement[int]:
    whens = [
        (predicate_sql(clause.when, table), number if clause.permits else DENIED)
        for number, clause in enumerate(clauses)
    ]
    return case(*whens, else_=DENIED) if whens else literal(DENIED)


def permitted_sql(
    scope: Scope, table: FromClause, dialect: Dialect | None = None
) -> ColumnElement[bool]:
    """Return whether the scope permits a row's content."""
    return false() if scope.empty else ground_sql(scope, table, dialect) > literal_column("-1")


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
