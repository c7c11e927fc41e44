"""What a vendor sends to the interactions: resources, patches, and the names of a search."""

from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import (
    REGION_SYSTEM,
    Json,
    World,
    condition,
)

JSON_PATCH = "application/json-patch+json"
XML = "application/fhir+xml"
OTHER = "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
NOTES: list[Json] = [{"text": "ett"}, {"text": "två"}, {"text": "tre"}]


def stored(world: World, said: str = "Hypertoni", **elements: object) -> str:
    """A resource of the region's own system; its id."""
    reply = world.post(REGION_SYSTEM, "/fhir/Condition", body_of(world, said, **elements))
    assert reply.status == 201, reply.body
    return str(reply.json["id"])


def body_of(world: World, said: str, number: str | None = None, **elements: object) -> Json:
    body = {**condition(world.person(), number or "x", said), **elements}
    if number is None:
        del body["id"]
    return body


def put(world: World, number: str, text: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/fhir/Condition/{number}"
    return world.send(REGION_SYSTEM, "PUT", path, body_of(world, text, number), headers=named)


def patch(world: World, number: str, *steps: Json, **headers: str) -> Reply:
    path = f"/fhir/Condition/{number}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return world.send(
        REGION_SYSTEM, "PATCH", path, list(steps), content_type=JSON_PATCH, headers=named
    )


def named(world: World, **parameters: str) -> dict[str, str]:
    return {"patient": world.person(), **parameters}


def plain(reply: Reply, number: str) -> tuple[int, bytes]:
    return reply.status, reply.body.replace(number.encode(), b"")


def fhirpath(*operations: Json) -> Json:
    parts = [
        {
            "name": "operation",
            "part": [
                {"name": name, **(value if isinstance(value, dict) else {typed(value): value})}
                for name, value in each.items()
            ],
        }
        for each in operations
    ]
    return {"resourceType": "Parameters", "parameter": parts}


def typed(value: object) -> str:
    return "valueInteger" if isinstance(value, int) else "valueString"
