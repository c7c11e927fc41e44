"""Names and paths as a profile writes them."""

import re


def quoted(text: str) -> str:
    """Return a text in YAML's double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def step(name: str) -> str:
    """Return a name as a step of a path, in braces where it holds other signs."""
    return name if re.fullmatch(r"\w[\w.\-]*", name) else f"{{{name}}}"


def path(names: str) -> str:
    """Return a path of plain names as a profile writes it, quoted."""
    return quoted(names if names == "." else "/".join(step(each) for each in names.split("/")))
