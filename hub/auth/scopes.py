"""SMART v2 scopes as a ceiling: what a token may at most be used for, whatever the law allows.

Source: SMART App Launch 2.0, "Scopes for requesting FHIR resources". A scope that we cannot hold to
the letter grants nothing: one with a query (`?category=…`), one in the old form (`.read`), or one
whose letters are not in the order of `cruds`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 4000
LEVELS = ("patient", "user", "system")
_SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(c?r?u?d?s?)", re.ASCII)


class Interaction(StrEnum):
    """FHIR's interactions, as far as scopes tell them apart."""

    CREATE = "create"
    READ = "read"
    VREAD = "vread"
    HISTORY_INSTANCE = "history-instance"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    SEARCH = "search"
    HISTORY_TYPE = "history-type"


_LETTERS = {
    Interaction.CREATE: "c",
    Interaction.READ: "r",
    Interaction.VREAD: "r",
    Interaction.HISTORY_INSTANCE: "r",
    Interaction.UPDATE: "u",
    Interaction.PATCH: "u",
    Interaction.DELETE: "d",
    Interaction.SEARCH: "s",
    Interaction.HISTORY_TYPE: "s",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One scope: on which level, for which type (`*`: every), which letters."""

    level: str
    type: str
    letters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a token. None of them: nothing may be done."""

    grants: frozenset[Grant] = frozenset()

    def allows(self, resource_type: str, interaction: str) -> bool:
        """Tell whether any grant covers an interaction with a type; an unknown one is not."""
        letter = _LETTERS.get(interaction)  # type: ignore[call-overload]  # a StrEnum is its text
        return any(
            grant.type in ("*", resource_type) and letter in grant.letters for grant in self.grants
        )

    def on(self, levels: Iterable[str]) -> "Scopes":
        """Return the grants on these levels alone."""
        wanted = frozenset(levels)
        return Scopes(frozenset(grant for grant in self.grants if grant.level in wanted))

    def within(self, ceiling: "Scopes") -> "Scopes":
        """Return what both allow. What a ceiling allows a user it allows about one patient too."""
        found = set()
        for mine in self.grants:
            for other in ceiling.grants:
                narrower = (mine.level, other.level) == ("patient", "user")
                letters = mine.letters & other.letters
                if (mine.level == other.level or narrower) and letters:
                    if other.type in ("*", mine.type):
                        found.add(Grant(mine.level, mine.type, letters))
                    elif mine.type == "*":
                        found.add(Grant(mine.level, other.type, letters))
        return Scopes(frozenset(found))

    def __str__(self) -> str:
        """Return them as a token writes them."""
        return " ".join(
            sorted(
                f"{grant.level}/{grant.type}." + "".join(x for x in "cruds" if x in grant.letters)
                for grant in self.grants
            )
        )


NO_SCOPES = Scopes()


def parse_scopes(text: str) -> Scopes:
    """Return the resource scopes of a scope claim; other scopes (openid, launch) grant nothing."""
    if len(text) > LONGEST:
        return NO_SCOPES
    found = (_SCOPE.fullmatch(word) for word in text.split(" "))
    return Scopes(
        frozenset(
            Grant(match[1], match[2], frozenset(match[3])) for match in found if match and match[3]
        )
    )
