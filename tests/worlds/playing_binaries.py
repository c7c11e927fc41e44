"""P3: content as bytes, read, sent and changed in one world, whether it stands there or not.

Source: FHIR R4 binary.html#rest. A Binary is about the person in its securityContext.
"""

from typing import TYPE_CHECKING

from tests.worlds.hub_world import REGION

if TYPE_CHECKING:
    from tests.worlds.player import Player

NOTHING = "Binary/nothing-here"
FORMS = ("text/plain", "text/*, application/fhir+json;q=0.1", "image/png", "*/*")


def read_binaries(player: "Player", session: str | None) -> None:
    """Read each Binary of any world, in every form, with what operations there are on it."""
    every = (*player.case.more.rows, *player.case.more.others)
    keys = [row.key for row in every if row.resource["resourceType"] == "Binary"]
    for key in (*keys, NOTHING):
        for accept in FORMS:
            for path in (f"/fhir/{key}", f"/fhir/{key}/_history/1"):
                player.get(path, session=session, headers={"Accept": accept})
        player.get(f"/fhir/{key}", ("_format", "xml"), session=session)
        player.get(f"/fhir/{key}", ("_summary", "true"), session=session)
        for operation in ("$meta", "$validate"):
            player.get(f"/fhir/{key}/{operation}", session=session)
    player.get("/fhir/Binary", ("patient", player.person), session=session)
    player.get(f"/fhir/Patient/{player.person}/Binary", session=session)


def write_binaries(player: "Player") -> None:
    """Overwrite, delete and tag content that the writing system may not see, as bytes."""
    theirs = [row.key for row in player.case.hidden if row.item.owner != REGION]
    theirs = [key for key in theirs if key.startswith("Binary/")]
    context = {"X-Security-Context": f"Patient/{player.person}"}
    for key in (*theirs[:2], NOTHING):
        for method, body in (("PUT", b"nytt"), ("DELETE", b"")):
            for headers in (context, {**context, "If-Match": 'W/"1"'}):
                player.send(method, f"/fhir/{key}", body, "text/plain", headers)
        condition = {"If-None-Exist": f"_id={key.partition('/')[2]}"}
        player.send("POST", "/fhir/Binary", b"nytt", "text/plain", {**context, **condition})
