"""Entries of a transaction that name one another, by every kind of link that R4 has.

Source: FHIR R4 http.html#trules, bundle.html#references.
"""

from typing import Any

import pytest

from tests.worlds.hub_world import REGION_SYSTEM, Json, World

DOCUMENT, CONTENT = (f"urn:uuid:0b0e1b1e-0000-4000-8000-00000000000{each}" for each in (1, 2))
XHTML = "http://www.w3.org/1999/xhtml"


def _sent(world: World, *entries: tuple[str | None, Json]) -> list[Json]:
    """The resources as they are stored."""
    made = [
        {
            **({"fullUrl": url} if url else {}),
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for url, resource in entries
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": made}
    reply = world.post(REGION_SYSTEM, "/fhir", bundle)
    assert reply.status == 200, reply.body
    places = [each["response"]["location"] for each in reply.json["entry"]]
    paths = [f"/fhir/{each.partition('/_history')[0]}" for each in places]
    return [world.get(REGION_SYSTEM, each).json for each in paths]


def _document(world: World, **elements: Any) -> Json:  # noqa: ANN401
    content = [{"attachment": {"contentType": "text/plain", "url": CONTENT}}]
    subject = {"reference": f"Patient/{world.person()}"}
    document = {"resourceType": "DocumentReference", "status": "current"}
    return {**document, "subject": subject, "content": content, **elements}


def _content(world: World) -> Json:
    context = {"reference": f"Patient/{world.person()}"}
    return {
        "resourceType": "Binary",
        "contentType": "text/plain",
        "securityContext": context,
        "data": "eA==",
    }


def test_an_attachment_and_a_narrative_lead_to_what_was_made(world: World) -> None:
    div = (
        f'<div xmlns="{XHTML}"><a href="{CONTENT}">se</a><img src=\'{CONTENT}\' alt="{CONTENT}"/>'
        f"{CONTENT}</div>"
    )
    extension = {"url": "http://x.example/e", "valueUri": CONTENT}
    written = _document(
        world,
        text={"status": "additional", "div": div},
        identifier=[{"system": "urn:ietf:rfc:3986", "value": CONTENT}],
        extension=[extension, {"url": "http://x.example/c", "valueCanonical": CONTENT}],
        contained=[{"resourceType": "Medication", "id": "m", "implicitRules": CONTENT}],
        related=None,
    )
    del written["related"]
    written["context"] = {"related": [{"reference": "#m"}]}
    document, content = _sent(world, (DOCUMENT, written), (CONTENT, _content(world)))
    made = f"Binary/{content['id']}"
    assert document["content"][0]["attachment"]["url"] == made
    assert document["text"]["div"] == (
        f'<div xmlns="{XHTML}"><a href="{made}">se</a><img src=\'{made}\' alt="{CONTENT}"/>'
        f"{CONTENT}</div>"
    )
    assert [each.get("valueUri") for each in document["extension"]] == [made, None]
    assert document["extension"][1]["valueCanonical"] == CONTENT  # no canonical is replaced
    assert document["identifier"][0]["value"] == CONTENT  # a text, and no link
    assert document["contained"][0]["implicitRules"] == made


@pytest.mark.parametrize("root", ["https://x.example/fhir/", "http://hub.test/fhir/"])
def test_entries_of_another_server_are_found_as_that_server_names_them(
    world: World, root: str
) -> None:
    """Relative to its root, whole, and with no root of theirs from an entry that has none."""
    for url, target in (
        (f"{root}DocumentReference/d", "Binary/b"),
        (f"{root}DocumentReference/d", f"{root}Binary/b"),
        (DOCUMENT, f"{root}Binary/b"),
    ):
        written = _document(world, context={"related": [{"reference": target}]})
        document, content = _sent(world, (url, written), (f"{root}Binary/b", _content(world)))
        made = f"Binary/{content['id']}"
        assert document["context"]["related"] == [{"reference": made}], (url, target)


def test_what_names_no_entry_is_kept(world: World) -> None:
    """A relative reference from an entry of no server is one to the hub's own."""
    written = _document(world, context={"related": [{"reference": "Binary/b"}]})
    other = "https://x.example/fhir/Binary/b"
    document, _ = _sent(world, (DOCUMENT, written), (other, _content(world)))
    assert document["context"]["related"] == [{"reference": "Binary/b"}]
