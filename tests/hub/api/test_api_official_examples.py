"""R4's own examples through the served hub: sent in JSON and in XML, read in both, value for value.

Source: FHIR R4 http.html. Ids, meta and the reference to the person aside, which the hub gives.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hub.api.own_documents import CREATED, PERSON_AT
from hub.fhir.json_codec import decode, encode
from hub.fhir.shape import elements
from hub.fhir.xml_codec import decode_xml, encode_xml
from tests.hub.fhir.official_examples import AGAINST_R4, examples, values
from tests.worlds.hub_world import REGION_SYSTEM, World, opened_world

XML = "application/fhir+xml"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as opened:
        yield opened


def _person_at(resource: Mapping[str, Any]) -> str | None:
    """Which element says whom the example is about; None where it holds its person itself."""
    allowed = [each for each in PERSON_AT if each in elements(resource["resourceType"])]
    name = next((each for each in allowed if each in resource), allowed[0])
    held = str(resource.get(name, {}).get("reference", "")).startswith("#")
    return None if held else name


def _kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """What the hub keeps: all but the id, and what it says of the version."""
    meta = {
        key: value
        for key, value in found.get("meta", {}).items()
        if key not in ("versionId", "lastUpdated")
    }
    rest = {key: value for key, value in found.items() if key not in ("id", "meta")}
    return {**rest, **({"meta": meta} if meta else {})}


@pytest.mark.parametrize("kind", sorted(CREATED))
def test_every_example_about_a_person_is_kept_as_it_was_published(world: World, kind: str) -> None:
    refused: dict[str, Any] = {}
    for name, written in examples(kind):
        at = _person_at(decode(written))
        if at is None:
            continue
        about = {at: {"reference": f"Patient/{world.person()}"}}
        resource = {**decode(written), **about}
        expected = _kept({**values(written), **about})
        for sent, content_type in (
            (encode(resource), "application/fhir+json"),
            (encode_xml(resource), XML),
        ):
            reply = world.post(REGION_SYSTEM, f"/fhir/{kind}", sent, content_type=content_type)
            if reply.status != 201:
                refused[name] = reply.json["issue"][:2]
                continue
            path = f"/fhir/{kind}/{reply.json['id']}"
            as_json = world.get(REGION_SYSTEM, path).body
            as_xml = world.get(REGION_SYSTEM, path, headers={"Accept": XML}).body
            for body in (as_json, encode(decode_xml(as_xml))):
                found = values(body)
                assert {"versionId", "lastUpdated"} <= found["meta"].keys()
                assert _kept(found) == expected, name
    assert {name: why for name, why in refused.items() if name not in AGAINST_R4} == {}
