"""A search as it was asked for: read from the request once, and handed on.

Source: FHIR R4 search.html, http.html#search. What its criteria find is another matter
(`hub.api.search.search_query`), and so is whose records it reaches (`hub.api.search.reach`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from hub.api.call import Call
from hub.auth.scopes import Scopes
from hub.errors import BadRequest, Place, operation_outcome

DEFAULT_COUNT = 50
MOST_ON_A_PAGE = 500

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,120}")
NUMBER = re.compile(r"[0-9]{1,100}")
TOTALS = frozenset({"none", "estimate", "accurate"})


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for of one type, and of its answer.

    `parameters` are all of them, in their order. `per_page` is 0 when only the total is asked for.
    `sort` and `totals` are as they were written, `sort` None where no order is asked for. `base` is
    where the type is searched. `in_body`: the parameters came in a body, and stay out of any URL.
    `scopes` are a ceiling for what a chain reaches.
    """

    type: str
    parameters: tuple[tuple[str, str], ...]
    per_page: int
    sort: str | None
    totals: tuple[str, ...]
    at: datetime
    base: str
    in_body: bool
    strict: bool
    roots: tuple[str, ...]
    scopes: Scopes

    def is_counted(self) -> bool:
        """Tell whether the answer says how many match.

        Raises:
            BadRequest: `_total` takes no such value.
        """
        if any(each not in TOTALS for each in self.totals):
            raise BadRequest(
                "_total takes none, estimate or accurate",
                code="bad-total",
                expression="http._total",
            )
        return self.totals[:1] != ("none",)

    @property
    def text(self) -> str:
        """Return it as the log has it."""
        return f"{self.type}?" + "&".join(f"{name}={value}" for name, value in self.parameters)

    def own_link(self, unknown: Sequence[str]) -> str:
        """Return the search as it was understood; what came in a body stays out of the URL."""
        if self.in_body:
            return self.base
        used = [(name, value) for name, value in self.parameters if name not in unknown]
        return f"{self.base}?{urlencode(used, safe=':|,$/*')}" if used else self.base

    def notes(self, unknown: Sequence[str]) -> bytes | None:
        """Return what is to be said about the parameters that are not known.

        Raises:
            BadRequest: there are some, and handling is strict.
        """
        places = [
            Place(
                "not-supported",
                "unknown-parameter",
                "a search parameter is not known for this type and was not used",
                f"http.{name}" if NAME.fullmatch(name) else "http",
                severity="warning",
            )
            for name in unknown
        ]
        if places and self.strict:
            raise BadRequest(
                "a search parameter is not known for this type; see /fhir/metadata",
                code="unknown-parameter",
                expression=places[0].expression,
            )
        return operation_outcome(places) if places else None


def read_search(call: Call, resource_type: str) -> Search:
    """Return what a call searches for.

    Raises:
        BadRequest: `_count` is no whole number.
    """
    sorts = call.values("_sort")
    return Search(
        type=resource_type,
        parameters=call.parameters,
        per_page=_per_page(call),
        sort=",".join(sorts) if sorts else None,
        totals=tuple(call.values("_total")),
        at=call.at,
        base=f"{call.fhir_root}/{resource_type}",
        in_body=call.method == "POST",
        strict=call.strict,
        roots=call.roots,
        scopes=call.caller.scopes,
    )


def _per_page(call: Call) -> int:
    if "count" in call.values("_summary"):
        return 0
    given = call.values("_count")
    if not given:
        return DEFAULT_COUNT
    if not NUMBER.fullmatch(given[0]):
        raise BadRequest("_count takes a whole number", code="bad-count", expression="http._count")
    return min(int(given[0]), MOST_ON_A_PAGE)
