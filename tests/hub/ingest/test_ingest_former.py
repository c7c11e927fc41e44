"""Numbers that are one person: blocks and protection follow, also when a source says so."""

from dataclasses import replace

import pytest

from consent.facts import BlockKind, Person, ProtectedIdentity, Sparr
from hub.ingest.former import link, unlink
from hub.ingest.receipt import State
from hub.store.facts import linked
from hub.store.purge import Chosen, doomed, purge
from mappings.personal_identity import PERSONNUMMER, Identity
from tests.hub.ingest.desk import KNOWN, OTHER, OWN, Desk
from tests.hub.ingest.documents import BO, REGION, SIGNE, SYSTEM, WARD, Doc, diagnoses

FIRST, OTHER_NUMBER = Identity(PERSONNUMMER, SIGNE), Identity(PERSONNUMMER, BO)
BLOCKED = Sparr("b-1", BlockKind.OUTER, REGION)
OUTCOME = "urn:riv:clinicalprocess:healthcond:actoutcome:"


def laboratory(current: str, former: str) -> bytes:
    """An answer to GetLaboratoryOrderOutcome 4.2 that names a former number."""
    hsa, number = "1.2.752.129.2.1.4.1", "1.2.752.129.2.1.3.1"

    def ii(name: str, root: str, extension: str, prefix: str = "d") -> str:
        return (
            f"<{prefix}:{name}><d:root>{root}</d:root><d:extension>{extension}</d:extension>"
            f"</{prefix}:{name}>"
        )

    return f"""<r:GetLaboratoryOrderOutcomeResponse
      xmlns:r="{OUTCOME}GetLaboratoryOrderOutcomeResponder:4" xmlns:d="{OUTCOME}4"
      xmlns:e="{OUTCOME}4.1"><r:laboratoryOrderOutcome><d:header><d:accessControlHeader>
      {ii("accountableCareGiver", hsa, REGION)}{ii("accountableCareUnit", hsa, WARD)}
      {ii("originalPatientId", number, former)}
      <d:blockComparisonTime>20260119113000</d:blockComparisonTime>
      <d:approvedForPatient>true</d:approvedForPatient>{ii("patientId", number, current, "e")}
      </d:accessControlHeader>{ii("sourceSystemId", hsa, SYSTEM)}
      <d:record><d:id><d:root>L-1</d:root></d:id><d:timestamp>20260119113000</d:timestamp>
      </d:record></d:header><d:body><d:identifier><d:root>L-1</d:root></d:identifier>
      <d:type><d:code>final</d:code><d:codeSystem>2.16.840.1.113883.4.642.3.235</d:codeSystem>
      </d:type></d:body></r:laboratoryOrderOutcome>
      </r:GetLaboratoryOrderOutcomeResponse>""".encode()


def test_a_block_of_either_number_applies_to_both(desk: Desk) -> None:
    desk.take(diagnoses(Doc("D-1", "Under Signe")))
    desk.take(diagnoses(Doc("D-2", "Under Bo", person=BO)))
    assert desk.texts(OTHER) == ["Under Signe"]
    desk.know(replace(KNOWN, blocks=(BLOCKED,)), BO)
    assert desk.texts(OTHER) == ["Under Signe"]
    with desk.store.write() as connection:
        assert link(connection, desk.key, FIRST, OTHER_NUMBER, desk.now)
        assert not link(connection, desk.key, OTHER_NUMBER, FIRST, desk.now)
    assert desk.texts(OTHER) == []
    assert desk.texts(OWN) == ["Under Bo", "Under Signe"]
    with desk.store.write() as connection:
        assert unlink(connection, desk.key, OTHER_NUMBER, desk.now)
    assert desk.texts(OTHER) == ["Under Signe"]
    assert desk.texts(OWN) == ["Under Signe"]


def test_protection_of_either_number_masks_both(desk: Desk) -> None:
    desk.take(diagnoses(Doc("D-1")))
    protected = Person(protected_identity=ProtectedIdentity.SEKRETESSMARKERING)
    desk.know(replace(KNOWN, person=protected), BO)
    with desk.store.write() as connection:
        link(connection, desk.key, FIRST, OTHER_NUMBER, desk.now)
    assert all(row.masked_body is not None for row in desk.resources())


def test_a_source_that_tells_of_a_former_number_links_the_two(desk: Desk) -> None:
    desk.take(diagnoses(Doc("D-2", "Under Bo", person=BO)))
    (receipt,) = desk.take(laboratory(SIGNE, BO))
    assert receipt.state is State.STORED
    assert "identities-linked" in {each.code for each in receipt.issues}
    with desk.store.read() as connection:
        assert set(linked(connection, [desk.person()])) == {desk.person(), desk.person(BO)}
    assert "Under Bo" in desk.texts(OWN)
    (again,) = desk.take(laboratory(SIGNE, BO))
    assert "identities-linked" not in {each.code for each in again.issues}


@pytest.mark.parametrize("former", [SIGNE, "?", "19420231-238"])
def test_a_former_number_that_says_nothing_links_nothing(desk: Desk, former: str) -> None:
    (receipt,) = desk.take(laboratory(SIGNE, former))
    assert receipt.state is State.STORED
    with desk.store.read() as connection:
        assert linked(connection, [desk.person()]) == [desk.person()]


def test_a_block_of_the_former_number_holds_from_the_first_answer(desk: Desk) -> None:
    desk.know(replace(KNOWN, blocks=(BLOCKED,)), BO)
    desk.take(laboratory(SIGNE, BO))
    assert desk.read(OTHER) == []
    assert desk.read(OWN) != []


def _purge(desk: Desk, number: str) -> None:
    with desk.store.write() as connection:
        everything = doomed(connection, desk.person(number), Chosen(source="journal"))
        purge(connection, desk.key, everything, "ivo", desk.now)


def test_what_was_purged_under_one_number_does_not_come_back_under_another(desk: Desk) -> None:
    desk.take(diagnoses(Doc("D-1", person=BO)))
    _purge(desk, BO)
    assert desk.taken(diagnoses(Doc("D-2"))).state is State.STORED
    with desk.store.write() as connection:
        link(connection, desk.key, FIRST, OTHER_NUMBER, desk.now)
    receipt = desk.taken(diagnoses(Doc("D-1")))
    assert (receipt.state, [each.code for each in receipt.issues][-1]) == (State.REJECTED, "purged")
    assert len(desk.resources()) == 1


def test_nor_with_the_document_that_tells_of_the_former_number(desk: Desk) -> None:
    desk.take(laboratory(BO, BO))
    _purge(desk, BO)
    receipt = desk.taken(laboratory(SIGNE, BO))
    assert (receipt.state, [each.code for each in receipt.issues][-1]) == (State.REJECTED, "purged")
    assert (desk.resources(), desk.rows("person_link")) == ([], [])
