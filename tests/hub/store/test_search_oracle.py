"""Searches of invented resources of every type find what brute force finds, on both databases."""

# ruff: noqa: ANN401 -- values are JSON of any type

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, select
from test_search_sql import RESOURCE

from hub.fhir.definitions import TYPES_IN_USE
from hub.fhir.extract import index_rows
from hub.fhir.search_parameters import Kind, SearchParameter, parameters
from hub.store.schema.search_index import INDEX_TABLES
from hub.store.search_sort import orders
from hub.store.search_sql import insert_index_rows, search
from hub.store.search_values import criterion
from tests.hub.fhir.filled import filled
from tests.hub.store.search_oracle import Oracle, evaluated, row
from tests.hub.store.search_oracle_values import UCUM, escaped, local

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
PERSON = "p1"
EACH = 7
ASKED = int(os.environ.get("SAMVY_SEARCHES_OF_EACH_TYPE", "40"))
"""How many of the searches that a type's data give are made; `0`: all, some fifteen thousand."""
Json = dict[str, Any]
Query = tuple[str, str]


def _resources() -> list[Json]:
    """Some of each type, with few ids, so that references find something."""
    found = []
    for kind in TYPES_IN_USE:
        for number in range(EACH):
            made = filled(kind, number, share=0.25 + 0.1 * number)
            found.append({**_with_signs(made, number), "id": "abcdefg"[number]})
    return found


def _with_signs(value: Any, number: int) -> Any:
    """The same with texts that hold what has a meaning in a query."""
    if isinstance(value, dict):
        return {name: _with_signs(each, number) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_signs(each, number) for each in value]
    return f"{SIGNS[number]}en text" if value == "en text" else value


SIGNS = ("", "Å, ", "a|b", "$1 ", "c\\d", "%_", "\\,")


RESOURCES = _resources()
ORACLE = Oracle(RESOURCES, NOW)


@pytest.fixture
def indexed(empty_store_url: str) -> Iterator[Engine]:
    engine = create_engine(empty_store_url)
    with engine.begin() as connection:
        RESOURCE.metadata.create_all(connection)
        for table in INDEX_TABLES.values():
            table.create(connection)
        keys = [
            {"person": PERSON, "type": each["resourceType"], "id": each["id"], "last_updated": 0}
            for each in RESOURCES
        ]
        connection.execute(insert(RESOURCE), keys)
        rows = [(each["resourceType"], each["id"], index_rows(each)) for each in RESOURCES]
        insert_index_rows(connection, PERSON, rows)
    yield engine
    engine.dispose()


def test_searches_find_what_brute_force_finds(indexed: Engine) -> None:
    wrong, found_something, made = {}, 0, 0
    for kind in TYPES_IN_USE:
        for query in _asked(kind):
            made += 1
            expected = ORACLE.ids(kind, query)
            found_something += 0 < len(expected) < EACH
            if (found := _found(indexed, kind, query)) != expected:
                wrong[kind, query] = (found, expected)
    assert wrong == {}
    assert found_something > made // 3


def test_orders_are_what_brute_force_gives(indexed: Engine) -> None:
    wrong, made = {}, 0
    for kind in TYPES_IN_USE:
        for parameter in parameters(kind).values():
            if parameter.kind not in ORDERED or parameter.code.startswith("_last"):
                continue
            for down in (False, True):
                made += 1
                written = f"{'-' * down}{parameter.code}"
                expected = ORACLE.ordered(kind, parameter.code, down=down)
                if (found := _in_order(indexed, kind, written)) != expected:
                    wrong[kind, written] = (found, expected)
    assert wrong == {}
    assert made > len(TYPES_IN_USE)


ORDERED = (Kind.DATE, Kind.STRING, Kind.URI, Kind.NUMBER)


def _in_order(engine: Engine, kind: str, written: str) -> list[str]:
    statement = (
        select(RESOURCE.c.id)
        .where(RESOURCE.c.person == PERSON, RESOURCE.c.type == kind)
        .order_by(*orders(kind, written, RESOURCE))
    )
    with engine.connect() as connection:
        return list(connection.execute(statement).scalars())


def _asked(kind: str) -> list[tuple[Query, ...]]:
    chance = random.Random(kind)  # noqa: S311 -- data for tests
    every = sorted(set(_queries(kind)))
    asked = chance.sample(every, min(ASKED, len(every))) if ASKED else every
    both = [chance.choice(asked) + chance.choice(asked) for _ in range(len(asked) // 6)]
    return [*asked, *both]


def _found(engine: Engine, kind: str, query: tuple[Query, ...]) -> list[str]:
    criteria = [criterion(name, value) for name, value in query]
    made = search(kind, criteria, RESOURCE, now=NOW, persons=[PERSON])
    assert made.unknown == ()
    with engine.connect() as connection:
        return sorted(connection.execute(select(RESOURCE.c.id).where(made.where)).scalars())


def _queries(kind: str) -> Iterator[tuple[Query, ...]]:
    """Searches for what is there, and for what is nearly there, by each parameter of a type."""
    mine = [each for each in RESOURCES if each["resourceType"] == kind]
    for parameter in parameters(kind).values():
        if parameter.code in ("_id", "_lastUpdated"):
            continue
        values = [each for one in mine for each in ORACLE.values(one, parameter.code)]
        code = parameter.code
        if parameter.kind is Kind.COMPOSITE:
            yield from (((code, each),) for each in _composites(parameter, mine))
            continue
        yield ((f"{code}:missing", "true"),)
        yield ((f"{code}:missing", "false"),)
        forms = list(_forms(parameter, values))
        yield from (((name, written),) for name, written in forms)
        plain = [written for name, written in forms if name == code]
        if len(plain) > 1:
            yield ((code, f"{plain[0]},{plain[-1]}"),)
            yield ((code, plain[0]), (code, plain[-1]))
            if parameter.kind is Kind.TOKEN:
                yield ((f"{code}:not", f"{plain[0]},{plain[-1]}"),)
        if parameter.kind is Kind.REFERENCE:
            yield from (((name, written),) for name, written in _chains(parameter, values))


def _forms(parameter: SearchParameter, values: list[Any]) -> Iterator[Query]:
    ways = {
        Kind.TOKEN: _tokens,
        Kind.STRING: _strings,
        Kind.DATE: _dates,
        Kind.REFERENCE: _references,
        Kind.URI: _addresses,
        Kind.NUMBER: _numbers,
        Kind.QUANTITY: _quantities,
    }
    for value in values:
        yield from ways[parameter.kind](parameter.code, value)


def _tokens(code: str, value: Any) -> Iterator[Query]:
    if isinstance(value, bool | str):
        text = str(value).lower() if isinstance(value, bool) else escaped(value)
        for modifier in ("", ":not"):
            yield f"{code}{modifier}", text
        return
    for each in value.get("coding", [value]):
        system, number = each.get("system"), each.get("code", each.get("value"))
        if number and code not in ("phone", "email", "telecom"):
            yield code, f"{escaped(system or '')}|{escaped(number)}"
            yield code, f"|{escaped(number)}"
            yield f"{code}:not", f"urn:nobody|{escaped(number)}"
        if number:
            yield code, escaped(number)
            yield f"{code}:not", escaped(number)
        if system and code not in ("phone", "email", "telecom"):
            yield code, f"{escaped(system)}|"
        for text in (each.get("display"), value.get("text"), value.get("type", {}).get("text")
                     if isinstance(value.get("type"), dict) else None):  # fmt: skip
            if text:
                yield f"{code}:text", escaped(text[:3].upper())
        kinds = each.get("type", {}).get("coding", []) if isinstance(each.get("type"), dict) else []
        for coding in kinds:
            if number and "system" in coding and "code" in coding:
                written = [escaped(one) for one in (coding["system"], coding["code"], number)]
                yield f"{code}:of-type", "|".join(written)


def _strings(code: str, value: Any) -> Iterator[Query]:
    texts = [value] if isinstance(value, str) else [
        one for each in value.values() for one in (each if isinstance(each, list) else [each])
        if isinstance(one, str)
    ]  # fmt: skip
    for text in texts:
        yield code, escaped(text[:2].upper())
        yield code, escaped(text)
        yield f"{code}:exact", escaped(text)
        yield f"{code}:exact", escaped(text.upper())
        yield f"{code}:contains", escaped(text[1:3])


PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def _dates(code: str, value: Any) -> Iterator[Query]:
    texts = [value] if isinstance(value, str) else [
        one for each in value.values() for one in (each if isinstance(each, list) else [each])
        if isinstance(one, str)
    ]  # fmt: skip
    for text in (each for each in texts if each[:4].isdecimal()):
        for written in {text, text[:4], text[:7], text[:10], "2024-03-01T10:00", "2023-12-31"}:
            for each in PREFIXES:
                yield code, each + written


def _references(code: str, value: Any) -> Iterator[Query]:
    if isinstance(value, str):
        yield code, escaped(value)
        yield code, escaped(value.partition("|")[0])
        return
    written = value.get("reference")
    if written:
        yield code, written
        known = local(written)
        if known:
            yield code, known[1]
            yield f"{code}:{known[0]}", known[1]
            yield f"{code}:{known[0]}", written
    identifier = value.get("identifier", {})
    if "value" in identifier:
        yield f"{code}:identifier", escaped(identifier["value"])
        yield f"{code}:identifier", f"{identifier.get('system', '')}|{escaped(identifier['value'])}"
        if "system" in identifier:
            yield f"{code}:identifier", f"{identifier['system']}|"


def _addresses(code: str, value: str) -> Iterator[Query]:
    yield code, escaped(value)
    for modifier in ("below", "above"):
        yield f"{code}:{modifier}", escaped(value)
        if value.startswith("http"):
            yield f"{code}:{modifier}", escaped(value.rpartition("/")[0])
            yield f"{code}:{modifier}", escaped(value.rpartition("/")[0][:-1])
            yield f"{code}:{modifier}", escaped(f"{value}/more")


def _numbers(code: str, value: Any) -> Iterator[Query]:
    for written in {f"{value}", f"{value}.0", "5", "1.5", "-1", "1e0"}:
        if written.count(".") < 2:
            for each in PREFIXES:
                yield code, each + written


def _quantities(code: str, value: Any) -> Iterator[Query]:
    for held in (value, value.get("low", {}), value.get("high", {})):
        if "value" not in held:
            continue
        for written in {str(held["value"]), "1.5", "0.001", "12"}:
            for each in PREFIXES:
                yield code, each + written
                if "code" in held and "system" in held:
                    yield code, f"{each}{written}|{escaped(held['system'])}|{escaped(held['code'])}"
                if "unit" in held:
                    yield code, f"{each}{written}||{escaped(held['unit'])}"
                yield code, f"{each}{written}|{UCUM}|mg"


def _chains(parameter: SearchParameter, values: list[Any]) -> Iterator[Query]:
    """What is asked of where a reference leads, and of what refers there."""
    for value in values:
        known = local(value.get("reference", "")) if isinstance(value, dict) else None
        if known is None or known[0] not in TYPES_IN_USE:
            continue
        for name, written in _some_of(known[0]):
            yield f"{parameter.code}:{known[0]}.{name}", written
    for other in parameter.targets[:2]:
        for back in parameters(other).values():
            if back.kind is Kind.REFERENCE and parameter.type in back.targets:
                for name, written in _some_of(other):
                    yield f"_has:{other}:{back.code}:{name}", written
                break


def _some_of(kind: str) -> Iterator[Query]:
    """A few searches of another type, for the end of a chain."""
    others = [each for each in RESOURCES if each["resourceType"] == kind]
    taken = 0
    for parameter in parameters(kind).values():
        if parameter.kind in (Kind.COMPOSITE, Kind.REFERENCE) or parameter.code.startswith("_"):
            continue
        values = [each for one in others for each in ORACLE.values(one, parameter.code)]
        forms = [each for each in _forms(parameter, values[:1]) if ":not" not in each[0]]
        if forms:
            yield forms[0]
            taken += 1
        if taken == 2:
            return


def _composites(parameter: SearchParameter, mine: list[Json]) -> Iterator[str]:
    given = row(parameter.type, parameter.code)
    known = parameters(parameter.type)
    for one in mine:
        for path in given["expression"].split(" | "):
            inner = path == parameter.type
            for element in [one] if inner else evaluated(path, one, parameter.type):
                written = []
                for code, expression in given["component"]:
                    found = evaluated(expression, element, path)
                    forms = [each for name, each in _forms(known[code], found[:1]) if name == code]
                    written.append(forms[:2])
                if all(written):
                    yield f"{written[0][0]}${written[1][-1]}"
