"""What the sources file says, as frozen values, and whose a document is by it.

Source: INTERFACES "Sources file"; DESIGN §3 "Owner": the configuration maps (HSA id, regime) to the
owner, because one HSA id may stand for several and one body may hold both capacities.
"""

from dataclasses import dataclass

from consent.facts import Regime
from hub.config.notified import Notified
from hub.config.pull import Pull

MISSING = frozenset({"?", "", "0"})


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """An id as the source writes it; with a regime, for documents under that act alone."""

    hsa: str
    owner: str
    regime: Regime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A system that delivers documents, and for whom; the fallback is for those that do not say.

    `relations`: what it delivers is evidence of who is in whose care.
    """

    id: str
    adapter: str
    owners: tuple[str, ...]
    owner_of: tuple[OwnerRule, ...] = ()
    fallback_owner: str | None = None
    fallback_unit: str | None = None
    client: str | None = None
    profile: str | None = None
    complete: bool = False
    pull: Pull | None = None
    notified: Notified | None = None
    relations: bool = False

    def owner_for(self, written: str | None, regime: str) -> str | None:
        """Return whose a document is by the id that it names; None: quarantine it.

        The rule for the id and the act comes first, then the rule for the id, then the id itself
        when it is an owner of this source. A missing id gives the fallback's owner.
        """
        name = (written or "").strip()
        if name in MISSING:
            return self.fallback_owner
        for wanted in (regime, None):
            for rule in self.owner_of:
                if rule.hsa == name and rule.regime == wanted:
                    return rule.owner
        return name if name in self.owners else None
