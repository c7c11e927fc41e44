"""What the log says was shown of answers and blocks: references, by whom they concern.

Source: HSLF-FS 2016:40 4 kap. 9 §; hub/api/log.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from hub.api.call import Call
from hub.api.consent.standing import Stands
from hub.api.log import of_each_number, record
from hub.api.weighed import Access
from hub.audit.record import AccessRecord, Action, Outcome, Shown


def shown_of_consents(access: Access, found: Iterable[Stands]) -> tuple[Shown, ...]:
    """Return references to those answers and blocks that stand under the access's numbers."""
    own = (each for each in found if each.person in access.persons)
    return shown_of("Consent", ((each.organisation, each.id) for each in own))


def consent_records(
    call: Call,
    action: Action,
    outcome: Outcome,
    access: Access,
    found: Sequence[Stands],
    query: str,
) -> list[AccessRecord]:
    """Return the records of an answer that shows these, one for each number that they are of."""
    return [
        record(
            call, action, outcome, access=each, shown=shown_of_consents(each, found), query=query
        )
        for each in of_each_number(access, (one.person for one in found))
    ]


def shown_of(kind: str, found: Iterable[tuple[str, str]]) -> tuple[Shown, ...]:
    """Return references to resources of a type, given as organisation and id."""
    by_owner: dict[str, list[str]] = defaultdict(list)
    for organisation, number in found:
        by_owner[organisation].append(f"{kind}/{number}")
    return tuple(Shown(each, None, tuple(refs)) for each, refs in sorted(by_owner.items()))
