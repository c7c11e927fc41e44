"""AuditEvents as they are served, against the profiles that they claim."""

from dataclasses import replace

from fhir.resources.R4B.auditevent import AuditEvent

from consent.facts import Capacity
from hub.audit.balp_codes import PROFILES
from hub.config.organisation import Assignment, StaffMember
from hub.store.directory import load_organisations
from tests.hub.audit.balp_profiles import PROFILES as CHECKS
from tests.worlds.hub_world import (
    AUDITOR,
    CLINIC,
    EMERGENCY_DOCTOR,
    NOON,
    ORGANISATIONS,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    SINCE,
    TALKS,
    WARD_DOCTOR,
    World,
    condition,
    stated,
)
from tests.worlds.usual import fill

CLINIC_AUDITOR = replace(AUDITOR, user="clinic-auditor", organisation=CLINIC, unit=TALKS)


def _engage_the_clinics_auditor(world: World) -> None:
    (clinic,) = (each for each in ORGANISATIONS if each.id == CLINIC)
    assigned = Assignment("clinic-audit", Capacity.AUDITOR, TALKS, period=SINCE)
    auditor = StaffMember("clinic-auditor", "Invented", (assigned,))
    with world.store.write() as connection:
        load_organisations(connection, [replace(clinic, staff=(*clinic.staff, auditor))], NOON)


def test_what_is_served_meets_the_profiles_that_it_claims(world: World) -> None:
    """Real requests, and what the reader's and an owner's auditor and the person get of them."""
    fill(world)
    _engage_the_clinics_auditor(world)
    given = stated(relevance=True, activeChoice="content", takesPart=True, reason="inlagd")
    session = world.session(WARD_DOCTOR, *given)
    world.get(WARD_DOCTOR, "/fhir/Condition", {"patient": world.person()}, session=session)
    world.get(WARD_DOCTOR, "/fhir/Condition/clinic-1", session=session)
    made = world.post(REGION_SYSTEM, "/fhir/Condition", condition(world.person(), "x"))
    path = f"/fhir/Condition/{made.json['id']}"
    later = {**condition(world.person(), made.json["id"]), "recordedDate": "2026-03-10"}
    assert world.send(REGION_SYSTEM, "PUT", path, later).status == 200
    assert world.send(REGION_SYSTEM, "DELETE", path).status == 204
    world.open(EMERGENCY_DOCTOR)
    world.hub.sequencer.sequence_now()
    claimed: dict[str, set[str]] = {}
    for asked in (AUDITOR, CLINIC_AUDITOR, SIGNE_HERSELF):
        found = world.get(asked, "/fhir/AuditEvent").json["entry"]
        mine = claimed[asked.user] = set()
        for event in (each["resource"] for each in found):
            AuditEvent.model_validate(event)
            for profile in event.get("meta", {}).get("profile", []):
                name = profile.removeprefix(PROFILES)
                assert CHECKS[name](event) == [], (name, event)
                mine.add(name)
    writes = {"PatientCreate", "PatientUpdate", "PatientDelete"}
    assert claimed["auditor"] == {"AuthZconsent", "PatientQuery", "PatientRead", *writes}
    assert claimed["clinic-auditor"] == {"PrivacyDisclosure.Source"}
    assert claimed["signe"] == {"AuthZconsent", "PatientQuery", "PatientRead", *writes}
