"""Clients that others wrote read, search and write over a socket.

Source: FHIR R4 http.html, search.html. Whatever they send, headers and forms among them, is
what a vendor's code sends.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.condition import Condition
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import ForbiddenError, OperationOutcome, ResourceNotFound

from hub.application import application
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from tests.worlds.hub_world import ORGANISATIONS, REGION, REGION_SYSTEM, WARD_DOCTOR, World
from tests.worlds.usual import HIDDEN, fill

NODE = Path(__file__).parents[2] / "node"


@pytest.fixture
def root(small_world: World) -> Iterator[str]:
    fill(small_world)
    listener = listening(LOOPBACK, 0)
    with served(configuration(application(small_world.hub)), listener):
        host, port = listener.getsockname()[:2]
        yield f"http://{host}:{port}/fhir"


def test_fhirpy_reads_and_searches(small_world: World, root: str) -> None:
    token = small_world.headers(WARD_DOCTOR)["Authorization"]
    client = SyncFHIRClient(root, authorization=token)
    person = small_world.person()
    assert client.reference("Condition", "ward-1").to_resource()["code"]["text"] == "Hypertoni"
    with pytest.raises(ResourceNotFound):
        client.reference("Condition", "gone-1").to_resource()
    search = client.resources("Condition").search(patient=person).sort("-_id").limit(1)
    found = [each["id"] for each in search.fetch_all()]  # every page
    assert {"ward-1", "ward-2"} <= set(found)
    assert found == sorted(found, reverse=True)
    assert search.count() == len(found)
    texts = client.resources("Condition").search(patient=person, code__text="astma").fetch()
    assert [each["id"] for each in texts] == ["ward-2"]
    assert HIDDEN not in str(found)
    patients = client.resources("Condition").search(patient=person).include("Condition", "subject")
    kinds = {each.resource.resource_type for each in patients.fetch_raw()["entry"]}
    assert kinds == {"Condition", "Patient"}
    with pytest.raises(ForbiddenError):
        client.resources("Condition").search(code="x").fetch()


def test_fhirclient_reads_and_searches(small_world: World, root: str) -> None:
    client = FHIRClient(settings={"app_id": "test", "api_base": root})
    authorization = small_world.headers(WARD_DOCTOR)["Authorization"]
    client.server.session.headers["Authorization"] = authorization
    assert client.server.capabilityStatement.fhirVersion == "4.0.1"
    read = Condition.read("ward-1", client.server)
    assert read.code.text == "Hypertoni"
    asked = {"patient": small_world.person(), "_sort": "_id"}
    found = list(Condition.where(asked).perform_resources_iter(client.server))
    assert {"ward-1", "ward-2"} <= {each.id for each in found}


def test_fhir_kit_client_reads_and_searches(small_world: World, root: str) -> None:
    person = small_world.person()
    told = _told_by_node("search.mjs", root, small_world.headers(WARD_DOCTOR), person)
    assert (told["version"], told["read"], told["hidden"]) == ("4.0.1", "Hypertoni", 404)
    conditions = [each for each in told["found"] if each.startswith("Condition/")]
    assert {"Condition/ward-1", "Condition/ward-2"} <= set(conditions)
    assert conditions == sorted(set(conditions), reverse=True)
    assert told["found"].count(f"Patient/{person}") == len(conditions)  # each page brings its own
    assert told["posted"] == ["ward-2"]
    assert told["compartment"] == len(conditions)


def _told_by_node(script: str, root: str, headers: dict[str, str], person: str) -> Any:  # noqa: ANN401  # JSON
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "fhir-kit-client").is_dir():
        pytest.skip("node, or the packages of tests/node, are not here: npm ci in tests/node")
    token = headers["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(  # our own script and arguments
        [node, script, root, token, person],
        cwd=NODE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_fhir_kit_client_writes(small_world: World, root: str) -> None:
    headers = small_world.headers(REGION_SYSTEM)
    told = _told_by_node("write.mjs", root, headers, small_world.person())
    assert told["texts"] == ["ett", "två", "tre", "ett"]
    assert told["versions"] == ["3", "2", "1"]
    assert told["statuses"] == ["201 Created", "201 Created"]
    assert told["everything"] > 3
    assert (told["invalid"], told["gone"]) == (422, 410)
    units = sum(len(each.units) for each in ORGANISATIONS)
    assert told["organisations"] == len(ORGANISATIONS) + units


def test_fhirpy_writes(small_world: World, root: str) -> None:
    client = SyncFHIRClient(root, small_world.headers(REGION_SYSTEM)["Authorization"])
    subject = {"reference": f"Patient/{small_world.person()}"}
    made = client.resource("Condition", subject=subject, code={"text": "ett"})
    made.save()
    assert made["meta"]["versionId"] == "1"
    made["code"] = {"text": "två"}
    made.save()
    assert made["meta"]["versionId"] == "2"
    with pytest.raises(OperationOutcome) as partial:  # a part of a resource is no patch of R4
        made.patch(code={"text": "tre"})
    assert "fhirpatch.html" in str(partial.value.resource)
    there = client.resources("Condition").search(patient=small_world.person(), _id=made.id)
    with pytest.raises(OperationOutcome) as twice:  # it puts criteria in the URL of a create
        there.get_or_create(made)
    assert "If-None-Exist" in str(twice.value.resource)
    with pytest.raises(OperationOutcome) as wrong:
        client.resource("Condition", subject=subject, colour="red").save()
    assert "invalid-resource" in str(wrong.value.resource)
    made.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Condition", made.id).to_resource()
    organisations = client.resources("Organization").search(identifier=REGION).fetch()
    assert [each["name"] for each in organisations] == [f"Name of {REGION}"]


def test_fhirclient_writes(small_world: World, root: str) -> None:
    client = FHIRClient(settings={"app_id": "test", "api_base": root})
    authorization = small_world.headers(REGION_SYSTEM)["Authorization"]
    client.server.session.headers["Authorization"] = authorization
    sent = {
        "resourceType": "Condition",
        "subject": {"reference": f"Patient/{small_world.person()}"},
        "code": {"text": "ett"},
    }
    made = Condition(sent).create(client.server)
    read = Condition.read(made["id"], client.server)
    read.code.text = "två"
    assert read.update(client.server)["meta"]["versionId"] == "2"
    assert Condition.read(made["id"], client.server).code.text == "två"
    read.delete(client.server)
    found = Condition.where({"patient": small_world.person(), "_id": made["id"]})
    assert list(found.perform_resources_iter(client.server)) == []
