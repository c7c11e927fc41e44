"""Answers and blocks as a part of the person's record: what $everything shows of them.

Source: FHIR R4 patient-operation-everything.html, compartmentdefinition-patient.html (a Consent is
in its patient's compartment). Whom each concerns is for hub.api.concerned to say.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from hub.api.consent.standing import Stands, Status, standing
from hub.api.weighed import Access
from hub.running import Hub
from hub.store.instant import micros

Span = tuple[int, int]
"""From the first microsecond until before the second."""


def consents_in_record(
    hub: Hub,
    connection: Connection,
    access: Access,
    *,
    since: Span | None,
    start: Span | None,
    end: Span | None,
) -> list[Stands]:
    """Return those that concern the caller, changed `since` then and in force between two times."""
    found: Iterable[Stands] = standing(hub, connection, access, access.request.at)
    return [
        each
        for each in found
        if (since is None or micros(each.now.at) >= since[0])
        and (end is None or micros(each.said) < end[1])
        and (start is None or each.now.status is Status.ACTIVE or micros(each.now.at) > start[0])
    ]
