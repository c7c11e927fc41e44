"""What a search finds: its criteria and its order as SQL, its includes, and what is not known.

Source: FHIR R4 search.html. Unknown parameters are an error under strict handling and reported in
the answer otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_

from hub.api.search.search import Search
from hub.api.search.search_person import RESULT_PARAMETERS, names_person
from hub.api.weighed import Access
from hub.auth.scopes import Interaction, Scopes
from hub.errors import BadRequest
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.search_parameters import parameters
from hub.store.schema.resource import RESOURCE
from hub.store.scope_sql import permitted_sql
from hub.store.search_include import include
from hub.store.search_sort import orders
from hub.store.search_sql import search
from hub.store.search_values import criterion

MOST_PARAMETERS = 20
MOST_VALUES = 200
"""Of all parameters together: what both databases plan and carry out without effort."""

NOT_BUILT = frozenset({"_text", "_content", "_filter", "_query", "near"})
"""Parameters of R4 that the hub has none of. A search that went on without them would answer
something else than was asked, so that they are refused also where handling is lenient."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a search by what they do, and the names of those that are not known."""

    where: ColumnElement[bool]
    includes: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def matching(wanted: Search, access: Access) -> ColumnElement[bool]:
    """Return the SQL of search criteria each of which has to be known (conditional requests).

    Raises:
        BadRequest: one is not, or cannot be understood.
    """
    found = asked(wanted, access, access.persons)
    if found.unknown or found.includes:
        raise BadRequest(
            "a criterion is not known for this type; see /fhir/metadata",
            code="unknown-parameter",
        )
    return found.where


def asked(wanted: Search, access: Access, persons: Sequence[str] | None) -> Asked:
    """Return the SQL of the search parameters, the includes, and what is not known.

    With `persons` None the search is across persons, and what names a person is a criterion.

    Raises:
        BadRequest: a parameter cannot be understood, or there are too many.
    """
    criteria, includes, unknown = [], [], []
    known = parameters(wanted.type)
    for name, value in wanted.parameters:
        bare = name.partition(":")[0]
        refuse_not_built(bare)
        if bare in ("_include", "_revinclude"):
            if include(name, value, wanted.type) is None:
                unknown.append(name)
            else:
                includes.append((name, value))
        # Whom the search is about is settled by the rows' person: a record that stands under an
        # earlier identity of the same person names that one.
        elif name != bare and bare in RESULT_PARAMETERS:
            unknown.append(name)  # R4 gives them no modifiers
        elif name not in RESULT_PARAMETERS and not (
            persons is not None and names_person(name) and _bare(name) in known
        ):
            criteria.append((name, criterion(name, value)))
    alternatives = sum(len(each.values) for _, each in criteria) + len(includes)
    if len(criteria) + len(includes) > MOST_PARAMETERS or alternatives > MOST_VALUES:
        raise BadRequest(
            f"a search has at most {MOST_PARAMETERS} parameters, with {MOST_VALUES} values in all;"
            " divide it",
            code="too-many-parameters",
        )
    found = search(
        wanted.type,
        [each for _, each in criteria],
        RESOURCE,
        now=wanted.at,
        persons=persons,
        permitted=lambda table: and_(
            permitted_sql(access.scope, table), table.c.deleted.is_(False)
        ),
        types=_searchable(wanted.scopes),
        roots=wanted.roots,
    )
    unknown += [name for name, each in criteria if each in found.unknown]
    return Asked(found.where, tuple(includes), tuple(unknown))


def refuse_not_built(name: str) -> None:
    """Return if a parameter is none of those of R4 that the hub does not have.

    Raises:
        BadRequest: it is one.
    """
    if name in NOT_BUILT:
        raise BadRequest(
            "_text, _content, _filter, _query and near are not built; search by the parameters"
            " of the type, which /fhir/metadata lists",
            code="not-built",
            expression=f"http.{name}",
        )


@lru_cache(maxsize=256)
def _searchable(scopes: Scopes) -> frozenset[str]:
    """The types that a token's scopes let be searched, and so be reached by a chain."""
    return frozenset(name for name in TYPES_IN_USE if scopes.allows(name, Interaction.SEARCH))


def _bare(name: str) -> str:
    return re.split(r"[:.]", name, maxsplit=1)[0]


def order(wanted: Search) -> Sequence[ColumnElement[Any]]:
    """Return the order that is asked for, the latest change first where none is.

    Raises:
        BadRequest: `_sort` names what has no order.
    """
    sort = "-_lastUpdated" if wanted.sort is None else wanted.sort
    return orders(wanted.type, sort, RESOURCE)
