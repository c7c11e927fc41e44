"""Real documents that are not in the project go in by the command line and come out over FHIR.

They come out for the owner's staff with a relation, and not for another organisation's doctor, even
with a relation and consent: most of them name no care giver, so they fall to the source's owner and
are for that owner's own staff only.
"""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from typer.testing import CliRunner

from consent.facts import Facts, Giver, Relation, RelationKind, RelationState, Samtycke
from hub.auth.built_in import TokenRequest
from hub.cli.main import app
from hub.store.schema.fact import IDENTITY
from hub.store.schema.resource import RESOURCE
from tests.worlds.hub_world import (
    EMERGENCY_DOCTOR,
    OTHER_REGION,
    REGION,
    WARD_DOCTOR,
    World,
    opened_world,
    stated,
)

FOLDERS = (
    "clinicalprocess_healthcond_description_3.0.5/samples/GetDiagnosis",
    "clinicalprocess_healthcond_description_3.0.5/samples/GetCareDocumentation",
    "legacy/clinicalprocess_healthcond_description_2.1.1/samples/GetCareDocumentation",
    "clinicalprocess_activityprescription_actoutcome_2.2.1/samples/GetMedicationHistory",
    "legacy/clinicalprocess_logistics_logistics_3.0_RC3/samples/GetCarePlans",
)
TYPES = ("Condition", "DocumentReference", "MedicationRequest", "CarePlan")
# The ids that some samples write where a care giver belongs; they name nobody.
WRITTEN = ("SE2321000016-CG01", "566810", "987")
SOURCE = f"""
sources:
  - id: shared
    adapter: rivta
    owners: [{REGION}]
    owner_of: [{", ".join(f'{{hsa: "{each}", owner: {REGION}}}' for each in WRITTEN)}]
    fallback: {{owner: {REGION}, unit: null}}
"""


def _ingest(url: str, shared: Path, folder: Path) -> list[dict[str, object]]:
    sources = folder / "sources.yaml"
    sources.write_text(SOURCE, encoding="utf-8")
    command = CliRunner()
    loaded = command.invoke(app, ["sources", "load", str(sources), "--store", url])
    assert loaded.exit_code == 0, loaded.output
    paths = [str(shared / "rivta" / each) for each in FOLDERS]
    taken = command.invoke(app, ["ingest", *paths, "--source", "shared", "--json", "--store", url])
    assert taken.exit_code == 1  # among the samples are faults, which are the source's errors
    return [json.loads(line) for line in taken.stdout.splitlines()]


def _numbers(world: World) -> list[str]:
    with world.store.read() as connection:
        return list(connection.execute(select(IDENTITY.c.value)).scalars())


def _read(world: World, number: str, who: TokenRequest) -> Counter[str]:
    """How many of each type a reader gets."""
    session = world.session(who, *stated(relevance=True, activeChoice="content"), number=number)
    totals: Counter[str] = Counter()
    for kind in TYPES:
        asked = {"patient": world.person(number)}
        found = world.get(who, f"/fhir/{kind}", asked, session=session).json
        assert len(found.get("entry", [])) == found["total"]
        totals[kind] = found["total"]
    return totals


def _held(world: World, *where: ColumnElement[bool]) -> Counter[str]:
    """How many of each type the store holds, by the columns that were written."""
    statement = (
        select(RESOURCE.c.type, func.count())
        .where(RESOURCE.c.type.in_(TYPES), *where)
        .group_by(RESOURCE.c.type)
    )
    with world.store.read() as connection:
        return Counter({row[0]: row[1] for row in connection.execute(statement)})


def test_shared_answers_are_read_by_the_owners_staff_and_by_nobody_else(
    store_url: str, shared: Path, tmp_path: Path
) -> None:
    with opened_world(store_url, tmp_path) as world:
        receipts = _ingest(store_url, shared, tmp_path)
        assert {each["state"] for each in receipts} <= {
            "stored",
            "replaced",
            "unchanged",
            "rejected",
            "source_error",
        }
        world.clock.now = datetime.now(UTC) + timedelta(seconds=1)  # after what was taken in
        facts = Facts(
            relations=tuple(
                Relation(each, RelationKind.PATIENT, RelationState.CURRENT)
                for each in (REGION, OTHER_REGION)
            ),
            consents=(Samtycke(Giver.SELF, OTHER_REGION, answer=True),),
        )
        mine: Counter[str] = Counter()
        theirs: Counter[str] = Counter()
        for number in _numbers(world):
            world.know(facts, number)
            mine += _read(world, number, WARD_DOCTOR)
            theirs += _read(world, number, EMERGENCY_DOCTOR)
        assert all(mine[kind] > 0 for kind in TYPES), mine
        assert mine == _held(world)
        # Others get only what names both care giver and unit: GetDiagnosis names no care giver.
        assert theirs == _held(world, RESOURCE.c.availability == "2:4")
        assert theirs["Condition"] == 0
