"""R4's own examples through the served hub: sent in JSON and in XML, read in both, value for value.

Source: FHIR R4 http.html. Ids, meta and the reference to the person aside, which the hub gives.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.api.own_documents import CREATED, PERSON_AT
from hub.fhir.json_codec import decode, encode
from hub.fhir.xml_codec import decode_xml, encode_xml
from tests.hub.fhir.official_examples import AGAINST_R4, examples, values
from tests.worlds.hub_world import REGION_SYSTEM, World, opened_world

XML = "application/fhir+xml"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with opened_world(f"sqlite:///{folder / 'samvy.db'}", folder) as opened:
        yield opened


def _about(written: bytes, person: str) -> dict[str, Any] | None:
    """The example about a person of the hub; None where it names nobody, or holds them itself."""
    resource: dict[str, Any] = dict(decode(written))
    for name in PERSON_AT:
        named = resource.get(name)
        if isinstance(named, dict) and not named.get("reference", "").startswith("#"):
            return {**resource, name: {"reference": f"Patient/{person}"}}
    return None


def _without_what_the_hub_gives(body: bytes) -> Any:  # noqa: ANN401 -- JSON
    found = values(body)
    given = {key: found.get("meta", {}).get(key) for key in ("versionId", "lastUpdated")}
    assert all(given.values())
    meta = {key: value for key, value in found["meta"].items() if key not in given}
    return {
        **{key: value for key, value in found.items() if key not in ("id", "meta")},
        **({"meta": meta} if meta else {}),
    }


def _expected(resource: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    found = values(encode(resource))
    meta = {
        key: value
        for key, value in found.get("meta", {}).items()
        if key not in ("versionId", "lastUpdated")
    }
    return {
        **{key: value for key, value in found.items() if key not in ("id", "meta")},
        **({"meta": meta} if meta else {}),
    }


@pytest.mark.parametrize("kind", sorted(CREATED))
def test_every_example_that_names_a_person_is_kept_as_it_was_sent(world: World, kind: str) -> None:
    refused: dict[str, Any] = {}
    for name, written in examples(kind):
        resource = _about(written, world.person())
        if resource is None:
            continue
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
                assert _without_what_the_hub_gives(body) == _expected(resource), name
    assert {name: why for name, why in refused.items() if name not in AGAINST_R4} == {}
