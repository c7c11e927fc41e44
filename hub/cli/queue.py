"""samvy queue: what is to be fetched since sources told of changes, and what was given up.

Source: rivta.md §5 (the engagement index tells of changes). Neither persons nor content are shown.
"""

import json
import signal
import sys
from contextlib import suppress
from typing import Annotated

import typer

from hub.cli.opening import JsonOption, StoreOption, fail, opened, say
from hub.ingest.pull_worker import PullWorker
from hub.running import now
from hub.store.identity_key import identity_key
from hub.store.pull_queue import DEAD, Standing, queued, revive

queue = typer.Typer(help="what is to be fetched from sources", no_args_is_help=True)


@queue.command("list")
def queue_list(
    dead: Annotated[bool, typer.Option("--dead", help="only what was given up")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits, the oldest first; exit 1 when something was given up."""
    with opened(store, writes=False) as hub_store, hub_store.read() as connection:
        found = queued(connection, now())
    for each in found:
        if each.state == DEAD or not dead:
            sys.stdout.write((_json(each) if as_json else _line(each)) + "\n")
    raise typer.Exit(1 if any(each.state == DEAD for each in found) else 0)


@queue.command("retry")
def queue_retry(
    task: Annotated[str | None, typer.Argument(help="one task's id; otherwise all")] = None,
    store: StoreOption = None,
) -> None:
    """Have what was given up fetched again, after the cause has been mended."""
    with opened(store) as hub_store, hub_store.write() as connection:
        found = revive(connection, task, now())
    if task is not None and not found:
        fail("nothing of that id was given up; see samvy queue list --dead", 1)
    say(f"{found} are tried again")


@queue.command("work")
def queue_work(
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="stop when nothing is due")
    ] = False,
    store: StoreOption = None,
) -> None:
    """Fetch what is due, in a process of its own beside those that serve."""
    with opened(store) as hub_store:
        worker = PullWorker(hub_store, identity_key(hub_store), now)
        if until_empty:
            while worker.work_once():
                pass
            return
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        with suppress(KeyboardInterrupt):
            worker.run()


def _json(task: Standing) -> str:
    return json.dumps(
        {
            "id": task.id,
            "source": task.source,
            "address": task.address,
            "contract": task.contract,
            "state": task.state,
            "attempts": task.attempts,
            "told": task.told.isoformat(),
            "due": task.due.isoformat(),
            "running": task.running,
            "reasons": [
                {"severity": n.severity, "code": n.code, "place": n.place, "text": n.text}
                for n in task.reasons
            ],
        },
        ensure_ascii=False,
    )


def _line(task: Standing) -> str:
    state = "running" if task.running else "given up" if task.state == DEAD else "waiting"
    codes = ", ".join(dict.fromkeys(note.code for note in task.reasons))
    return (
        f"{task.id}  {state:<8}  {task.told:%Y-%m-%d %H:%M}  {task.source}  {task.contract}"
        f"  {task.attempts} tries  {codes}"
    ).rstrip()
