"""YAML with line numbers, and without YAML's surprises: no dates, no yes/no, no repeated keys."""

import re
from pathlib import Path
from typing import Any

import yaml


class TableError(ValueError):
    """A table says something that cannot be used; names the file, the line and the key."""


class Located(dict[str, Any]):
    """A mapping from a YAML file that knows the file and the line that it began on."""

    file: str = ""
    line: int = 0


def _loader(base: Any) -> Any:  # noqa: ANN401 - PyYAML makes its loaders of mixed-in classes
    """Return a loader for which only true, false, null and numbers are anything but text."""

    class Loader(base):  # type: ignore[misc]  # which base is known when it runs
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol

    for kind, pattern, first in (
        ("bool", r"^(?:true|false)$", list("tf")),
        ("null", r"^(?:null|~|)$", ["n", "~", ""]),
        ("int", r"^-?(?:0|[1-9][0-9]{0,8})$", list("-0123456789")),
    ):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), first)
    Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
    return Loader


def _mapping(loader: yaml.constructor.SafeConstructor, node: yaml.MappingNode) -> Located:
    made = Located()
    made.file = node.start_mark.name
    made.line = node.start_mark.line + 1
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else str(key)
        if key in made:
            message = f"{made.file}:{key_node.start_mark.line + 1}: '{key}' is written twice"
            raise TableError(message)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_EXACT = _loader(yaml.SafeLoader)
_FAST = _loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""libyaml reads the same in a tenth of the time, but says less well where a mistake is."""


def _loaded(path: Path) -> object:
    try:
        with path.open(encoding="utf-8") as stream:
            return yaml.load(stream, _FAST)  # noqa: S506  # nosec B506 - a SafeLoader
    except yaml.MarkedYAMLError:
        with path.open(encoding="utf-8") as stream:
            return yaml.load(stream, _EXACT)  # noqa: S506  # nosec B506 - a SafeLoader


def read(path: Path) -> Located:
    """Return the mapping that a YAML file holds.

    Raises:
        TableError: the file is missing, is not YAML, or is not a mapping.
    """
    try:
        found = _loaded(path)
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); check the name"
        raise TableError(message) from error
    except yaml.MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line + 1
        message = f"{path}:{line}: not YAML: {error.problem}"
        raise TableError(message) from error
    if not isinstance(found, Located):
        message = f"{path}: must hold keys and values, not a list or a single value"
        raise TableError(message)
    return found
