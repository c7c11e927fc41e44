"""Whatever R4's definitions say of an element holds: broken one at a time, at every element."""

import pytest

from hub.fhir.check import check
from hub.fhir.definitions import TYPES_IN_USE
from tests.hub.fhir.written_wrong import Covered, broken

EVERY: Covered = set()
"""What has been broken; a data type is broken in the first resource that has it."""


@pytest.mark.parametrize("name", TYPES_IN_USE)
def test_every_element_broken_in_every_way_is_refused_where_it_stands(name: str) -> None:
    wrong, tried = {}, 0
    for each in broken(name, "a" * 32, EVERY):
        tried += 1
        places = [issue.expression for issue in check(each.resource) if issue.severity == "error"]
        within = each.at.rpartition(".")[0]  # what is left out, or alone, is missed in its parent
        if not any(place.startswith(each.at) or place == within for place in places):
            wrong[each.what] = places
    assert wrong == {}
    assert tried
