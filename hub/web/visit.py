"""One request to the console as its pages see it, and what they give back.

Source: issue "The log"; DESIGN §6. Pages know no web framework: `hub.web.console` turns requests
into visits and what comes back into responses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.api.call import Call
from hub.audit.mandate import Mandate
from hub.audit.words import Names
from hub.running import Hub
from hub.store.directory import Directory

ROOT = "/granskning"
WARNED = timedelta(minutes=3)
"""How long before a log-in ends it is told of."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by somebody who is logged in, and who may read what the mandate says.

    `call.parameters` are those of the address and of the form. `fragment`: only the part of the
    page that changes is wanted. `csrf` stands in every form. `ends`: when the log-in ends if
    nothing more is done; `moves`: whether going on would move that.
    """

    hub: Hub
    call: Call
    mandate: Mandate
    known: Directory
    csrf: str
    ends: datetime
    moves: bool = False
    fragment: bool = False

    def value(self, name: str) -> str:
        """Return what was given for a parameter, without the space around it; empty for none."""
        return next(iter(self.call.values(name)), "").strip()

    @property
    def names(self) -> Names:
        """Return the names of organisations and units."""
        return Names(self.known.organisation_names, self.known.unit_names)

    @property
    def asks(self) -> int:
        """Return in how many seconds the page asks how long the log-in still lasts."""
        return max(int((self.ends - self.call.at - WARNED).total_seconds()), 1)

    @property
    def reviewer(self) -> bool:
        """Tell whether this is an organisation's or an authority's reviewer, not the person."""
        return bool(self.mandate.organisations)


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its template and what the template shows. `part`: the template of the part alone."""

    template: str
    title: str
    context: Mapping[str, object] = field(default_factory=dict)
    part: str | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class File:
    """Something to save."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Goto:
    """Another page of the console."""

    path: str


Shown = Page | File | Goto
