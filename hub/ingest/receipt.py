"""What the one who sent a document is told about each part of it.

Source: INTERFACES, "Receipt of `ingest`". A receipt holds no personal value: it goes to terminals,
logs and system managers.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from adapters.document import Note


class State(StrEnum):
    """What became of a part."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    SOURCE_ERROR = "source_error"

    @property
    def failed(self) -> bool:
        """Tell whether somebody has to do something about it (exit status 1)."""
        return self in (State.QUARANTINED, State.SOURCE_ERROR)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one part of a document (`part` is None for a document without parts)."""

    document: str
    part: str | None
    source: str
    adapter: str
    contract: str | None
    state: State
    resources: tuple[tuple[str, str], ...] = ()
    issues: tuple[Note, ...] = ()
    unmapped: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the receipt in the form of INTERFACES."""
        return {
            "document": self.document,
            "part": self.part,
            "source": self.source,
            "adapter": self.adapter,
            "contract": self.contract,
            "state": self.state.value,
            "resources": [{"type": kind, "id": number} for kind, number in self.resources],
            "issues": [
                {"severity": n.severity, "code": n.code, "place": n.place, "text": n.text}
                for n in self.issues
            ],
            "unmapped": list(self.unmapped),
        }
