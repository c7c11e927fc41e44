"""The work of an export: which resources go into which file, found in the background.

Source: Bulk Data Access IG 2.0. Whoever takes a job up has it for a while; if that process dies,
the next question about the job takes it up anew. Only keys are gathered, through the same scope as
any reading of the organisation's own data (P1).
"""

import logging
from collections.abc import Iterator, Sequence
from threading import Thread
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from consent.facts import Target
from hub.api.call import Call
from hub.api.search.reach import own_data
from hub.running import Hub
from hub.store import export_jobs as jobs

LOGGER = logging.getLogger(__name__)
MOST_IN_A_FILE = 2_000
PATIENT = "Patient"


def start(hub: Hub, call: Call, job: jobs.Job) -> None:
    """Begin the work in a thread of its own, unless somebody has it already."""
    worker = str(uuid4())
    with hub.store.write() as connection:
        mine = jobs.take_up(connection, job.id, worker, hub.clock())
    if mine:
        given = (hub, call, job, worker)
        Thread(target=_carry_out, args=given, name="export-work", daemon=True).start()


def _carry_out(hub: Hub, call: Call, job: jobs.Job, worker: str) -> None:
    try:
        fill(hub, call, job, worker)
    except SQLAlchemyError as error:
        # The class alone: a message may quote values. The lease runs out, and it is taken up anew.
        LOGGER.error("export failed: %s (job %s)", type(error).__name__, job.id)  # noqa: TRY400


def fill(hub: Hub, call: Call, job: jobs.Job, worker: str) -> None:
    """Write the files of an export that the worker has taken up, and say that it is whole."""
    with hub.store.write() as connection:
        jobs.clear_files(connection, job.id)
    number = 0
    for kind in job.asked.types:
        for keys in _of_type(hub, call, job, kind):
            with hub.store.write() as connection:
                if not jobs.go_on(connection, job.id, worker, hub.clock()):
                    return
                jobs.add_file(connection, job.id, number, kind, keys)
            number += 1
    with hub.store.write() as connection:
        if jobs.go_on(connection, job.id, worker, hub.clock()):
            jobs.complete(connection, job.id)


def _of_type(hub: Hub, call: Call, job: jobs.Job, kind: str) -> Iterator[Sequence[Any]]:
    """The keys of one file after another; each is found under the scope of its moment."""
    person: str | None = None
    place: jobs.Place | None = None
    size = MOST_IN_A_FILE
    while size == MOST_IN_A_FILE:
        with hub.store.read() as connection:
            target = Target(across_persons=True)
            scope = own_data(hub, connection, call, target=target).scope
            found: list[Any]
            if kind == PATIENT:
                found = jobs.persons_after(connection, scope, job, person, MOST_IN_A_FILE)
                person = found[-1] if found else None
            else:
                places = jobs.places_after(connection, scope, kind, job, place, MOST_IN_A_FILE)
                place = places[-1] if places else None
                found = [[each.key.type, each.key.id, each.key.version] for each in places]
        if found:
            yield found
        size = len(found)
