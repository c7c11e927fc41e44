"""What a search across persons asks about them, as the law tells search terms apart.

Source: PDL 2:8; FHIR R4 search.html. A code or a value in health care documentation asks about
health. What free text asks about cannot be known, so that it counts as what is not allowed (P5).
That somebody was convicted or imprisoned has codes of its own among diagnoses.
"""

import re
from collections.abc import Iterable

from consent.search_term import SearchTerm
from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.search_parameters import Kind, SearchParameter, parameters
from hub.store.search_values import Criterion, criterion, parts

FREE_TEXT = frozenset({"_text", "_content"})
FREE_MODIFIERS = frozenset({"text", "contains"})
NAMES = frozenset(
    {"Organization", "Location", "Patient", "Practitioner", "PractitionerRole", "RelatedPerson"}
)
"""Types whose texts are names and addresses, and say nothing else about anybody."""
_CONVICTED = re.compile(r"Z65\.?[0-3]", re.IGNORECASE)


def terms_of(resource_type: str, given: Iterable[tuple[str, str]]) -> frozenset[SearchTerm]:
    """Return what the parameters of a search ask about.

    Raises:
        BadSearch: a parameter is not written as one.
    """
    found = {SearchTerm.HEALTH}
    for name, value in given:
        if name.startswith(("_include", "_revinclude")):
            continue
        kinds, leaf = _leaf(resource_type, criterion(name, value))
        if leaf.name in FREE_TEXT or any(_is_free_text(kind, leaf) for kind in kinds):
            found.add(SearchTerm.SENSITIVE)
        if any(_CONVICTED.match(parts(each)[-1].strip()) for each in leaf.values):
            found.add(SearchTerm.CRIME)
    return frozenset(found)


def _leaf(resource_type: str, asked: Criterion) -> tuple[frozenset[str], Criterion]:
    """The parameter at the end of a chain or `_has`, and the types that it may be of."""
    kinds = frozenset({resource_type})
    while asked.then is not None:
        if asked.of is not None:
            kinds = frozenset({asked.of})
        elif asked.modifier is not None:
            kinds = frozenset({asked.modifier})
        else:
            known = [_parameter(kind, asked.name) for kind in kinds]
            kinds = frozenset(target for each in known if each for target in each.targets)
        asked = asked.then
    return kinds, asked


def _is_free_text(kind: str, leaf: Criterion) -> bool:
    if kind in NAMES:
        return False
    known = _parameter(kind, leaf.name)
    return leaf.modifier in FREE_MODIFIERS or (known is not None and known.kind is Kind.STRING)


def _parameter(kind: str, name: str) -> SearchParameter | None:
    return parameters(kind).get(name) if kind in TYPES_IN_USE else None
