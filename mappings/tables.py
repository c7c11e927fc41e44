"""Mapping tables by name: read, checked, compiled once and kept.

A table is `mappings/<name>.yaml`; profiles of a municipality's own may lie anywhere.
"""

from functools import lru_cache
from pathlib import Path

from mappings import transforms as transforms  # noqa: PLC0414 - importing them registers them
from mappings.compile import Compiler
from mappings.engine import Table
from mappings.located_yaml import TableError, read

FOLDER = Path(__file__).parent

__all__ = ["TableError", "load", "load_file", "names"]


@lru_cache(maxsize=256)
def load(name: str) -> Table:
    """Return the compiled table of that name, such as "rivta/get_diagnosis_2".

    Raises:
        TableError: there is no such table, or it says something that cannot be used.
    """
    path = (FOLDER / f"{name}.yaml").resolve()
    if not path.is_relative_to(FOLDER.resolve()):
        message = f"'{name}' is not a table's name: it must lie in {FOLDER.name}/"
        raise TableError(message)
    return load_file(path, name)


def load_file(path: Path, name: str | None = None) -> Table:
    """Return the compiled table of a file; fragments are looked up beside it and in mappings/.

    Raises:
        TableError: the file says something that cannot be used; names file, line and key.
    """
    return Compiler(path, name or path.stem, FOLDER).table(read(path))


def names() -> list[str]:
    """Return the names of the tables shipped here, without the fragments (which begin with _)."""
    return sorted(
        str(path.relative_to(FOLDER).with_suffix(""))
        for path in FOLDER.glob("*/*.yaml")
        if not path.name.startswith("_") and path.parent.name not in {"code_systems", "profiles"}
    )
