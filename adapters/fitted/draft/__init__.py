"""A draft of a source profile from an export that no profile fits yet.

Names are guessed by words that municipal systems use, and by what stands in a column; what must be
decided is marked DECIDE, and is out of scope, or missing, until then wherever a wrong guess could
let something in. Values of persons are never printed: only what looks like a code.

Source: INTERFACES, `mappings new`; DESIGN P6.
"""

import re
from collections.abc import Iterator

from adapters.document import Unreadable
from adapters.fitted.draft.export import read_export
from adapters.fitted.draft.links import Links
from adapters.fitted.draft.person import FoundPerson, find_person
from adapters.fitted.draft.profile import Drafted
from adapters.fitted.draft.shape import Shape
from adapters.fitted.draft.skeleton import places, skeleton
from adapters.incoming import Content

__all__ = ["draft"]
_FEW = 2


def draft(content: Content, file: str, name: str) -> str:
    """Return the YAML of a draft; where no persons are found, one that says what is there.

    Raises:
        Unreadable: the export cannot be read in any of the formats, or has neither persons nor
            columns.
    """
    top, head = read_export(content, file)
    shape = Shape(top)
    person = find_person(shape)
    if person is None and all(len(each.columns) < _FEW for each in shape.places.values()):
        text = "nothing in the export looks like a person, or like rows with columns"
        raise Unreadable("no-person", "document", text)
    found = skeleton(shape) if person is None else _drafted(shape, person)
    lines = [
        f"# A draft for {_safe(file)}. Every line marked DECIDE needs somebody who knows.",
        f"profile: {_safe(name)}",
        *head,
        *found,
    ]
    return "\n".join(lines) + "\n"


def _drafted(shape: Shape, person: FoundPerson) -> Iterator[str]:
    drafted = Drafted(shape, person, Links(shape, person))
    lines = drafted.lines()
    if not drafted.documented:
        yield from places(shape)
    yield from lines


def _safe(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text)[:60] or "draft"
