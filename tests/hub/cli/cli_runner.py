"""Commands run as a person runs them, in this process, with what they print kept apart."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from hub.audit import key as log_key
from hub.cli.main import app
from hub.store import identity_key


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended. `out` is for machines, `err` for people."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What `--json` gave: one object for each line and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder to run commands in, and the environment that they get."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *words: str | Path, **environment: str) -> Ran:
        """Run `samvy` with these words; whatever it raises but its own exit is an error here."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            result = CliRunner().invoke(
                app, [str(word) for word in words], env={**self.environment, **environment}
            )
        finally:
            os.chdir(before)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def environment_of(url: str, folder: Path) -> dict[str, str]:
    """The environment that names a store and its keys."""
    return {
        "SAMVY_STORE": url,
        identity_key.VARIABLE: str(folder / "identity.key"),
        log_key.SETTING: str(folder / "log.key"),
        "COLUMNS": "200",
    }
