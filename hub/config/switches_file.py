"""The switches file, read and checked: how this hub decides what the statutes leave open.

Source: DESIGN §3, P8; docs/law.md, "Switches". The file is the whole list: what it does not name is
decided by default. Who decided so, and where it stands, is part of it and of the log.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.situation import Switch
from hub.config.entry import Entry, Text, validated, wrong
from hub.config.written import read_written

NAMES = tuple(each.value for each in Switch)


@dataclass(frozen=True, slots=True)
class Switches:
    """What is decided, and by whom."""

    decision: str
    switches: dict[Switch, bool]


def _switch(value: object) -> Switch:
    if value in NAMES:
        return Switch(str(value))
    near = get_close_matches(str(value).lower(), NAMES, n=1)
    raise wrong(
        "there is no switch of this name",
        f"did you mean `{near[0]}`?" if near else f"the switches are {', '.join(NAMES)}",
    )


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong("this is not yes or no", "write yes or no, without quotes")
    return value


class _File(Entry):
    decision: Text
    switches: dict[
        Annotated[Switch, PlainValidator(_switch)], Annotated[bool, PlainValidator(_yes_or_no)]
    ] = Field(default_factory=dict)


def read_switches(path: Path) -> Switches:
    """Return what a switches file says.

    Raises:
        ConfigurationError: with everything that is wrong, each with file, line, key and remedy.
    """
    found = validated(_File, read_written(path))
    return Switches(found.decision, found.switches)
