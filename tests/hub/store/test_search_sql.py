"""Searches give the same on SQLite and PostgreSQL: what FHIR says that they give."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from searches import FOUND, REFUSED, RESOURCES, SORTED, patient
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    FromClause,
    MetaData,
    String,
    Table,
    create_engine,
    func,
    insert,
    select,
)

from hub.fhir.extract import index_rows
from hub.fhir.json_codec import decode, encode
from hub.fhir.time_span import span
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_sort import orders
from hub.store.search_sql import Search, delete_index_rows, insert_index_rows, search
from hub.store.search_target import everything
from hub.store.search_values import BadSearch, Criterion, criterion

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
RESOURCE = Table(
    "searched",
    MetaData(),
    Column("person", String(64), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("last_updated", BigInteger, nullable=False),
)


@pytest.fixture
def filled_store(empty_store_url: str) -> Iterator[Engine]:
    engine = create_engine(empty_store_url)
    _fill(engine)
    yield engine
    engine.dispose()


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        RESOURCE.metadata.create_all(connection)
        for table in INDEX_TABLES.values():
            table.create(connection)
        updated = {"eva": span("2024-06-01T10:00:00.000Z")[0] + 500}
        later = span("2024-06-02")[0]
        # The same resources stand under another person: what is found must not depend on them.
        for person in ("p1", "p2"):
            connection.execute(
                insert(RESOURCE),
                [
                    {
                        "person": person,
                        "type": each["resourceType"],
                        "id": each["id"],
                        "last_updated": updated.get(each["id"], later),
                    }
                    for each in RESOURCES
                ],
            )
        written = [decode(_numbers(each)) for each in RESOURCES]
        rows = [(each["resourceType"], each["id"], index_rows(each)) for each in written]
        insert_index_rows(connection, "p1", rows)
        insert_index_rows(connection, "p2", rows)


def _numbers(resource: dict[str, Any]) -> bytes:
    """The JSON of a resource, with a quantity's value as the digits that stand here."""
    quantity = resource.get("valueQuantity", {})
    text = encode(resource)
    if "value" in quantity:
        text = text.replace(
            f'"value":"{quantity["value"]}"'.encode(), f'"value":{quantity["value"]}'.encode()
        )
    return text


def _asked(query: str) -> tuple[str, list[Criterion]]:
    resource_type, _, written = query.partition("?")
    return resource_type, [
        criterion(name, value) for name, value in parse_qsl(written, keep_blank_values=True)
    ]


def _search(query: str, persons: Sequence[str] | None) -> Search:
    resource_type, criteria = _asked(query)
    return search(resource_type, criteria, RESOURCE, now=NOW, persons=persons)


def _ids(engine: Engine, query: str, persons: Sequence[str] | None, *, of: str = "p1") -> list[str]:
    found = _search(query, persons)
    assert found.unknown == ()
    statement = select(RESOURCE.c.id).where(RESOURCE.c.person == of, found.where)
    with engine.connect() as connection:
        return sorted(connection.execute(statement).scalars())


def test_every_search_finds_what_fhir_says(filled_store: Engine) -> None:
    wrong = {
        query: found
        for query, expected in FOUND
        for persons in (["p1"], ["p1", "p3"], None)
        if (found := _ids(filled_store, query, persons)) != expected.split()
    }
    assert wrong == {}


def test_an_absolute_reference_to_this_server_is_the_relative_one(filled_store: Engine) -> None:
    roots = ("https://hub.example/fhir/", "https://x.example/fhir/")
    for value in ("Patient/eva", *(f"{each}Patient/eva" for each in roots)):
        kind, criteria = _asked(f"Observation?subject={value}")
        found = search(kind, criteria, RESOURCE, now=NOW, persons=["p1"], roots=roots)
        statement = select(RESOURCE.c.id).where(RESOURCE.c.person == "p1", found.where)
        with filled_store.connect() as connection:
            assert sorted(connection.execute(statement).scalars()) == ["day", "month"], value


def test_rows_of_another_person_are_never_read(filled_store: Engine) -> None:
    with filled_store.begin() as connection:
        delete_index_rows(connection, "p1", [("Patient", "eva")])
    for persons in (["p1"], None):
        assert _ids(filled_store, "Patient?gender=female", persons) == []
    assert _ids(filled_store, "Patient?gender=female", ["p2"]) == []
    assert _ids(filled_store, "Patient?gender=female", ["p2"], of="p2") == ["eva"]


def test_rows_go_with_their_resource_and_no_other(filled_store: Engine) -> None:
    gone = [("Observation", each["id"]) for each in RESOURCES]
    with filled_store.begin() as connection:
        delete_index_rows(connection, "p1", gone)
    with filled_store.connect() as connection:
        for table in INDEX_TABLES.values():
            left = select(func.count()).where(table.c.person == "p1", table.c.id.in_(_OBSERVED))
            assert connection.execute(left).scalar_one() == 0
    assert _ids(filled_store, "Patient?gender=female", ["p1"]) == ["eva"]
    assert _ids(filled_store, "List?code=1", ["p1"]) == ["l"]


_OBSERVED = [each["id"] for each in RESOURCES if each["resourceType"] == "Observation"]


@pytest.mark.parametrize(("query", "said"), REFUSED)
def test_what_cannot_be_answered_is_refused_with_a_remedy(query: str, said: str) -> None:
    with pytest.raises(BadSearch) as refused:
        _search(query, None)
    assert said in str(refused.value)


def test_a_refusal_repeats_no_value() -> None:
    with pytest.raises(BadSearch) as refused:
        _search("Patient?birthdate=191212121212", None)
    assert "1912" not in str(refused.value)


def test_what_is_not_known_is_told_to_the_caller() -> None:
    found = _search("Patient?gender=male&colour=red&_filter=a&name.x=y", None)
    assert [each.name for each in found.unknown] == ["colour", "_filter", "name"]


@pytest.mark.parametrize(
    "query",
    [
        "Location?near=1|2",
        "Observation?subject.colour=x",
        "Observation?subject:Patient.code=x",
        "Patient?_has:Observation:colour:code=x",
        "Patient?_has:Observation:subject:colour=x",
        "Patient?_has:Nobody:subject:code=x",
        "Patient?_has:Observation:encounter:code=x",
    ],
)
def test_what_leads_nowhere_is_not_known(query: str) -> None:
    assert len(_search(query, None).unknown) == 1


def test_a_chain_goes_through_what_is_permitted_and_nothing_else(filled_store: Engine) -> None:
    """P3: a hidden row is not there for a chain, for `_has`, nor where `:missing` asks for it."""
    queries = {
        "Observation?subject:Patient.gender=female": ["day"],
        "Patient?_has:Observation:subject:code=urn:s|1": ["eva"],
        "Observation?subject:Patient._has:Observation:performer:code=1": ["day"],
        "Observation?subject:Patient.given:missing=false": ["day"],
    }

    def none_of_them(table: FromClause) -> ColumnElement[bool]:
        return table.c.id.not_in(["eva", "day"])

    for query, expected in queries.items():
        for permitted, ids in ((everything, expected), (none_of_them, [])):
            for persons in (["p1"], None):
                kind, criteria = _asked(query)
                found = search(
                    kind, criteria, RESOURCE, now=NOW, persons=persons, permitted=permitted
                )
                statement = select(RESOURCE.c.id).where(RESOURCE.c.person == "p1", found.where)
                with filled_store.connect() as connection:
                    assert sorted(connection.execute(statement).scalars()) == ids, (query, ids)


def test_a_chain_goes_through_no_type_that_may_not_be_searched(filled_store: Engine) -> None:
    for query in (
        "Observation?subject.gender=female",
        "Observation?subject:Patient.gender=female",
    ):
        kind, criteria = _asked(query)
        found = search(kind, criteria, RESOURCE, now=NOW, types=frozenset({"Observation"}))
        with filled_store.connect() as connection:
            assert not list(connection.execute(select(RESOURCE.c.id).where(found.where)))
        assert found.unknown == ()


@pytest.mark.parametrize(("kind", "written", "expected"), SORTED)
def test_any_indexed_parameter_gives_an_order(
    filled_store: Engine, kind: str, written: str, expected: str
) -> None:
    statement = (
        select(RESOURCE.c.id)
        .where(RESOURCE.c.person == "p1", RESOURCE.c.type == kind)
        .order_by(*orders(kind, written, RESOURCE))
    )
    with filled_store.connect() as connection:
        assert list(connection.execute(statement).scalars()) == expected.split()


@pytest.mark.parametrize("written", ["colour", "family,family", "family,-family", "", "near", "a,"])
def test_no_other_order_is_taken(written: str) -> None:
    with pytest.raises(BadSearch):
        orders("Patient", written, RESOURCE)


def test_values_are_bound_and_never_part_of_the_statement() -> None:
    statement = str(_search("Patient?family=x'; DROP TABLE a;--&_id=y'z", ["p1"]).where)
    assert "DROP" not in statement
    assert "y'z" not in statement


def test_many_rows_are_deleted_in_several_statements(filled_store: Engine) -> None:
    keys = [("Patient", f"x{number}") for number in range(1200)]
    with filled_store.begin() as connection:
        delete_index_rows(connection, "p1", [*keys, ("Patient", "bo")])
    assert _ids(filled_store, "Patient?gender=male", ["p1"]) == []


def test_rows_are_part_of_the_transaction(filled_store: Engine) -> None:
    rows = index_rows(patient("new", gender="other"))
    with filled_store.connect() as connection, connection.begin() as transaction:
        insert_index_rows(connection, "p1", [("Patient", "new", rows)])
        transaction.rollback()
    with filled_store.connect() as connection:
        left = select(func.count()).where(INDEX_TABLES["token"].c.id == "new")
        assert connection.execute(left).scalar_one() == 0
