"""A draft of a source profile from an export that no profile fits yet.

Names are guessed by words that municipal systems use, and by what stands in a column; what must be
decided is marked DECIDE, and is out of scope, or missing, until then wherever a wrong guess could
let something in. Values of persons are never printed: only what looks like a code.

Source: INTERFACES, `mappings new`; DESIGN P6.
"""

import re

from adapters.fitted.draft.export import read_export
from adapters.fitted.draft.links import Links
from adapters.fitted.draft.person import find_person
from adapters.fitted.draft.profile import Drafted
from adapters.fitted.draft.shape import Shape
from adapters.incoming import Content

__all__ = ["draft"]


def draft(content: Content, file: str, name: str) -> str:
    """Return the YAML of a draft.

    Raises:
        Unreadable: the export cannot be read in any of the formats, or holds no persons.
    """
    top, head = read_export(content, file)
    shape = Shape(top)
    person = find_person(shape)
    links = Links(shape, person)
    lines = [
        f"# A draft for {_safe(file)}. Every line marked DECIDE needs somebody who knows.",
        f"profile: {_safe(name)}",
        *head,
        *Drafted(shape, person, links).lines(),
    ]
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text)[:60] or "draft"
