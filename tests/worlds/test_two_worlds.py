"""P3: invisible means indistinguishable, on every path that there is."""

import base64
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import Phase, assume, given, settings
from sqlalchemy import delete
from sqlalchemy.engine import make_url

from consent.facts import Capacity, Giver, InfoType, Samtycke
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION
from hub.store.schema.search_index import INDEX_TABLES
from mappings.personal_identity import PERSONNUMMER
from tests.worlds.hub_world import (
    CLINIC,
    EMERGENCY,
    KOMMUN,
    NAMND,
    OFFICE,
    OTHER_REGION,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    TALKS,
    WARD,
    WARD_DOCTOR,
    World,
    documented,
    opened_world,
)
from tests.worlds.leaks import LEAKS
from tests.worlds.leaks_of_acts import LEAKS_OF_ACTS
from tests.worlds.leaks_of_binaries import LEAKS_OF_BINARIES
from tests.worlds.leaks_of_operations import LEAKS_OF_OPERATIONS
from tests.worlds.leaks_of_own_data import LEAKS_OF_OWN_DATA
from tests.worlds.player import Player, differences
from tests.worlds.two_worlds import OPENINGS, Case, Record, Row, lesser, never_shown
from tests.worlds.two_worlds_strategies import cases
from tests.worlds.usual import CONSENT, OUTER, facts

DEMOGRAPHICS = InfoType.DEMOGRAPHICS
KEY = "5a" * 32
RUNS = count()
EXAMPLES = 6
Pair = tuple[World, World]
Leak = Callable[[pytest.MonkeyPatch], None]


def _urls(url: str, folder: Path) -> tuple[str, str]:
    """Two empty stores of the kind that the URL names."""
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'more.db'}", f"sqlite:///{folder / 'less.db'}"
    server = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA more")
        connection.execute("CREATE SCHEMA less")
    more, less = (
        make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
        for schema in ("more", "less")
    )
    return more.render_as_string(hide_password=False), less.render_as_string(hide_password=False)


def _pair(url: str, folder: Path) -> Iterator[Pair]:
    """Two hubs with the same identity key, so that both give the same ids."""
    with ExitStack() as stack:
        worlds = []
        for name, each in zip(("more", "less"), _urls(url, folder), strict=True):
            (folder / name).mkdir()
            worlds.append(stack.enter_context(opened_world(each, folder / name, key=KEY)))
            worlds[-1].look_up(WARD_DOCTOR)  # what is read once and kept is read now
        yield worlds[0], worlds[1]


@pytest.fixture
def pair(empty_store_url: str, tmp_path: Path) -> Iterator[Pair]:
    yield from _pair(empty_store_url, tmp_path)


@pytest.fixture(scope="module")
def standing_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair for all the leaks that one worker plants, each about persons of its own."""
    yield from _pair("sqlite://", tmp_path_factory.mktemp("worlds"))


def play(pair: Pair, case: Case) -> tuple[Player, Player]:
    """Ask the same of both worlds, about persons whom no earlier example was about."""
    run = next(RUNS)
    first, second = (date(1930, 1, 1) + timedelta(days=2 * run + each) for each in (0, 1))
    number, other = f"{first:%Y%m%d}2380", f"{second:%Y%m%d}2390"
    case = _about(case, run, number)
    players = Player(pair[0], case, number, other), Player(pair[1], case, number, other)
    for player, record in zip(players, (case.more, case.less), strict=True):
        if case.reader.as_ is Capacity.SYSTEM:  # what another reader's examples hid is its own
            _forget_all(player.world)
        player.fill(record)
        player.play()
    return players


def _forget_all(world: World) -> None:
    with world.store.write() as connection:
        for table in (*INDEX_TABLES.values(), RESOURCE_VERSION, RESOURCE):
            connection.execute(delete(table))


def _about(case: Case, run: int, number: str) -> Case:
    """The same with ids of its own, since a store has each only once."""
    reader = case.reader
    if reader == SIGNE_HERSELF:
        reader = replace(reader, person=f"{PERSONNUMMER}|{number}")
    return replace(
        case, reader=reader, more=_renamed(case.more, run), less=_renamed(case.less, run)
    )


def _renamed(record: Record, run: int) -> Record:
    def own(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(replace(each, resource=_with_ids(each.resource, run)) for each in rows)

    return replace(record, rows=own(record.rows), others=own(record.others))


def _with_ids(resource: Mapping[str, Any], run: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(resource).replace("@", f"x{run}"))
    return {**found, "id": f"x{run}{resource['id']}"}


def test_what_is_hidden_changes_no_answer(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    @settings(max_examples=EXAMPLES, phases=[Phase.generate])
    @given(cases())
    def indistinguishable(case: Case) -> None:
        assume(case.more != case.less)
        more, less = play(pair, case)
        assert differences(more.answers, less.answers) == []
        told = "".join(answer.body + str(answer.headers) for answer in more.answers)
        hidden = [f"zqx{row.resource['id']}x" for row in never_shown(case.reader, case.more)]
        assert not [each for each in hidden if each in told]

    with caplog.at_level(logging.DEBUG):
        indistinguishable()
    assert "zqx" not in caplog.text


def _known_case() -> Case:
    """A ward doctor, with every kind of hidden document beside what she may see."""

    def row(number: str, kind: str, owner: str, unit: str, **columns: Any) -> Row:  # noqa: ANN401
        text = f"zqx{number}x"
        elements: dict[str, Any] = {
            "Condition": {"code": {"text": text}},
            "Patient": {"name": [{"text": text}]},
            "Observation": {"status": "final", "code": {"text": "hb"}, "valueString": text},
            "Binary": {
                "contentType": "text/plain",
                "data": base64.b64encode(text.encode()).decode(),
            },
            "DocumentReference": {
                "status": "current",
                "content": [{"attachment": {"url": "Binary/@l-gone"}}],
            },
        }
        resource = {"resourceType": kind, "id": number, **elements[kind]}
        return Row(resource, documented(owner, unit, **columns))

    more = Record(
        facts(blocks=(OUTER,)),
        (
            row("a-ward", "Condition", REGION, WARD),
            _referring(row("b-ward", "Condition", REGION, WARD), "@c-gone"),
            row("c-gone", "Condition", OTHER_REGION, EMERGENCY, withdrawn=True),
            row("d-gone", "Condition", OTHER_REGION, EMERGENCY, withdrawn=True),
            row("e-blocked", "Condition", CLINIC, TALKS),
            row("f-blocked", "Condition", CLINIC, "SE5599999988-1002"),
            row("i-ward", "Observation", REGION, WARD),
            row("j-gone", "Observation", OTHER_REGION, EMERGENCY, withdrawn=True),
            row("k-ward", "Binary", REGION, WARD),
            row("l-gone", "Binary", OTHER_REGION, EMERGENCY, withdrawn=True),
            row("m-ward", "DocumentReference", REGION, WARD),
            row("g-who", "Patient", CLINIC, TALKS, withdrawn=True, info_type=DEMOGRAPHICS),
        ),
        (row("h-other", "Condition", CLINIC, TALKS),),
    )
    searches = (
        ("Condition", (("_count", "1"), ("_sort", "_id"))),
        ("Condition", (("_count", "4"),)),
        ("Condition", (("code:text", "zqxd"),)),
        ("Condition", (("evidence-detail:Condition.code:text", "zqx"),)),
        ("Condition", (("_sort", "_id"), ("_count", "1"), ("_include", "*"))),
    )
    return Case(WARD_DOCTOR, more, lesser(WARD_DOCTOR, more), OPENINGS[:1], searches)


def _known_case_of_a_system() -> Case:
    """The region's own system; what others hold is linked with what it may see, both ways."""

    def row(number: str, kind: str, owner: str, unit: str, **elements: Any) -> Row:  # noqa: ANN401
        usual: dict[str, Any] = {"code": {"coding": [{"code": "I10"}], "text": f"zqx{number}x"}}
        if kind == "Observation":
            usual |= {"status": "final", "valueQuantity": {"value": 7, "unit": "g"}}
        resource = {"resourceType": kind, "id": number, **usual, **elements}
        return Row(resource, documented(owner, unit))

    def focus(target: str) -> dict[str, Any]:
        return {"focus": [{"reference": f"Condition/@{target}"}]}

    more = Record(
        facts(blocks=(OUTER,)),
        (
            _referring(row("a-ward", "Condition", REGION, WARD), "@o-clinic", "Observation"),
            row("b-clinic", "Condition", CLINIC, TALKS),
            row("i-ward", "Observation", REGION, WARD, **focus("b-clinic")),
            row("o-clinic", "Observation", CLINIC, TALKS, **focus("a-ward")),
        ),
        (
            row("h-ward", "Condition", REGION, WARD),
            row("j-clinic", "Observation", CLINIC, TALKS, **focus("h-ward")),
        ),
    )
    case = Case(REGION_SYSTEM, more, lesser(REGION_SYSTEM, more), OPENINGS[:1], ())
    assert len(case.hidden) == 3
    return case


def _known_case_of_an_emergency() -> Case:
    """A ward doctor who may ask the clinic to lift, while others hold what says nothing to her."""

    def row(number: str, owner: str, unit: str, **columns: Any) -> Row:  # noqa: ANN401
        resource = {"resourceType": "Condition", "id": number, "code": {"text": f"zqx{number}x"}}
        return Row(resource, documented(owner, unit, **columns))

    social = replace(OUTER, id="social", owner=NAMND)
    elsewhere = Samtycke(Giver.SELF, KOMMUN, answer=True)
    more = Record(
        facts(blocks=(OUTER, social), consents=(CONSENT, elsewhere)),
        (
            row("a-ward", REGION, WARD),
            row("b-blocked", CLINIC, TALKS),
            row("c-social", NAMND, OFFICE, withdrawn=True),
        ),
    )
    less = lesser(WARD_DOCTOR, more, of_facts=True)
    case = Case(WARD_DOCTOR, more, less, OPENINGS[2:3], ())
    assert len(case.hidden) == 1
    assert elsewhere not in less.facts.consents
    assert social not in less.facts.blocks
    assert {CONSENT, OUTER} <= {*less.facts.consents, *less.facts.blocks}
    return case


def _referring(row: Row, target: str, kind: str = "Condition") -> Row:
    evidence = [{"detail": [{"reference": f"{kind}/{target}"}]}]
    return replace(row, resource={**row.resource, "evidence": evidence})


def test_the_known_case_tells_nothing(pair: Pair) -> None:
    case = _known_case()
    assert len(case.hidden) >= 5
    more, less = play(pair, case)
    assert differences(more.answers, less.answers) == []
    assert {200, 201, 400, 403, 404, 410, 422} <= {each.status for each in more.answers}


@pytest.mark.parametrize(
    "leak",
    [*LEAKS, *LEAKS_OF_OPERATIONS, *LEAKS_OF_BINARIES],
    ids=lambda leak: leak.__name__,
)
def test_every_leak_that_is_planted_is_noticed(
    standing_pair: Pair, leak: Leak, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(monkeypatch)
    more, less = play(standing_pair, _known_case())
    assert differences(more.answers, less.answers)


@pytest.mark.parametrize("leak", LEAKS_OF_OWN_DATA, ids=lambda leak: leak.__name__)
def test_every_leak_of_own_data_that_is_planted_is_noticed(
    standing_pair: Pair, leak: Leak, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(monkeypatch)
    more, less = play(standing_pair, _known_case_of_a_system())
    assert differences(more.answers, less.answers)


@pytest.mark.parametrize("leak", LEAKS_OF_ACTS, ids=lambda leak: leak.__name__)
def test_every_leak_of_acts_that_is_planted_is_noticed(
    standing_pair: Pair, leak: Leak, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak(monkeypatch)
    more, less = play(standing_pair, _known_case_of_an_emergency())
    assert differences(more.answers, less.answers)


def test_the_known_case_of_an_emergency_tells_nothing(pair: Pair) -> None:
    more, less = play(pair, _known_case_of_an_emergency())
    assert differences(more.answers, less.answers) == []
    lifts = [each for each in more.answers if "$request-lift" in each.asked]
    assert {200, 403} == {each.status for each in lifts}
    listed = [each for each in more.answers if each.asked.startswith("GET /fhir/Consent (")]
    assert {'"total":1' in each.body for each in listed if each.status == 200} == {True, False}


def test_the_known_case_of_a_system_tells_nothing(pair: Pair) -> None:
    more, less = play(pair, _known_case_of_a_system())
    assert differences(more.answers, less.answers) == []
    across = [each for each in more.answers if "'patient', 'Patient/" in each.asked]
    assert [each.status for each in across if "," in each.asked.split("Patient/")[1]]
