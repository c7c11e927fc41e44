"""The directory over FHIR: searched without a person, and about nobody's care.

Source: DESIGN §3, FHIR R4 search.html, docs/decisions/0020.
"""

from dataclasses import replace

import pytest

from hub.fhir.check import check
from hub.store.directory import load_organisations
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    CLINIC,
    KOMMUN,
    NAMND,
    ORGANISATIONS,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    THERAPIST,
    WARD,
    WARD_DOCTOR,
    World,
    documented,
)

HSA = "urn:oid:1.2.752.29.4.19"


def _search(
    world: World, kind: str, *asked: tuple[str, str], reader: object = WARD_DOCTOR
) -> Reply:
    reply = world.get(reader, f"/fhir/{kind}", [*asked, ("_count", "100")])  # type: ignore[arg-type]  # a token request
    assert reply.status == 200, reply.body
    return reply


def _numbers(reply: Reply) -> set[str]:
    return {each["identifier"][0]["value"] for each in reply.resources}


FOUND = [
    ("Organization", (("identifier", f"{HSA}|{REGION}"),), {REGION}),
    ("Organization", (("identifier", REGION),), {REGION}),
    ("Organization", (("name", "NAME OF SE2329999990-1001"),), {WARD}),
    ("Organization", (("name:contains", "9990-1001"),), {WARD}),
    ("Organization", (("name:exact", f"name of {REGION}"),), set()),
    ("Organization", (("partof.identifier", KOMMUN), ("type:text", "omsorg")), {NAMND}),
    ("Location", (("organization.partof.identifier", CLINIC),), {"SE5599999988-1001"}),
    ("Organization", (("_has:Location:organization:identifier", WARD),), {WARD}),
    ("Practitioner", (("name", "invented"), ("identifier", "surgeon")), {"surgeon"}),
    ("PractitionerRole", (("practitioner.identifier", "surgeon"),), {"surgeon-A"}),
    ("PractitionerRole", (("date", "ge2024"), ("location.identifier", WARD)),
     {"ward-doctor-A", "auditor-A"}),
    ("PractitionerRole", (("date", "lt2024"),), set()),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "asked", "numbers"), FOUND, ids=range(len(FOUND)))
def test_every_kind_of_search_finds(
    standing_world: World, kind: str, asked: tuple[tuple[str, str], ...], numbers: set[str]
) -> None:
    assert _numbers(_search(standing_world, kind, *asked)) == numbers


def test_entries_are_valid_and_lead_to_each_other(standing_world: World) -> None:
    for kind in ("Organization", "Location", "Practitioner", "PractitionerRole"):
        resources = _search(standing_world, kind).resources
        assert resources
        for each in resources:
            assert [issue for issue in check(each) if issue.severity == "error"] == []
            path = f"/fhir/{kind}/{each['id']}"
            assert standing_world.get(WARD_DOCTOR, path).json == each
    (role,) = _search(standing_world, "PractitionerRole", ("identifier", "surgeon-A")).resources
    for name in ("practitioner", "organization"):
        path = f"/fhir/{role[name]['reference']}"
        assert standing_world.get(WARD_DOCTOR, path).status == 200


def test_staff_are_shown_to_their_own_organisation_alone(standing_world: World) -> None:
    ours = _search(standing_world, "Practitioner").resources
    assert {each["identifier"][0]["value"] for each in ours} == {
        "ward-doctor", "surgeon", "auditor"
    }  # fmt: skip
    path = f"/fhir/Practitioner/{ours[0]['id']}"
    nothing = standing_world.get(THERAPIST, "/fhir/Practitioner/directory-nothing")
    for reader in (THERAPIST, SIGNE_HERSELF):
        reply = standing_world.get(reader, path)
        assert (reply.status, reply.body) == (404, nothing.body)
        assert not {each["id"] for each in ours} & set(
            _search(standing_world, "Practitioner", reader=reader).ids
        )
    assert _numbers(_search(standing_world, "Organization", reader=SIGNE_HERSELF)) >= {REGION}
    chained = _search(
        standing_world, "PractitionerRole", ("practitioner.name", "invented"), reader=THERAPIST
    )
    assert _numbers(chained) == {"therapist-A", "officer-A"}


def test_what_stands_in_a_record_is_not_in_the_directory(small_world: World) -> None:
    sent = {"resourceType": "Organization", "id": "sent", "name": "Zqx-kliniken"}
    small_world.hold([(sent, documented(REGION, WARD))])
    assert _search(small_world, "Organization", ("name", "zqx")).ids == []
    assert small_world.get(REGION_SYSTEM, "/fhir/Organization/sent").status == 200


def test_pages_posts_and_mistakes(standing_world: World) -> None:
    ids, path = [], "/fhir/Organization?_count=4&_sort=name"
    while path:
        reply = standing_world.get(WARD_DOCTOR, path)
        ids += reply.ids
        assert ("total" in reply.json) == (len(ids) <= 4)
        path = reply.link("next") or ""
    whole = _search(standing_world, "Organization", ("_sort", "name"))
    assert ids == whole.ids
    by_post = standing_world.form(WARD_DOCTOR, "/fhir/Organization/_search", {"identifier": REGION})
    assert by_post.json["total"] == 1
    for asked in (("near", "59|18"), ("name:not", "x"), ("_sort", "colour"), ("_page", "x")):
        reply = standing_world.get(WARD_DOCTOR, "/fhir/Location", [asked])
        assert reply.status == 400, asked
    strict = {"Prefer": "handling=strict"}
    unknown = [("colour", "red")]
    reply = standing_world.get(WARD_DOCTOR, "/fhir/Location", unknown, headers=strict)
    assert (reply.status, reply.codes) == (400, ["unknown-parameter"])
    assert standing_world.get(None, "/fhir/Location").status == 401


def test_the_directory_of_the_moment_is_searched(small_world: World) -> None:
    assert _search(small_world, "Organization", ("name", "nytt")).ids == []
    (clinic,) = [each for each in ORGANISATIONS if each.id == CLINIC]
    with small_world.store.write() as connection:
        load_organisations(connection, [replace(clinic, name="Nytt namn")], small_world.clock.now)
    assert _numbers(_search(small_world, "Organization", ("name", "nytt"))) == {CLINIC}
