"""Clients that others wrote read and search the hub over a socket.

Source: FHIR R4 http.html, search.html. Whatever they send, headers and forms among them, is
what a vendor's code sends.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.condition import Condition
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import ForbiddenError, ResourceNotFound

from hub.api.app import create_app
from hub.cli.serve import LOOPBACK, listening
from hub.demo.server import served
from hub.serving import configuration
from tests.worlds.hub_world import WARD_DOCTOR, World
from tests.worlds.usual import HIDDEN, fill

NODE = Path(__file__).parents[2] / "node"


@pytest.fixture
def root(small_world: World) -> Iterator[str]:
    fill(small_world)
    listener = listening(LOOPBACK, 0)
    with served(configuration(create_app(small_world.hub)), listener):
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
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "fhir-kit-client").is_dir():
        pytest.skip("node, or the packages of tests/node, are not here: npm ci in tests/node")
    token = small_world.headers(WARD_DOCTOR)["Authorization"].removeprefix("Bearer ")
    person = small_world.person()
    done = subprocess.run(  # our own script and arguments
        [node, "search.mjs", root, token, person],
        cwd=NODE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["version"], told["read"], told["hidden"]) == ("4.0.1", "Hypertoni", 404)
    conditions = [each for each in told["found"] if each.startswith("Condition/")]
    assert {"Condition/ward-1", "Condition/ward-2"} <= set(conditions)
    assert conditions == sorted(set(conditions), reverse=True)
    assert told["found"].count(f"Patient/{person}") == len(conditions)  # each page brings its own
    assert told["posted"] == ["ward-2"]
    assert told["compartment"] == len(conditions)
