"""Exports as they are kept: asked for, taken up, filled with keys file by file, and erased.

Source: Bulk Data Access IG 2.0; hub/store/schema/export_job.py. The caller holds the transaction.
Instants are microseconds since 1970.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from consent.scope import Scope
from hub.store.lease import Lease
from hub.store.reading import STANDS, Key
from hub.store.schema.export_job import EXPORT_FILE, EXPORT_JOB
from hub.store.schema.resource import RESOURCE
from hub.store.scope_sql import permitted_sql

RUNNING, COMPLETE = "running", "complete"
LEASE = Lease(EXPORT_JOB, timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export holds: the request's URL, the types, and since when a resource changed."""

    request: str
    types: tuple[str, ...]
    since: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """One export. What changed at `started` or later is not in it."""

    id: str
    organisation: str
    user: str
    asked: Asked
    state: str
    started: int
    expires: int


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export: how many resources of one type it holds."""

    number: int
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource stands: under which person, which it is, and at which version."""

    person: str
    key: Key


def create_job(connection: Connection, job: Job) -> None:
    """Keep a new export, taken up by nobody yet, and erase those that have expired."""
    erase_expired(connection, job.started)
    asked = {"request": job.asked.request, "types": job.asked.types, "since": job.asked.since}
    connection.execute(
        insert(EXPORT_JOB).values(
            id=job.id,
            organisation=job.organisation,
            user=job.user,
            asked=json.dumps(asked),
            state=job.state,
            started=job.started,
            expires=job.expires,
            taken_until=0,
        )
    )


def job_of(connection: Connection, number: str, organisation: str, user: str) -> Job | None:
    """Return the export of that id, if it is this user's of this organisation."""
    table = EXPORT_JOB.c
    row = connection.execute(
        select(EXPORT_JOB).where(
            table.id == number, table.organisation == organisation, table.user == user
        )
    ).one_or_none()
    return None if row is None else _job(row)


def take_up(connection: Connection, number: str, worker: str, now: datetime) -> bool:
    """Tell whether the export is the worker's to fill; it then has it for a while."""
    return LEASE.take(connection, worker, now, _running(number))


def go_on(connection: Connection, number: str, worker: str, now: datetime) -> bool:
    """Keep the export for a while longer; False where it was erased, or is another's by now."""
    return LEASE.keep(connection, worker, now, _running(number))


def _running(number: str) -> ColumnElement[bool]:
    return and_(EXPORT_JOB.c.id == number, EXPORT_JOB.c.state == RUNNING)


def complete(connection: Connection, number: str) -> None:
    """Every file of the export is there."""
    connection.execute(update(EXPORT_JOB).where(EXPORT_JOB.c.id == number).values(state=COMPLETE))


def add_file(connection: Connection, job: str, number: int, kind: str, keys: Sequence[Any]) -> None:
    """Keep which resources a file holds."""
    connection.execute(
        insert(EXPORT_FILE).values(
            job=job,
            number=number,
            type=kind,
            size=len(keys),
            held=json.dumps(keys, separators=(",", ":")),
        )
    )


def clear_files(connection: Connection, job: str) -> None:
    """Forget the files of an export that another process began, and begin anew."""
    connection.execute(delete(EXPORT_FILE).where(EXPORT_FILE.c.job == job))


def files(connection: Connection, job: str) -> list[File]:
    """Return the files of an export, in order."""
    table = EXPORT_FILE.c
    statement = (
        select(table.number, table.type, table.size).where(table.job == job).order_by(table.number)
    )
    return [File(*row) for row in connection.execute(statement)]


def keys_of(connection: Connection, job: str, number: int) -> tuple[str, list[Any]] | None:
    """Return the type of a file and which resources it holds; None where there is no such file."""
    table = EXPORT_FILE.c
    row = connection.execute(
        select(table.type, table.held).where(table.job == job, table.number == number)
    ).one_or_none()
    return None if row is None else (row.type, json.loads(row.held))


def erase(connection: Connection, number: str) -> None:
    """Erase an export and its files."""
    _erase(connection, EXPORT_JOB.c.id == number)


def erase_expired(connection: Connection, now: int) -> None:
    """Erase every export whose time is out."""
    _erase(connection, EXPORT_JOB.c.expires <= now)


def _erase(connection: Connection, which: ColumnElement[bool]) -> None:
    jobs = select(EXPORT_JOB.c.id).where(which)
    connection.execute(delete(EXPORT_FILE).where(EXPORT_FILE.c.job.in_(jobs)))
    connection.execute(delete(EXPORT_JOB).where(which))


def places_after(
    connection: Connection,
    scope: Scope,
    kind: str,
    job: Job,
    after: Place | None,
    limit: int,
) -> list[Place]:
    """Return the next permitted resources of a type that the export holds, by person and id."""
    if scope.empty:
        return []
    row, since = RESOURCE.c, job.asked.since
    wanted = [row.type == kind, STANDS, row.last_updated < job.started]
    if since is not None:
        wanted.append(row.last_updated >= since)
    if after is not None:
        wanted.append(tuple_(row.person, row.id) > tuple_(after.person, after.key.id))
    statement = (
        select(row.person, row.type, row.id, row.version)
        .where(and_(*wanted), permitted_sql(scope, RESOURCE))
        .order_by(row.person, row.id)
        .limit(limit)
    )
    return [Place(each.person, Key(*each[1:])) for each in connection.execute(statement)]


def persons_after(
    connection: Connection, scope: Scope, job: Job, after: str | None, limit: int
) -> list[str]:
    """Return the next persons of whom the export holds anything, in order."""
    if scope.empty:
        return []
    row, since = RESOURCE.c, job.asked.since
    wanted = [STANDS, row.last_updated < job.started]
    wanted.append(or_(row.type.in_(job.asked.types), row.type == "Patient"))
    if since is not None:
        wanted.append(row.last_updated >= since)
    if after is not None:
        wanted.append(row.person > after)
    statement = (
        select(row.person)
        .where(and_(*wanted), permitted_sql(scope, RESOURCE))
        .distinct()
        .order_by(row.person)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def _job(row: Row[Any]) -> Job:
    asked = json.loads(row.asked)
    return Job(
        row.id,
        row.organisation,
        row.user,
        Asked(asked["request"], tuple(asked["types"]), asked["since"]),
        row.state,
        row.started,
        row.expires,
    )
