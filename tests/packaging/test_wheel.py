"""A wheel holds everything that the four packages hold, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGES = ("adapters", "consent", "hub", "mappings")
TEXTS = ("pyproject.toml", "README.md", "LICENSE")


def test_the_wheel_ships_every_file_of_the_packages(
    root: Path, project_files: list[Path], tmp_path: Path
) -> None:
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    ours = {str(path.relative_to(root)) for path in project_files}
    ours = {name for name in ours if name.startswith(tuple(f"{package}/" for package in PACKAGES))}
    for name in (*ours, *TEXTS):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, source / name)
    (source / "hub" / "__pycache__").mkdir()
    (source / "hub" / "__pycache__" / "stale.cpython-311.pyc").write_bytes(b"")

    built = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--wheel-dir", str(wheels), str(source)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr

    (wheel,) = wheels.glob("samvy-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        commands = archive.read(entry).decode()
    assert shipped == ours
    assert "samvy = hub.cli.main:run" in commands
