"""An access as it was weighed: the situation, and what the law makes of it.

Source: DESIGN P1, §3. Made by `hub.api.access`; what refuses a request later takes
it from the call.
"""

from dataclasses import dataclass, field

from consent.facts import Request
from consent.scope import Scope
from consent.situation import Situation
from hub.api.assumed import Assumed
from hub.api.session import Session


@dataclass(frozen=True, slots=True)
class Access:
    """A situation, and the scope that the law makes of it.

    `claimed`: only the reader's own word says that they take part in the care; such an access is
    flagged for review.
    """

    situation: Situation
    scope: Scope
    persons: tuple[str, ...]
    session: Session | None
    claimed: bool

    @property
    def request(self) -> Request:
        """Return what is asked, as the law sees it."""
        return self.situation.request

    @property
    def across(self) -> bool:
        """Tell whether it is to nobody's record in particular (`hub.api.search.reach`)."""
        return self.request.target.across_persons


@dataclass(slots=True)
class Weighed:
    """The access that the request has come to weigh, for the record of what refuses it later."""

    access: Access | None = None
    assumed: Assumed = field(default_factory=Assumed)
