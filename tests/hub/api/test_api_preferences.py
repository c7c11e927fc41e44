"""Prefer, Accept and conditions as clients write them: in any case, in quotes, in several lines.

Source: RFC 7240 §2; RFC 9110 §5.3, §13.1.
"""

import pytest
from starlette.datastructures import Headers

from hub.api.conditions import conditions
from hub.api.preferences import preferences
from tests.hub.api.interacting import put, stored
from tests.worlds.hub_world import WARD_DOCTOR, World
from tests.worlds.usual import fill


@pytest.mark.parametrize(
    ("prefer", "found"),
    [
        ("return=minimal", {"return": "minimal"}),
        ('Return="Minimal"', {"return": "Minimal"}),
        ("handling = strict , return=minimal", {"handling": "strict", "return": "minimal"}),
        ("respond-async; handling=strict", {"respond-async": "", "handling": "strict"}),
        ("return=minimal, return=representation", {"return": "minimal"}),
        ("return=minimalistic", {"return": "minimalistic"}),
        ('return="minimal', {}),
        ("", {}),
    ],
)
def test_preferences_are_read_as_they_are_written(prefer: str, found: dict[str, str]) -> None:
    assert dict(preferences(prefer)) == found


@pytest.mark.parametrize("prefer", ['return="minimal"', "RETURN=MINIMAL", "x=y; return=minimal"])
def test_a_write_without_its_resource(written_world: World, prefer: str) -> None:
    number = stored(written_world)
    assert put(written_world, number, "Gikt", Prefer=prefer).body == b""
    assert put(written_world, number, "Astma", Prefer="return=minimalistic").body


def test_strict_handling_in_quotes(standing_world: World) -> None:
    path = f"/fhir/Condition?patient={standing_world.person()}&colour=red"
    for prefer, status in (('handling="strict"', 400), ("handling=strictly", 200)):
        reply = standing_world.get(WARD_DOCTOR, path, headers={"Prefer": prefer})
        assert reply.status == status, prefer


def test_a_list_in_several_lines_is_one_list() -> None:
    lines = [(b"if-match", b'W/"1"'), (b"if-match", b'W/"2"'), (b"if-none-match", b'"3"')]
    found = conditions(Headers(raw=lines))
    found.require(2)
    assert not found.unchanged(2, 0)
    assert found.unchanged(3, 0)


def test_a_kept_search_forgets_no_name_of_the_person(world: World) -> None:
    """Whom a number names is looked up, also where the person's id is given and was seen before."""
    fill(world)
    asked = {"patient": world.person()}
    for _ in range(2):
        assert world.get(WARD_DOCTOR, "/fhir/Condition", asked).status == 200
    for name in ("subject.identifier", "patient:identifier"):
        reply = world.get(WARD_DOCTOR, "/fhir/Condition", {**asked, name: "nobody"})
        assert (reply.status, reply.codes) == (403, ["too-broad"]), name


def test_what_is_searched_for_in_another_form_is_refused(standing_world: World) -> None:
    """Passed over, it would find more than was asked for."""
    headers = standing_world.headers(WARD_DOCTOR)
    for kind in ("application/fhir+json", "application/xml", "text/plain"):
        path = f"/fhir/Condition/_search?patient={standing_world.person()}"
        for body, status in ((b'{"code":"x"}', 415), (b"", 200)):
            sent = {**headers, "content-type": kind}
            assert standing_world.http.send("POST", path, sent, body).status == status, kind


def test_a_type_of_a_body_that_is_not_there_says_nothing(standing_world: World) -> None:
    for kind in ("application/fhir+xml", "application/fhir+json", "image/png"):
        headers = {**standing_world.headers(WARD_DOCTOR), "content-type": kind}
        reply = standing_world.http.send("GET", "/fhir/Condition/ward-1", headers)
        assert reply.status == 200, kind
