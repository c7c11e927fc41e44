"""What may not stand in the repository, whoever adds it."""

import re
from pathlib import Path

import pytest

# In pieces, so that this file does not hold what it looks for.
REGISTRIES = [
    *("pypi." + "org", "pythonhosted." + "org", "registry." + "npmjs", "npmjs." + "com"),
    *("deb." + "debian", "archive." + "ubuntu", "crates." + "io", "proxy." + "golang"),
    "test.pypi." + "org",
]
THIS_MACHINE = re.compile(r"(?<![\w./-])/(?:" + "work|opt/py" + "pi|opt/wh" + r"eels)(?:/|\b)")
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base"}
LONGEST = 400
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE " + "KEY-----")


def _texts(files: list[Path]) -> list[tuple[Path, str]]:
    texts = []
    for path in files:
        content = path.read_bytes()
        if b"\0" not in content:
            texts.append((path, content.decode("utf-8", "replace")))
    return texts


def test_no_registry_and_no_path_of_one_machine_is_named(project_files: list[Path]) -> None:
    found = [
        f"{path}: {word}"
        for path, text in _texts(project_files)
        for word in REGISTRIES
        if word in text.lower()
    ]
    found += [f"{path}" for path, text in _texts(project_files) if THIS_MACHINE.search(text)]
    assert found == []


def test_no_private_key_is_kept(project_files: list[Path]) -> None:
    assert [path for path, text in _texts(project_files) if SECRETS.search(text)] == []


def test_every_module_has_a_name_that_says_something(project_files: list[Path]) -> None:
    assert [path for path in project_files if path.stem in EMPTY_NAMES] == []


def test_no_module_holds_two_concepts(project_files: list[Path]) -> None:
    """A source file of more than 400 lines holds more than one."""
    long = {
        str(path): lines
        for path, text in _texts(project_files)
        if path.suffix == ".py"
        and "migrations" not in path.parts  # a revision is never edited again
        and (lines := text.count("\n")) > LONGEST
    }
    assert long == {}


@pytest.mark.parametrize("name", ["LICENSE", "CHANGELOG.md", "README.md", "docs/architecture.md"])
def test_a_newcomer_finds_the_text(root: Path, name: str) -> None:
    assert (root / name).read_text(encoding="utf-8").strip()


def test_the_licence_is_apache_2(root: Path) -> None:
    text = (root / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text


def test_links_in_the_documents_lead_somewhere(project_files: list[Path]) -> None:
    broken = [
        f"{path}: {target}"
        for path, text in _texts(project_files)
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#\s]+)", text)
        if "://" not in target and not (path.parent / target).exists()
    ]
    assert broken == []
