"""The demo from an empty folder to what each reader got, with the hub served while it is needed.

Source: INTERFACES, `samvy demo`. Everything is made in a temporary folder that goes when the demo
does; keys of a real hub that the environment names are not used.
"""

import os
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console
from rich.progress import Progress

from hub.application import application
from hub.audit import key as log_key
from hub.audit.verify_store import verify_store
from hub.auth.built_in import issue_token, issuer_key
from hub.demo.client import Client
from hub.demo.folder import temporary_folder
from hub.demo.load import fill
from hub.demo.readers import Script, read_script
from hub.demo.reading import Reading, clinical_types, read_as
from hub.demo.server import served
from hub.running import now
from hub.serving import configuration, running
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import directory

KEY_FILES = (identity_key.VARIABLE, log_key.SETTING)


@dataclass(frozen=True, slots=True)
class Stage:
    """A filled store, the script, and how many receipts had each state."""

    store: Store
    script: Script
    receipts: Counter[str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scene:
    """A served hub, what each reader got from it, and the report on its log after that."""

    base: str
    readings: tuple[Reading, ...]
    log: Mapping[str, Any]
    server: Thread


@contextmanager
def staged(data: Path, console: Console) -> Iterator[Stage]:
    """Yield a store filled from a folder of demo data, and remove it afterwards.

    Raises:
        ConfigurationError: a file of the demo data is not right.
    """
    script = read_script(data)
    with _own_keys(), temporary_folder() as folder:
        store = Store(f"sqlite:///{folder / 'samvy.db'}")
        try:
            with _progress(console) as progress:
                receipts = fill(
                    store,
                    data,
                    lambda files, text, total: progress.track(files, total, description=text),
                )
            with store.read() as connection:
                known = directory(connection)
            names = {**known.organisation_names, **known.unit_names}
            yield Stage(store, script, receipts, names)
        finally:
            store.close()


@contextmanager
def played(stage: Stage, listener: socket.socket, console: Console) -> Iterator[Scene]:
    """Yield what each reader got, over HTTP, from a hub that goes on answering until the exit.

    Raises:
        Unanswered: the hub refused somebody, or did not answer.
        DidNotStart: the hub did not come up.
    """
    host, port = listener.getsockname()[:2]
    with (
        running(stage.store, dev=True) as hub,
        served(configuration(application(hub)), listener) as server,
    ):
        with Client(host, port) as client, _progress(console) as progress:
            types = clinical_types(client)
            with stage.store.read() as connection:
                key = issuer_key(connection)
            person = stage.script.person
            readings = tuple(
                read_as(client, reader, issue_token(key, reader.token, now()), person, types)
                for reader in progress.track(stage.script.readers, description="Reading as each")
            )
        hub.sequencer.sequence_now()
        yield Scene(client.base, readings, verify_store(stage.store), server)


def _progress(console: Console) -> Progress:
    return Progress(console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def _own_keys() -> Iterator[None]:
    """Put the settings that name a real hub's key files aside: the demo makes keys of its own."""
    kept = {name: os.environ.pop(name) for name in KEY_FILES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
