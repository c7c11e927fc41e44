"""What is known of several persons at once, so that many parts cost no more statements than one.

Source: DESIGN §7 (what a part may cost on its way into the store). It says of each person what
`hub.store.facts` says of one.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, and_, select

from consent.facts import Facts
from hub.store.directory import known_at
from hub.store.facts import known_from
from hub.store.schema.fact import FACT, PERSON_COUNTER, PERSON_LINK


def linked_each(connection: Connection, persons: Collection[str]) -> dict[str, list[str]]:
    """Return every key of each person: the one that was asked about first, then the others."""
    member = PERSON_LINK.alias("member")
    statement = (
        select(member.c.person.label("asked"), PERSON_LINK.c.person)
        .select_from(PERSON_LINK.join(member, member.c.first == PERSON_LINK.c.first))
        .where(member.c.person.in_(persons), known_at(PERSON_LINK, None), known_at(member, None))
        .distinct()
        .order_by(PERSON_LINK.c.person)
    )
    found = {person: [person] for person in persons}
    for row in connection.execute(statement):
        if row.person != row.asked:
            found[row.asked].append(row.person)
    return found


def facts_each(connection: Connection, persons: Mapping[str, Sequence[str]]) -> dict[str, Facts]:
    """Return the facts of each person, who is given with all of their keys, by the person."""
    keys = {key for all_keys in persons.values() for key in all_keys}
    joined = PERSON_COUNTER.outerjoin(
        FACT, and_(FACT.c.person == PERSON_COUNTER.c.person, known_at(FACT, None))
    )
    statement = (
        select(PERSON_COUNTER.c.person.label("key"), PERSON_COUNTER.c.counter, FACT)
        .select_from(joined)
        .where(PERSON_COUNTER.c.person.in_(keys))
    )
    rows = connection.execute(statement).all()
    return {
        person: known_from([row for row in rows if row.key in all_keys], all_keys, {}).facts
        for person, all_keys in persons.items()
    }
