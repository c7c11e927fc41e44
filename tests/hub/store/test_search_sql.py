"""Searches give the same on SQLite and PostgreSQL: what FHIR says that they give."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
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
UCUM = "http://unitsofmeasure.org"
RESOURCE = Table(
    "searched",
    MetaData(),
    Column("person", String(64), primary_key=True),
    Column("type", String(32), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("last_updated", BigInteger, nullable=False),
)


def _observation(name: str, /, **more: object) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": name, "status": "final", **more}


def _quantity(name: str, /, **more: object) -> dict[str, Any]:
    return _observation(name, valueQuantity=more)


def _patient(name: str, /, **more: object) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": name, **more}


RESOURCES: list[dict[str, Any]] = [
    _patient(
        "eva", gender="female", birthDate="1940-05-01", active=True,
        name=[{"family": "Åberg-Öst", "given": ["Eva", "Märta"], "text": "Eva, född 100% _Öst"}],
        identifier=[{"type": {"coding": [{"system": "urn:t", "code": "MR"}], "text": "Journal nr"},
                     "system": "urn:oid:1", "value": "a|b"}],
        managingOrganization={"reference": "Organization/o1"},
        meta={"profile": ["http://x.example/p|1"], "tag": [{"system": "urn:tag", "code": "demo"}]},
    ),
    _patient("bo", gender="male", birthDate="1940-05", name=[{"family": "O'Aberg"}],
             identifier=[{"system": "urn:oid:2", "value": "a,b$c\\d"}]),
    _patient("lo", name=[{"family": "x" * 300 + "1"}], identifier=[{"value": "a"}],
             managingOrganization={"type": "Organization",
                                   "identifier": {"system": "urn:hsa", "value": "SE1"}}),
    _observation("day", effectiveDateTime="2024-03-10",
                 subject={"reference": "Patient/eva"}, performer=[{"reference": "Patient/eva"}],
                 code={"coding": [{"system": "urn:s", "code": "1", "display": "Vikt i kilo"}]}),
    _observation("time", effectiveDateTime="2024-03-10T23:30:00Z",
                 subject={"reference": "Group/eva"},
                 code={"coding": [{"system": "urn:other", "code": "1"}], "text": "Längd"}),
    _observation("month", effectiveDateTime="2024-03", code={"coding": [{"code": "1"}]},
                 subject={"reference": "https://x.example/fhir/Patient/eva"}),
    _observation("since", effectivePeriod={"start": "2024-03-01"}, code={"text": "Vikt"}),
    _quantity("g5", value="5.0", unit="gram", system=UCUM, code="g"),
    _quantity("mg", value="5000", unit="mg", system=UCUM, code="mg"),
    _quantity("kg", value="0.0054", system=UCUM, code="kg"),
    _quantity("ml", value="5", system=UCUM, code="mL"),
    _quantity("drop", value="5", unit="droppar"),
    _quantity("few", value="5", comparator="<", system="urn:u", code="g"),
    {"resourceType": "DocumentReference", "id": "newer", "relatesTo": [
        {"code": "replaces", "target": {"reference": "DocumentReference/old"}},
        {"code": "appends", "target": {"reference": "DocumentReference/other"}}]},
    _observation("bp", code={"text": "bp"}, component=[
        {"code": {"coding": [{"system": "urn:l", "code": "8480-6"}]},
         "valueQuantity": {"value": 120, "system": UCUM, "code": "mm[Hg]"}},
        {"code": {"coding": [{"system": "urn:l", "code": "8462-4"}]},
         "valueQuantity": {"value": 80, "system": UCUM, "code": "mm[Hg]"}},
        {"code": {"text": "neither"}}]),
    {"resourceType": "List", "id": "l", "status": "current", "mode": "working", "code":
     {"coding": [{"system": "urn:s", "code": "1"}]}},
    {"resourceType": "List", "id": "same", "code": {"coding": [{"code": "2"}]}},
    {"resourceType": "Condition", "id": "same", "code": {"coding": [{"code": "1"}]}},
    {"resourceType": "CarePlan", "id": "c", "instantiatesCanonical": ["http://x.example/plan|2"]},
    {"resourceType": "Task", "id": "open", "executionPeriod": {"end": "2024"}},
]  # fmt: skip

FOUND: list[tuple[str, str]] = [
    # token
    ("Patient?gender=female", "eva"),
    ("Patient?gender=http://hl7.org/fhir/administrative-gender|female", "eva"),
    ("Patient?gender=|female", ""),
    ("Patient?gender=female,male", "bo eva"),
    ("Patient?gender=female&gender=male", ""),
    ("Patient?gender:not=female", "bo lo"),
    ("Patient?gender:not=female,male", "lo"),
    ("Patient?gender:missing=true", "lo"),
    ("Patient?gender:missing=false", "bo eva"),
    ("Patient?active=true", "eva"),
    ("Patient?deceased=false", "bo eva lo"),
    ("Patient?identifier=urn:oid:1|a\\|b", "eva"),
    ("Patient?identifier=a\\,b\\$c\\\\d", "bo"),
    ("Patient?identifier=|a", "lo"),
    ("Patient?identifier=urn:oid:2|", "bo"),
    ("Patient?identifier:of-type=urn:t|MR|a\\|b", "eva"),
    ("Patient?identifier:of-type=urn:t|MR|a", ""),
    ("Patient?identifier:text=JOURNAL", "eva"),
    ("Patient?_tag=urn:tag|demo", "eva"),
    ("Observation?code=1", "day month time"),
    ("Observation?code=urn:s|1", "day"),
    ("Observation?code=|1", "month"),
    ("Observation?code:text=vikt", "day since"),
    ("Observation?code:text=kilo", ""),
    # string
    ("Patient?family=ABERG", "eva"),
    ("Patient?family=åberg", "eva"),
    ("Patient?family=berg", ""),
    ("Patient?family:contains=BERG", "bo eva"),
    ("Patient?name:contains=100%25", "eva"),
    ("Patient?name:contains=0%25_", ""),
    ("Patient?name:contains=_ö", "eva"),
    ("Patient?family:exact=Åberg-Öst", "eva"),
    ("Patient?family:exact=Åberg-öst", ""),
    ("Patient?family:exact=Åberg", ""),
    ("Patient?name=märta", "eva"),
    ("Patient?name=eva\\, f", "eva"),
    ("Patient?family=o'a", "bo"),
    ("Patient?family=" + "x" * 300, "lo"),
    ("Patient?family=" + "x" * 300 + "2", ""),
    ("Patient?family:exact=" + "x" * 300 + "1", "lo"),
    ("Patient?family:missing=true", ""),
    ("Patient?given:missing=true", "bo lo"),
    # date: day is 10 March, time is 00:30 on 11 March in Sweden, since has no end
    ("Observation?date=2024-03", "day month time"),
    ("Observation?date=2024-03-10", "day"),
    ("Observation?date=2024-03-11", "time"),
    ("Observation?date=2024-03-10T23:30:00Z", "time"),
    ("Observation?date=2024-03-11T00:30", "time"),
    ("Observation?date=ne2024-03-10", "month since time"),
    ("Observation?date=gt2024-03-10", "month since time"),
    ("Observation?date=lt2024-03-10", "month since"),
    ("Observation?date=ge2024-03-10", "day month since time"),
    ("Observation?date=le2024-03-10", "day month since"),
    ("Observation?date=ge2024-03-11", "month since time"),
    ("Observation?date=sa2024-03-10", "time"),
    ("Observation?date=eb2024-03-11", "day"),
    ("Observation?date=eb2024-04", "day month time"),
    ("Observation?date=ap2024-03-09", "day month since time"),
    ("Observation?date=ap2024-02", "day month since time"),  # and a tenth of four months
    ("Observation?date=ap2024-01", ""),
    ("Observation?date=gt2024-03-01&date=lt2024-03-11", "day month since"),
    ("Observation?date:missing=true", "bp drop few g5 kg mg ml"),
    ("Task?period=lt2020", "open"),
    ("Task?period=gt2024", ""),
    ("Patient?birthdate=1940", "bo eva"),
    ("Patient?birthdate=1940-05-01", "eva"),
    # reference
    ("Observation?subject=Patient/eva", "day"),
    ("Observation?subject=eva", "day time"),
    ("Observation?subject:Patient=eva", "day"),
    ("Observation?subject:Group=eva", "time"),
    ("Observation?subject=Patient/eva/_history/4", "day"),
    ("Observation?subject=https://x.example/fhir/Patient/eva", "month"),
    ("Observation?patient=Patient/eva", "day"),
    ("Observation?patient=Patient/nobody", ""),
    ("Observation?subject=Patient/eva,Group/eva", "day time"),
    ("Patient?organization:identifier=urn:hsa|SE1", "lo"),
    ("Patient?organization:identifier=SE1", "lo"),
    ("Patient?organization:missing=true", "bo"),
    ("CarePlan?instantiates-canonical=http://x.example/plan", "c"),
    ("CarePlan?instantiates-canonical=http://x.example/plan|2", "c"),
    ("CarePlan?instantiates-canonical=http://x.example/plan|3", ""),
    ("CarePlan?instantiates-canonical=http://x.example/plan\\|2", "c"),
    # uri
    ("Patient?_profile=http://x.example/p", "eva"),
    ("Patient?_profile=http://x.example", ""),
    # quantity
    ("Observation?value-quantity=5", "drop g5 ml"),
    ("Observation?value-quantity=5.0", "drop g5 ml"),
    (f"Observation?value-quantity=5|{UCUM}|g", "g5 kg mg"),
    (f"Observation?value-quantity=5.0|{UCUM}|g", "g5 mg"),
    (f"Observation?value-quantity=5000|{UCUM}|mg", "g5 mg"),
    (f"Observation?value-quantity=gt5|{UCUM}|g", "kg"),
    (f"Observation?value-quantity=ge5000|{UCUM}|mg", "g5 kg mg"),
    (f"Observation?value-quantity=le0.005|{UCUM}|kg", "g5 mg"),
    (f"Observation?value-quantity=ne5.0|{UCUM}|g", "kg"),
    (f"Observation?value-quantity=ap5|{UCUM}|g", "g5 kg mg"),
    (f"Observation?value-quantity=5|{UCUM}|mL", "ml"),
    ("Observation?value-quantity=5||droppar", "drop"),
    ("Observation?value-quantity=5||g", "g5"),
    ("Observation?value-quantity=lt4|urn:u|g", "few"),
    ("Observation?value-quantity=gt4|urn:u|g", "few"),
    ("Observation?value-quantity=gt5|urn:u|g", ""),
    ("Observation?value-quantity=sa4||droppar", "drop"),
    ("Observation?value-quantity=eb4||droppar", ""),
    ("Observation?value-quantity=5e0||droppar", "drop"),
    # chains and _has: every link is a reference that leads there
    ("Observation?subject:Patient.gender=female", "day"),
    ("Observation?subject.gender=female", "day"),
    ("Observation?subject:Patient.gender=male", ""),
    ("Observation?subject:Patient.gender:not=male", "day"),
    ("Observation?subject:Patient.given:missing=false", "day"),
    ("Observation?performer:Patient._tag=urn:tag|demo", "day"),
    ("Observation?subject:Patient.family:contains=BERG", "day"),
    ("Observation?subject:Patient._id=eva,bo", "day"),
    ("Patient?_has:Observation:subject:code=urn:s|1", "eva"),
    ("Patient?_has:Observation:subject:code=urn:s|2", ""),
    ("Patient?_has:Observation:subject:date=2024-03-10&gender=female", "eva"),
    ("Patient?_has:Observation:subject:_has:Observation:has-member:code=1", ""),
    ("Patient?_has:Observation:performer:subject:Patient.gender=female", "eva"),
    ("Observation?subject:Patient._has:Observation:performer:code=1", "day"),
    # composite: parts of the same element
    ("Observation?component-code-value-quantity=8480-6$120", "bp"),
    ("Observation?component-code-value-quantity=8462-4$120", ""),
    ("Observation?component-code-value-quantity=urn:l|8462-4$lt90", "bp"),
    (f"Observation?combo-code-value-quantity=8480-6$gt100|{UCUM}|mm[Hg]", "bp"),
    ("Observation?combo-code-value-quantity=8480-6$80,8462-4$80", "bp"),
    ("Observation?code-value-quantity=bp$120", ""),
    ("DocumentReference?relationship=DocumentReference/old$replaces", "newer"),
    ("DocumentReference?relationship=DocumentReference/old$appends", ""),
    # uri, hierarchical
    ("Patient?_profile:below=http://x.example", "eva"),
    ("Patient?_profile:below=http://x.ex", ""),
    ("Patient?_profile:above=http://x.example/p/q", "eva"),
    # the resource's own columns
    ("Patient?_id=eva,bo", "bo eva"),
    ("Patient?_id=day", ""),
    ("Patient?_lastUpdated=2024-06-01", "eva"),
    ("Patient?_lastUpdated=2024-06-01T10:00:00.000Z", "eva"),
    ("Patient?_lastUpdated=gt2024-06-01", "bo lo"),
    # several
    ("Observation?code=1&date=2024-03-10&subject=Patient/eva", "day"),
    ("List?code=1", "l"),
]  # fmt: skip

REFUSED = [
    ("Patient?gender:exact=female", "gender: this modifier"),
    ("Patient?family:not=x", "family: this modifier"),
    ("Patient?family:Patient=x", "family: this modifier"),
    ("Patient?_id:not=eva", "_id: this modifier"),
    ("Observation?component-code-value-quantity=x", "component-code$"),
    ("Observation?component-code-value-quantity=x$1$2", "component-code$"),
    ("Observation?component-code-value-quantity:missing=true", "this modifier"),
    ("Observation?subject:Encounter.status=x", "leads to"),
    ("Patient?_has:Observation:subject=x", "_has:Type"),
    ("Patient?" + "_has:Observation:subject:" * 7 + "code=1", "at most 5"),
    ("Observation?" + "subject." * 7 + "code=1", "at most 5"),
    ("Patient?gender:missing=maybe", "true or false"),
    ("Patient?gender=", "empty"),
    ("Patient?gender=male,", "empty"),
    ("Patient?gender=a|b|c", "system|code"),
    ("Patient?gender=|", "system|code"),
    ("Patient?identifier:of-type=urn:t|MR", "system|code|value"),
    ("Patient?birthdate=1 maj", "2024-03-01"),
    ("Patient?birthdate=2023-02-29", "2024-03-01"),
    ("Patient?birthdate=xx2023", "begin with one of"),
    ("Observation?value-quantity=fem", "begin with one of"),
    ("Observation?value-quantity=5,4x", "write the number"),
    ("Observation?value-quantity=5|g", "number|system|code"),
    ("Observation?value-quantity=1e999", "1e300"),
    ("Observation?subject=Nobody/1", "a type that FHIR R4"),
    ("Observation?subject:Patient=Group/eva", "another type"),
    ("Observation?subject=a b", "Type/id"),
]


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


SORTED = [
    ("Patient", "birthdate", "bo eva lo"),
    ("Patient", "-birthdate", "bo eva lo"),
    ("Patient", "family", "eva bo lo"),
    ("Patient", "-family", "lo bo eva"),
    ("Patient", "gender,-_id", "eva bo lo"),
    ("Patient", "-organization", "eva lo bo"),
    ("Observation", "-value-quantity,_id",
     "kg drop few g5 mg ml bp day month since time"),
    ("Observation", "date", "month since day time bp drop few g5 kg mg ml"),
    ("Observation", "-date", "since month time day bp drop few g5 kg mg ml"),
    ("Observation", "-_lastUpdated,-_id", "time since month ml mg kg g5 few drop day bp"),
]  # fmt: skip


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
    rows = index_rows(_patient("new", gender="other"))
    with filled_store.connect() as connection, connection.begin() as transaction:
        insert_index_rows(connection, "p1", [("Patient", "new", rows)])
        transaction.rollback()
    with filled_store.connect() as connection:
        left = select(func.count()).where(INDEX_TABLES["token"].c.id == "new")
        assert connection.execute(left).scalar_one() == 0
