"""P1: content leaves the store through a scope, hidden rows in no more statements than none."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select, true

from consent.facts import (
    BlockKind,
    Capacity,
    Facts,
    Giver,
    Item,
    Kind,
    Organisation,
    Reader,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
    Sparr,
)
from consent.scope import Scope, scope
from consent.section import Opens
from consent.situation import Situation
from hub.store.connect import Store
from hub.store.incoming import Incoming
from hub.store.migrate import upgrade
from hub.store.reading import (
    Found,
    Key,
    at_versions,
    find,
    find_keys,
    grounds,
    persons_of,
    rungs,
)
from hub.store.schema.resource import RESOURCE
from hub.store.standing import withdraw
from hub.store.writing import put

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
AT = int(NOW.timestamp() * 1_000_000)
PATIENT = RelationKind.PATIENT
FACTS = Facts(
    organisations={
        name: Organisation(name, frozenset({Kind.VARDGIVARE})) for name in ("A", "B", "C")
    },
    relations=(
        Relation("A", PATIENT, RelationState.CURRENT),
        Relation("B", PATIENT, RelationState.CURRENT),
    ),
    consents=(Samtycke(Giver.SELF, "A", answer=True),),
    blocks=(Sparr("b", BlockKind.OUTER, "C"),),
)
DOCTOR = Reader("d", "A", Capacity.VARDPERSONAL, unit="U")
OWN, OTHERS, BLOCKED = Item("own", "A", unit="U"), Item("other", "B"), Item("blocked", "C")


def _scope(reader: Reader = DOCTOR, facts: Facts = FACTS) -> Scope:
    return scope(Situation(facts, Request(reader, NOW)))


def _incoming(item: Item, text: str = "first", *, masked: bool = False) -> Incoming:
    body = {
        "resourceType": "Condition",
        "id": item.id,
        "code": {"text": f"{item.id} {text}"},
        "subject": {"reference": "Patient/p"},
    }
    hidden = {**body, "code": {"text": "hidden"}} if masked else None
    return Incoming(body, item, "s", masked=hidden)


def _hold(store: Store, *incoming: Incoming, person: str = "p", at: int = AT) -> None:
    with store.write() as connection:
        put(connection, person, incoming, at)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    upgrade(opened)
    _hold(opened, *map(_incoming, (OWN, OTHERS, BLOCKED)))
    _hold(opened, _incoming(replace(OWN, id="another-person")), person="q")
    yield opened
    opened.close()


def _find(store: Store, by: Scope, persons: Sequence[str] = ("p",)) -> list[Found]:
    with store.read() as connection:
        return find(connection, by, persons, true(), order=[RESOURCE.c.id])


def _ids(found: Sequence[Found]) -> list[str]:
    return [each.id for each in found]


def test_only_what_the_scope_permits_of_these_persons_is_found(store: Store) -> None:
    found = _find(store, _scope())
    assert _ids(found) == ["other", "own"]
    assert [each.ground for each in found] == ["SVOD 3:1", "PDL 4:1"]
    assert b"own first" in found[1].body
    assert _ids(_find(store, _scope(), ("q",))) == ["another-person"]
    assert _find(store, _scope(), ()) == []


def test_a_scope_that_permits_nothing_gives_nothing_and_asks_nothing(store: Store) -> None:
    nothing = Scope((), (), "law", None)
    asked: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def _count(*details: object) -> None:
        asked.append(str(details[2]))

    with store.read() as connection:
        before = len(asked)
        assert find(connection, nothing, ["p"], true()) == []
        assert find_keys(connection, nothing, ["p"], true(), order=[], limit=9) == []
        assert at_versions(connection, nothing, ["p"], [Key("Condition", "own", 1)]) == []
        assert grounds(connection, nothing, ["p"]) == []
        assert rungs(connection, nothing, ["p"]) == []
        assert len(asked) == before


@pytest.mark.parametrize("hidden", [0, 40])
def test_hidden_rows_cost_no_statement(store: Store, hidden: int) -> None:
    _hold(store, *(_incoming(replace(BLOCKED, id=f"h{number}")) for number in range(hidden)))
    asked: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def _count(*details: object) -> None:
        asked.append(str(details[2]))

    with store.read() as connection:
        before = len(asked)
        find(connection, _scope(), ["p"], true())
        assert len(asked) - before == 1
        keys = find_keys(connection, _scope(), ["p"], true(), order=[RESOURCE.c.id], limit=99)
        assert [key.id for key in keys] == ["other", "own"]
        assert len(asked) - before == 2


def test_a_masked_row_is_served_masked(store: Store) -> None:
    _hold(store, _incoming(OWN, masked=True))
    own = _find(store, _scope())[1]
    assert own.masked
    assert b"hidden" in own.body
    assert b"own first" not in own.body


def test_the_versions_of_a_snapshot_are_given_in_its_order(store: Store) -> None:
    _hold(store, _incoming(OWN, "second"), at=AT + 1)
    keys = [Key("Condition", each, 1) for each in ("own", "blocked", "other", "nothing")]
    with store.read() as connection:
        found = at_versions(connection, _scope(), ["p"], keys)
        assert _ids(found) == ["own", "other"]
        assert [each.version for each in found] == [1, 1]
        assert b"own first" in found[0].body
        assert at_versions(connection, _scope(), ["q"], keys) == []
        assert at_versions(connection, _scope(), ["p"], []) == []


def test_an_older_version_is_judged_by_the_row_as_it_is_now(store: Store) -> None:
    other = Key("Condition", "other", 1)
    with store.write() as connection:
        withdraw(connection, "p", [("Condition", "other")])
    with store.read() as connection:
        assert at_versions(connection, _scope(), ["p"], [other]) == []
    assert _ids(_find(store, _scope())) == ["own"]


def test_rungs_say_where_and_never_what(store: Store) -> None:
    with store.read() as connection:
        places = rungs(connection, _scope(facts=replace(FACTS, consents=())), ["p"])
        assert {(place.rung, place.owner) for place in places} >= {
            (Opens.U0, "B"),
            (Opens.B0, "C"),
        }
        assert (Opens.U0, "C") not in {(place.rung, place.owner) for place in places}


def test_the_grounds_are_those_of_what_there_is(store: Store) -> None:
    with store.read() as connection:
        assert set(grounds(connection, _scope(), ["p"])) == {"SVOD 3:1", "PDL 4:1"}
        assert grounds(connection, _scope(), ["q"]) == ["PDL 4:1"]


def test_whose_a_resource_is_can_be_told_without_content(store: Store) -> None:
    _hold(store, _incoming(OWN), person="r")
    with store.read() as connection:
        assert sorted(persons_of(connection, "Condition", "own")) == ["p", "r"]
        assert persons_of(connection, "Condition", "none") == []
        count = connection.execute(select(RESOURCE.c.id)).all()
    assert len(count) == 5
