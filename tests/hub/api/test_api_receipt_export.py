"""A receipt for each file of an export: it verifies, and commits to what left, person by person."""

import json
import threading
from datetime import timedelta

from hub.api import receipt as receipts
from hub.audit.verify_receipt import verify_receipt
from tests.bench.made_export import number
from tests.hub.api.test_api_receipt import PREFER, proven, received
from tests.hub.api.test_api_receipt_refused import commits_to_all
from tests.worlds.hub_world import REGION, REGION_SYSTEM, WARD, World, condition, documented
from tests.worlds.usual import facts, fill

MANY = receipts.MOST_RECORDS + 5


def _files(world: World) -> dict[str, str]:
    """An export's files by type, once it is done."""
    asked = {"Prefer": "respond-async"}
    begun = world.get(REGION_SYSTEM, "/fhir/$export?_type=Condition,Patient", headers=asked)
    assert begun.status == 202
    for thread in threading.enumerate():
        if thread.name == "export-work":
            thread.join(timeout=60)
    status = begun.headers["content-location"].removeprefix("http://hub.test")
    found = world.get(REGION_SYSTEM, status).json["output"]
    return {each["type"]: each["url"].removeprefix("http://hub.test") for each in found}


def test_each_file_has_a_receipt_that_verifies(world: World) -> None:
    fill(world)
    for index in range(MANY):
        other = number(index)
        one = condition(world.person(other), f"many-{index}")
        world.know(facts(), other)
        world.hold([(one, documented(REGION, WARD))], other)
    world.clock.forward(timedelta(seconds=1))
    files = _files(world)
    assert set(files) == {"Condition", "Patient"}
    for kind, address in files.items():
        reply = world.get(REGION_SYSTEM, address, headers=PREFER)
        assert len(reply.body.splitlines()) > receipts.MOST_RECORDS, kind
        receipt = received(reply)
        said = json.loads(receipt["receipt"])
        assert said["outcome"] == "permit"
        assert bool(said["sections"]) == (kind == "Condition")  # the hub's own Patient needs none
        report = verify_receipt(json.dumps(proven(world, receipt)).encode())
        assert (report["verified"], report["sequenced"]) == (True, True), (kind, report)
        commits_to_all(world, reply)
