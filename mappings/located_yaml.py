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


class _Loader(yaml.SafeLoader):
    """Safe YAML where only true, false, null and numbers are anything but text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own protocol


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""]
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,8})$"), list("-0123456789")
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
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


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(path: Path) -> Located:
    """Return the mapping that a YAML file holds.

    Raises:
        TableError: the file is missing, is not YAML, or is not a mapping.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            found = yaml.load(stream, _Loader)  # noqa: S506  # nosec B506 - a SafeLoader
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
