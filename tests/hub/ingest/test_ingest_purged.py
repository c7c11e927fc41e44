"""What was purged stays away, and what stands beside it in its document is taken in."""

import zlib
from pathlib import Path

from adapters.rivta import ADAPTER
from hub.ingest.receipt import State
from hub.store.purge import Chosen, doomed, purge
from tests.hub.ingest.desk import FALLING_BACK, SOCIAL, Desk
from tests.hub.ingest.documents import Served, export

MESSAGES = Path(__file__).parents[2] / "adapters" / "rivta" / "messages"
WEIGHT = b"27113001"
SECRET = b"SGVtbGlnIGFudGVja25pbmcu"  # as an attachment's data: Hemlig anteckning.


def test_a_purged_observation_is_left_out_of_its_group_and_the_receipt_says_so(desk: Desk) -> None:
    content = (MESSAGES / "observations.xml").read_bytes()
    (part,) = ADAPTER.read(content, "x", None).parts()
    assert part.person is not None
    person = desk.person(part.person.value)
    (receipt,) = desk.take(content, FALLING_BACK)
    assert receipt.state is State.STORED
    bodies = {row.id: bytes(row.body) for row in desk.resources()}
    (weight,) = (name for name, body in bodies.items() if WEIGHT in body)
    with desk.store.write() as connection:
        chosen = Chosen(resources=(("Observation", weight),))
        purge(connection, desk.key, doomed(connection, person, chosen), "ivo", desk.now)
    (again,) = desk.take(content, FALLING_BACK)
    assert again.state is State.UNCHANGED
    (said,) = (each for each in again.issues if each.code == "purged")
    assert (said.severity, said.place.endswith("observation[2]")) == ("warning", True)
    assert {row.id for row in desk.resources()} == bodies.keys() - {weight}
    assert not any(WEIGHT in body for row in desk.rows("resource") for body in [bytes(row.body)])
    (kept,) = desk.rows("source_part")
    assert WEIGHT not in zlib.decompress(kept.content)


def test_a_purged_note_of_an_export_is_left_out_and_the_rest_is_taken(desk: Desk) -> None:
    desk.know()
    content = export(Served(notes=("Hemlig anteckning.", "Promenad i dag.")))
    desk.take(content, SOCIAL)
    before = {row.id for row in desk.resources()}
    (secret,) = (
        (row.type, row.id)
        for row in desk.resources()
        if row.type == "DocumentReference" and SECRET in bytes(row.body)
    )
    with desk.store.write() as connection:
        found = doomed(connection, desk.person(), Chosen(resources=(secret,)))
        purge(connection, desk.key, found, "ivo", desk.now)
    left = {row.id for row in desk.resources()}
    for sent, state in (
        (content, State.UNCHANGED),
        (export(Served(notes=("Hemlig anteckning.", "Promenad i dag.", "Ny."))), State.STORED),
    ):
        (again,) = desk.take(sent, SOCIAL)
        assert again.state is state
        (said,) = (each for each in again.issues if each.code == "purged")
        assert said.severity == "warning"
    now = {row.id for row in desk.resources()}
    assert before - left == before - now
    assert len(now) > len(left)
    assert not any(SECRET in bytes(row.body) for row in desk.rows("resource"))
    assert not any(b"Hemlig" in zlib.decompress(row.content) for row in desk.rows("source_part"))
