"""A large export is read a person at a time: memory does not grow with it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.bench.made_export import FORMS, Made, write

MEGABYTE = 1024 * 1024
READ = """
import json, resource, sys
from pathlib import Path
from adapters.incoming import OnDisk
from hub.ingest.adapters import ADAPTERS
from tests.bench.made_export import ADAPTER, profile
form, path = sys.argv[1:]
adapter = ADAPTERS[ADAPTER.get(form, "delimited")].adapter
parts = adapter.read(OnDisk(Path(path)), Path(path).name, profile(form)).parts()
records = [len(part.records) for part in parts]
print(len(records), set(records), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(form: str, path: Path, persons: int) -> int:
    """Read an export in a process of its own and return its memory at the most, in bytes."""
    run = [sys.executable, "-c", READ, form, str(path)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    read, records, memory = done.stdout.split()
    assert (int(read), records) == (persons, "{5}")
    return int(memory) * 1024


def export(folder: Path, form: str, persons: int) -> Path:
    path = folder / f"{form}{persons}"
    return write(path, form, Made(persons, notes=2, text="Lugn kväll. " * 4000))


@pytest.mark.parametrize("form", FORMS)
def test_memory_does_not_grow_with_the_export(tmp_path: Path, form: str) -> None:
    few, many = (peak(form, export(tmp_path, form, n), n) for n in (4, 400))
    files = list((tmp_path / f"{form}400").rglob("*")) or [tmp_path / f"{form}400"]
    size = sum(each.stat().st_size for each in files)
    assert size > 35 * MEGABYTE
    assert many - few < 12 * MEGABYTE


def test_memory_does_not_grow_with_an_archive(tmp_path: Path) -> None:
    memory = []
    for persons in (4, 400):
        folder = export(tmp_path, "delimited", persons)
        archive = tmp_path / f"{persons}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
            for file in sorted(folder.iterdir()):
                made.write(file, file.name)
        memory.append(peak("delimited", archive, persons))
    assert memory[1] - memory[0] < 12 * MEGABYTE
