"""samvy demo: a hub with invented documents, and what each reader gets from it by law.

Source: INTERFACES. Exit 0 when it was ended or every cell was as expected, 1 when one was not, 2
when it could not run.
"""

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from hub.cli.opening import COULD_NOT_RUN, JsonOption, fail, say
from hub.cli.serve import LOOPBACK, listening
from hub.config.problem import ConfigurationError
from hub.demo.check import differences
from hub.demo.client import Unanswered
from hub.demo.folder import ENDINGS
from hub.demo.load import DATA
from hub.demo.play import Scene, Stage, played, staged
from hub.demo.server import DidNotStart
from hub.demo.show import show, show_curl

PORT = 8000
FREE = 0
WAIT_SECONDS = 0.5


def demo(
    check: Annotated[
        bool, typer.Option("--check", help="check every cell on a free port, and end")
    ] = False,
    as_json: JsonOption = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="port; 8000 unless given, with --check a free one"),
    ] = None,
    data: Annotated[
        Path, typer.Option(hidden=True, help="another folder in the form of the demo's own")
    ] = DATA,
) -> None:
    """Start a hub on 127.0.0.1 with invented documents and show who gets what from it, and why."""
    wanted = port if port is not None else FREE if check else PORT
    try:
        with (
            _interruptible(),
            listening(LOOPBACK, wanted) as listener,
            staged(data, _terminal()) as stage,
            played(stage, listener, _terminal()) as scene,
        ):
            status = _report(stage, scene, check=check, as_json=as_json)
            if not check:
                _stay(scene)
    except KeyboardInterrupt:
        say("samvy demo: ended, and what it made is removed")
        status = COULD_NOT_RUN if check else 0
    except (ConfigurationError, Unanswered, DidNotStart) as problem:
        fail(f"demo: {problem}")
    except SQLAlchemyError as error:
        fail(f"demo: the store in the temporary folder failed ({type(error).__name__})")
    raise typer.Exit(status)


def _report(stage: Stage, scene: Scene, *, check: bool, as_json: bool) -> int:
    """Print what each reader got, and return 1 if any of it is not as expected."""
    wrong = differences(stage.script, stage.receipts, scene.readings, scene.log)
    if as_json:
        sys.stdout.write(json.dumps(_as_json(scene), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    else:
        console = Console()
        show(console, scene.readings, stage.names)
        console.print(_of_log(scene.log), highlight=False)
        if not check:
            show_curl(console, scene.base, scene.readings)
    for each in wrong:
        say(f"samvy demo: {each}")
    if check:
        say(f"samvy demo: {f'{len(wrong)} cells differ' if wrong else 'every cell is as expected'}")
    return 1 if wrong else 0


def _of_log(log: Mapping[str, Any]) -> str:
    verdict = "verifies" if log["verified"] else "DOES NOT VERIFY"
    return f"\nThe log has {log['records']} records of this and {verdict}."


def _as_json(scene: Scene) -> dict[str, object]:
    return {
        "readers": [
            {
                "reader": reading.reader.name,
                "sees": dict(sorted(reading.sees.items())),
                "shows": list(reading.last.shows),
                "basis": list(reading.last.basis),
            }
            for reading in scene.readings
        ],
        "log": {"records": scene.log["records"], "verified": scene.log["verified"]},
    }


def _stay(scene: Scene) -> None:
    """Wait for Ctrl-C, which comes as KeyboardInterrupt, or for the server's own end."""
    say(f"\nsamvy demo: the hub answers on {scene.base}; Ctrl-C ends it and removes its store")
    while scene.server.is_alive():
        scene.server.join(WAIT_SECONDS)
    raise DidNotStart("the hub ended by itself; see the message above")


def _terminal() -> Console:
    return Console(stderr=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into KeyboardInterrupt; what follows while leaving waits."""
    before = {each: signal.getsignal(each) for each in ENDINGS}
    for each in ENDINGS:
        signal.signal(each, _interrupt)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
