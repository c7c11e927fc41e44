"""Source profiles: what one municipality's export calls things, as data that its own staff write.

A profile says where each concept stands, what local codes mean, which organisation and act each
record has, and which case areas are covered. It is checked when it is read: an error names the
file, the key and what to do. docs/sol-profile.md takes a system manager through making one.

Source: reference/sol.md §1.6 (no vendor publishes a schema), SVOD 1:1 and 1:3 (what is covered).
"""

import difflib
from collections.abc import Mapping
from pathlib import Path as FilePath

from mappings.located_yaml import TableError, read
from mappings.source_check import Checker
from mappings.source_fit import ProfileError, RecordFit, SourceProfile

__all__ = ["ProfileError", "RecordFit", "SourceProfile", "check", "load", "shipped"]

SHIPPED = FilePath(__file__).parent / "profiles"


def load(value: str, beside: FilePath | None = None) -> SourceProfile:
    """Return the profile that a source's `profile` names: a shipped name, or a path to a file.

    A value with a slash or an ending .yaml is a path, relative to the folder `beside` (that of the
    sources file) or else to the current folder; anything else is the name of a shipped profile.

    Raises:
        ProfileError: there is no such profile, or it is not valid.
    """
    if "/" in value or value.endswith((".yaml", ".yml")):
        file = (beside or FilePath()) / value
    else:
        file = SHIPPED / f"{value}.yaml"
        if not file.is_file():
            raise ProfileError(value, "", f"no shipped profile has that name; {_shipped(value)}")
    try:
        written = read(file)
    except (TableError, UnicodeDecodeError) as error:
        raise ProfileError(value, "", f"{error}; it must be YAML in UTF-8") from None
    return check(written, file.name)


def check(written: Mapping[str, object], file: str = "profile") -> SourceProfile:
    """Return the checked form of a profile that was read as a mapping; a checked one as it is.

    Raises:
        ProfileError: a key is unknown, missing or has a value that cannot be used.
    """
    if isinstance(written, SourceProfile):
        return written
    return Checker(file).profile(written)


def shipped() -> list[str]:
    """Return the names of the profiles that come with Samvy."""
    return sorted(file.stem for file in SHIPPED.glob("*.yaml"))


def _shipped(value: str) -> str:
    near = difflib.get_close_matches(value, shipped(), n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}There are: {', '.join(shipped())}. A path to a file ends with .yaml"
