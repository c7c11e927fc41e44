"""Relations that a source's documents are evidence of, where its configuration says that they are.

Source: SVOD 3:1, 3:2; DESIGN §3 "Takes part in the care". A care contact, a referral, a care plan,
a decision or a plan of a service: dated, of a known organisation, and neither cancelled nor
withdrawn. That somebody is listed with a unit, or that there is a note about them, is no evidence.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from consent.facts import (
    OMSORGSGIVARE_REGIMES,
    InfoType,
    Item,
    Relation,
    RelationKind,
    RelationState,
)
from consent.period import Period, period
from hub.store.evidence import FRESH, Evidence, evidence_id, follow
from hub.store.facts import Fact
from hub.store.incoming import Incoming

SAYS = {
    "Encounter": Evidence.CONTACT,
    "ServiceRequest": Evidence.REFERRAL,
    "CarePlan": Evidence.PLAN,
}
SERVICES = {
    ("ServiceRequest", InfoType.DECISION): Evidence.DECISION,
    ("CarePlan", InfoType.IMPLEMENTATION_PLAN): Evidence.PLAN,
}
NOTHING_CAME_OF_IT = frozenset(
    {"cancelled", "entered-in-error", "revoked", "unknown", "draft", "not-done", "rejected"}
)


def record_evidence(
    connection: Connection,
    person: str,
    source: str,
    incoming: Sequence[Incoming],
    gone: Collection[tuple[str, str]],
    now: datetime,
) -> None:
    """Record the relations that resources are evidence of; what is gone says nothing any more."""
    facts, silent = [], [evidence_id(source, *key) for key in gone]
    for each in incoming:
        name = evidence_id(source, *each.key)
        relation = relation_of(each.resource, each.item, now)
        if relation is None:
            silent.append(name)
        else:
            facts.append(Fact(name, relation))
    if facts or silent:
        follow(connection, person, source, facts, silent, now)


def relation_of(resource: Mapping[str, Any], item: Item, now: datetime) -> Relation | None:
    """Return the relation that a resource is evidence of, None where it is of none.

    A planned contact counts from when it is known; one that lies too far back no longer does.
    """
    social = item.regime in OMSORGSGIVARE_REGIMES
    kind = str(resource["resourceType"])
    says = SAYS.get(kind)
    if social:  # a refusal is another kind of resource (mappings/sol/decision.yaml)
        says = SERVICES.get((kind, item.info_type))
    start = item.date.start
    dead = item.withdrawn or str(resource.get("status")) in NOTHING_CAME_OF_IT
    if says is None or start is None or dead:
        return None
    stale = max(start, item.date.end or start) + FRESH[says]
    end = _end(resource) if says in (Evidence.DECISION, Evidence.PLAN) else None
    lasts = Period(min(start, now), stale if end is None else min(end, stale))
    if not social:
        return Relation(
            item.owner, RelationKind.PATIENT, RelationState.CURRENT, item.unit, period=lasts
        )
    if item.service is None:
        return None
    return Relation(
        item.owner, RelationKind.SERVICE, RelationState.ONGOING, None, item.service, lasts
    )


def _end(resource: Mapping[str, Any]) -> datetime | None:
    """When what was decided or planned ends, where that is written."""
    for name in ("occurrencePeriod", "period"):
        text = (resource.get(name) or {}).get("end")
        if isinstance(text, str):
            try:
                written = date.fromisoformat(text) if "T" not in text else None
                return period(None, written or datetime.fromisoformat(text)).end
            except ValueError:  # a month or a year: as fresh as its kind
                return None
    return None
