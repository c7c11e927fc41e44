"""A vendor's atomic transactions of 100 entries: checked, indexed, logged and durable.

Source: DESIGN §7 row 7. What a journal system sends after a visit: an encounter, diagnoses,
observations with quantities, prescriptions, procedures and notes that refer to it by urn:uuid, with
codes, identifiers and performers. The application is asked in this process, without a socket; the
figure counts the seconds of a core that the hub used, so that it holds beside other work.
"""

import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.fhir.json_codec import encode
from tests.bench.bench_api import database
from tests.bench.row import Row
from tests.worlds.hub_world import REGION_SYSTEM, World, opened_world
from tests.worlds.usual import facts

ENTRIES = 100
TRANSACTIONS = int(os.environ.get("SAMVY_BENCH_TRANSACTIONS", "15"))
LEAST = 600.0
Json = dict[str, Any]


def rows() -> Iterator[Row]:
    """Yield the resources a second, of a new record and of one that holds thousands."""
    if "SAMVY_TEST_POSTGRES" not in os.environ:
        yield Row("PostgreSQL", 0, "", note="SAMVY_TEST_POSTGRES names no server: not measured")
        return
    with (
        database() as url,
        tempfile.TemporaryDirectory() as folder,
        opened_world(url, Path(folder)) as world,
    ):
        world.know(facts())
        _send(world, 2)  # shapes, extractors and statements are made by then
        for what in ("a small record", "a larger record"):
            began, own = time.perf_counter(), time.process_time()
            _send(world, TRANSACTIONS)
            took, used = time.perf_counter() - began, time.process_time() - own
            made = ENTRIES * TRANSACTIONS
            note = f"{made:,} resources, {made / took:,.0f}/s by the clock"
            name = f"transactions of {ENTRIES} entries, {what}"
            yield Row(name, made / used, "resources/s of a core", least=LEAST, note=note)


def _send(world: World, times: int) -> None:
    for _ in range(times):
        reply = world.post(REGION_SYSTEM, "/fhir", encode(visit(world.person())))
        assert reply.status == 200, reply.body
        assert all(each["response"]["status"] == "201 Created" for each in reply.json["entry"])


def visit(person: str) -> Json:
    """Return a transaction of a hundred entries about one visit."""
    encounter = f"urn:uuid:{uuid.uuid4()}"
    made = [_encounter(person)]
    kinds = (_observation, _observation, _observation, _observation, _condition, _prescription,
             _observation, _procedure, _observation, _note)  # fmt: skip
    made += [kinds[n % len(kinds)](person, encounter, n) for n in range(ENTRIES - 1)]
    entries = [
        {
            "fullUrl": encounter if number == 0 else f"urn:uuid:{uuid.uuid4()}",
            "resource": each,
            "request": {"method": "POST", "url": each["resourceType"]},
        }
        for number, each in enumerate(made)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _concept(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _common(kind: str, person: str, n: int) -> Json:
    return {
        "resourceType": kind,
        "identifier": [{"system": "urn:oid:1.2.752.1.1", "value": f"{kind}-{n}"}],
        "subject": {"reference": f"Patient/{person}"},
    }


PERFORMER = {
    "type": "Practitioner",
    "identifier": {"system": "urn:oid:1.2.752.29.4.19", "value": "SE2329999990-P001"},
    "display": "Invented",
}
SNOMED, KVA = "http://snomed.info/sct", "urn:oid:1.2.752.116.1.3.2.1.4"


def _encounter(person: str) -> Json:
    return {
        **_common("Encounter", person, 0),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "period": {"start": "2026-03-10T09:00:00+01:00", "end": "2026-03-10T09:40:00+01:00"},
    }


def _observation(person: str, encounter: str, n: int) -> Json:
    return {
        **_common("Observation", person, n),
        "status": "final",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/observation-category",
                              "laboratory", "Laboratory")],
        "code": _concept("urn:oid:1.2.752.108.1", f"NPU{n:05}", "P-Glukos"),
        "encounter": {"reference": encounter},
        "effectiveDateTime": "2026-03-10T09:10:00+01:00",
        "issued": "2026-03-10T09:20:00.000+01:00",
        "performer": [PERFORMER],
        "valueQuantity": {"value": 5 + n, "unit": "mmol/L", "code": "mmol/L",
                          "system": "http://unitsofmeasure.org"},
        "referenceRange": [{"low": {"value": 4}, "high": {"value": 6}, "text": "4-6"}],
    }  # fmt: skip


def _condition(person: str, encounter: str, n: int) -> Json:
    return {
        **_common("Condition", person, n),
        "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
            "code": "active"}]},
        "code": _concept("urn:oid:1.2.752.116.1.1.1.1.3", f"I{n:02}.9", "Hypertoni"),
        "encounter": {"reference": encounter},
        "recordedDate": "2026-03-10",
        "asserter": PERFORMER,
    }  # fmt: skip


def _prescription(person: str, encounter: str, n: int) -> Json:
    return {
        **_common("MedicationRequest", person, n),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept("http://www.whocc.no/atc", "C07AB02", "Metoprolol"),
        "encounter": {"reference": encounter},
        "authoredOn": "2026-03-10",
        "requester": PERFORMER,
        "dosageInstruction": [{
            "text": "1 tablett morgon och kväll",
            "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablett"}}]}],
    }  # fmt: skip


def _procedure(person: str, encounter: str, n: int) -> Json:
    return {
        **_common("Procedure", person, n),
        "status": "completed",
        "code": _concept(KVA, "AF021", "Blodtrycksmätning"),
        "encounter": {"reference": encounter},
        "performedDateTime": "2026-03-10T09:15:00+01:00",
        "performer": [{"actor": PERFORMER}],
    }


def _note(person: str, encounter: str, n: int) -> Json:
    return {
        **_common("DocumentReference", person, n),
        "status": "current",
        "type": _concept("urn:oid:1.2.752.129.2.2.2.11", "bes", "Besöksanteckning"),
        "date": "2026-03-10T09:40:00+01:00",
        "author": [PERFORMER],
        "context": {"encounter": [{"reference": encounter}]},
        "content": [{"attachment": {"contentType": "text/plain", "language": "sv",
                                    "data": "QmVzw7ZrIGV0dC4g" * 40}}],
    }  # fmt: skip
