"""Whom a request is about, known from one statement, and the scopes kept by it (DESIGN §4, P4)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from consent.facts import (
    BlockKind,
    Capacity,
    Facts,
    Giver,
    Item,
    Kind,
    Reader,
    Request,
    Samtycke,
    Sparr,
)
from consent.period import Period
from consent.scope import Scope, scope
from consent.situation import Situation
from hub.config.organisation import OrganisationEntry
from hub.store.connect import Store
from hub.store.directory import Directory, directory_counter, load_organisations
from hub.store.facts import known_of, linked, load_facts
from hub.store.identity import link_persons, unlink_person
from hub.store.incoming import Incoming
from hub.store.migrate import upgrade
from hub.store.person_now import PersonNow, person_now, resource_now, telling, told
from hub.store.scope_cache import LONGEST, Made, ScopeCache
from hub.store.writing import put

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BLOCK = Sparr("b", BlockKind.OUTER, "A")
YES = Samtycke(Giver.SELF, "A", answer=True, period=Period(NOW - HOUR, NOW + HOUR))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    upgrade(opened)
    yield opened
    opened.close()


def _know(store: Store, person: str, facts: Facts) -> None:
    with store.write() as connection:
        load_facts(connection, person, facts, NOW)


def _now(store: Store, *named: str) -> PersonNow:
    with store.read() as connection:
        return person_now(connection, named)


def test_it_says_what_the_statements_of_their_own_say(store: Store) -> None:
    _know(store, "p", Facts(blocks=(BLOCK,), consents=(YES,)))
    _know(store, "q", Facts(blocks=(BLOCK,)))
    with store.write() as connection:
        assert link_persons(connection, "p", "q", NOW)
        load_organisations(
            connection, [OrganisationEntry("A", "A", frozenset({Kind.VARDGIVARE}))], NOW
        )
    for named in (("p",), ("q",), ("q", "p"), ("nobody",), ()):
        with store.read() as connection:
            now = person_now(connection, named)
            persons = linked(connection, named)
            known = known_of(connection, persons)
            assert now.directory == directory_counter(connection) > 0
        assert list(now.persons) == persons
        assert now.counters == known.counters
        assert now.known() == known
    assert len(_now(store, "q").known().facts.blocks) == 2


def test_whom_a_resource_is_about(store: Store) -> None:
    _know(store, "p", Facts(blocks=(BLOCK,)))
    body = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}
    with store.write() as connection:
        put(connection, "p", [Incoming(body, Item("c", "A"), "s")], 0)
    with store.read() as connection:
        found, _ = resource_now(connection, "Condition", "c", None)
        assert found.persons == ("p",)
        assert found.known().facts.blocks == (BLOCK,)
        for kind, number in (("Condition", "d"), ("Observation", "c")):
            assert resource_now(connection, kind, number, None)[0].persons == ()


def test_an_identity_that_is_parted_is_gone_in_the_next_statement(store: Store) -> None:
    with store.write() as connection:
        link_persons(connection, "p", "q", NOW)
        link_persons(connection, "p", "r", NOW)
    before = _now(store, "p")
    assert set(before.persons) == {"p", "q", "r"}
    with store.write() as connection:
        unlink_person(connection, "q", NOW + HOUR)
    after = _now(store, "p")
    assert after.persons == ("p", "r")
    assert _now(store, "q").persons == ("q",)
    assert after.counters["p"] > before.counters["p"]


def test_new_documents_move_the_counter(store: Store) -> None:
    """What was made available since a scope was made is not in it."""
    _know(store, "p", Facts())
    before = _now(store, "p").counters["p"]
    body = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"}}
    with store.write() as connection:
        put(connection, "p", [Incoming(body, Item("c", "A"), "s")], 0)
    assert _now(store, "p").counters["p"] > before


def test_any_statement_can_tell_what_a_scope_was_made_from(store: Store) -> None:
    _know(store, "p", Facts(consents=(YES,)))
    with store.write() as connection:
        link_persons(connection, "p", "q", NOW)
    for key in ("p", "q", "nobody"):
        now = _now(store, key)
        with store.read() as connection:
            found = told(connection.execute(select(telling(key))).scalar_one())
        assert set(found.persons) == set(now.persons)
        assert (found.counters, found.directory) == (now.counters, now.directory)


def _made(now: PersonNow, facts: Facts = Facts(), **changed: object) -> Made:  # noqa: B008  # frozen
    reader = Reader("d", "A", Capacity.VARDPERSONAL, unit="U")
    situation = Situation(facts, Request(reader, NOW))
    made = Made(situation, scope(situation), False, now.persons, now.directory, now.counters)
    return replace(made, **changed)  # type: ignore[arg-type]


def test_a_scope_is_used_while_what_it_was_made_from_stands(store: Store) -> None:
    _know(store, "p", Facts(consents=(YES,)))
    now, cache = _now(store, "p"), ScopeCache()
    cache.put("key", _made(now), NOW, Directory())
    assert cache.get("key", now, NOW) is not None
    assert cache.get("another", now, NOW) is None
    assert cache.get("key", replace(now, directory=now.directory + 1), NOW) is None
    assert cache.unproved("key", "p", NOW) is cache.get("key", now, NOW)
    assert cache.unproved("another", "p", NOW) is cache.unproved("key", "q", NOW) is None
    _know(store, "p", Facts())
    assert cache.get("key", _now(store, "p"), NOW) is None


@pytest.mark.parametrize(
    ("facts", "lasts"),
    [
        (Facts(), LONGEST),
        (Facts(consents=(replace(YES, period=Period(NOW, NOW + LONGEST / 2)),)), LONGEST / 2),
        (Facts(blocks=(replace(BLOCK, set_at=NOW + LONGEST / 3),)), LONGEST / 3),
    ],
)
def test_a_scope_is_used_until_something_begins_or_ends(
    store: Store, facts: Facts, lasts: timedelta
) -> None:
    now, cache = _now(store, "p"), ScopeCache()
    cache.put("key", _made(now, facts), NOW, Directory())
    moment = timedelta(milliseconds=1)
    assert cache.get("key", now, NOW + lasts - moment) is not None
    assert cache.get("key", now, NOW + lasts) is None


def test_a_scope_ends_when_an_owner_begins_to_make_available(store: Store) -> None:
    now, cache = _now(store, "p"), ScopeCache()
    entry = OrganisationEntry(
        "B", "B", frozenset({Kind.VARDGIVARE}), makes_available_from=NOW + LONGEST / 4
    )
    cache.put("key", _made(now), NOW, Directory(entries={"B": entry}))
    assert cache.get("key", now, NOW + LONGEST / 4) is None


def test_a_scope_in_which_a_rule_raised_is_not_kept(store: Store) -> None:
    now, cache = _now(store, "p"), ScopeCache()
    wrong = Scope((), (), "", None, errors=("SVOD 3:1: ZeroDivisionError",))
    cache.put("key", _made(now, scope=wrong), NOW, Directory())
    assert cache.get("key", now, NOW) is None
