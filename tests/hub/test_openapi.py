"""What /openapi.json describes is what is there: schemathesis sends what the description allows.

No answer is an error of the hub's own, and every one has a status, a media type and a form that the
description names.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi import checks

from hub.openapi import described
from tests.worlds.hub_world import REGION_SYSTEM, World, opened_world

EXAMPLES = 15
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("world")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as opened:
        yield opened


def test_what_is_described_is_there(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token(REGION_SYSTEM)}"}
    tried = set()
    schema = schemathesis.openapi.from_asgi("/openapi.json", world.http.app)
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def holds(case: Case) -> None:
            reply = case.call(headers=headers)
            case.validate_response(reply, checks=CHECKS)

        holds()
        tried.add(operation.path)
    assert tried == set(json.loads(described())["paths"])


ELSEWHERE = {
    "/fhir": "/fhir/metadata",
    "/fhir/{rest:path}": "/fhir/metadata",
    "/ingest/{rest:path}": "one path for each adapter, described",
    "/soap/{operation}": "its WSDL, at ?wsdl",
    "/openapi.json": "the description itself",
}
"""What describes what is not in the description."""


def test_every_path_is_described_there_or_elsewhere(world: World) -> None:
    paths = {route.path for route in world.http.app.routes}
    own = {path for path in paths if not path.startswith("/granskning")}  # pages for people
    assert own - set(json.loads(described())["paths"]) == set(ELSEWHERE)
