"""Where an export says of when it is: an expression from the top, or a pattern of its file's name.

    as_of: /@skapad
    as_of: {name: "natt_([0-9]{8})"}

Source: docs/decisions/0011-late-and-interrupted-exports.md.
"""

import re
from collections.abc import Mapping

from mappings.source_expression import Fail


def pattern_of_name(written: object, fail: Fail) -> re.Pattern[str] | None:
    """Return the pattern by which a file's name tells it; None if it is told otherwise.

    Raises:
        Exception: what `fail` makes: it is no pattern with the date in round brackets.
    """
    if not isinstance(written, Mapping) or "name" not in written:
        return None
    try:
        found = re.compile(str(written["name"]))
    except re.error:
        found = re.compile("")
    if found.groups != 1:
        raise fail("as_of.name", "write a regular expression with the date in round brackets")
    return found
