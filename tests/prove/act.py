"""The model through the act: rows A4-A6, E and F of the decision table (SVOD 2 and 3 kap.).

Written from the table and the statute, not from the code.
"""

from functools import cached_property

from consent.facts import Danger, Purpose
from tests.prove.inside import SERVICE_PURPOSES, Answer, Inside
from tests.prove.logic import Bool


class ThroughTheAct(Inside):
    """What staff see of what other organisations, and the other capacity of their own, hold."""

    @cached_property
    def in_scope(self) -> Bool:
        """A5: covered, kept for each person, collected for care or service."""
        lg, w = self.lg, self.w
        per_person = lg.any(self.care, self.true("per_person"))
        return lg.all(self.covered, per_person, lg.eq(w["collected"], "care"))

    @cached_property
    def offered(self) -> Bool:
        """E0, E1: a connected owner has made it available after informing, and it stands."""
        lg, w = self.lg, self.w
        return lg.all(
            self.knows(w["owner"], "connected"),
            self.made_available,
            self.true("informed"),
            lg.no(self.true("withdrawn")),
        )

    @cached_property
    def reaches(self) -> Bool:
        """A1-A7, E0, E1, and that `fmu` never goes outside its walls."""
        lg, w = self.lg, self.w
        return lg.all(
            self.through_the_act,
            self.staff_may_act,
            self.alive,
            self.in_scope,
            self.true("registers"),
            self.offered,
            self.knows(w["org"], "connected"),
            lg.no(lg.eq(w["purpose"], Purpose.FMU)),
        )

    @cached_property
    def patient_route(self) -> Bool:
        """F0, F10: a relation of the kind that the purpose asks for."""
        lg, w = self.lg, self.w
        treating = self.one_of(w["purpose"], (Purpose.VARD, Purpose.KOORDINERING))
        certificate = lg.all(
            lg.eq(w["purpose"], Purpose.INTYG_3_16), self.true("patient_requested")
        )
        return lg.any(
            lg.all(treating, self.current_patient),
            lg.all(certificate, self.once_patient),
        )

    @cached_property
    def has_route(self) -> Bool:
        lg, w = self.lg, self.w
        service = lg.all(self.one_of(w["purpose"], SERVICE_PURPOSES), self.live_service_of_1_1)
        return lg.any(
            lg.all(self.care_staff, self.patient_route),
            lg.all(self.social_staff, service),
        )

    @cached_property
    def may_know(self) -> Bool:
        """Who learns that data exist: with a route, or, by the switch, everybody."""
        return self.lg.any(self.has_route, self.true("existence_without_relation"))

    @cached_property
    def cared_for(self) -> Bool:
        """The purpose is care, and the person a current patient: 3:3, 3:5, 3:6."""
        return self.lg.all(
            self.care_staff, self.lg.eq(self.w["purpose"], Purpose.VARD), self.current_patient
        )

    @cached_property
    def danger(self) -> Bool:
        return self.lg.no(self.lg.eq(self.w["danger"], Danger.NONE))

    @cached_property
    def chosen(self) -> Bool:
        """Having learnt where data are, the reader chose this organisation."""
        lg, w = self.lg, self.w
        return lg.any(
            lg.no(self.true("chose")),
            *(lg.all(lg.eq(w["owner"], each), self.true(f"chose_{each}")) for each in "AB"),
        )

    @cached_property
    def shared(self) -> Answer:
        lg = self.lg
        unblocked = lg.all(lg.no(self.blocked_outwards), self.lawfully_available)  # E2, E3
        u0 = lg.all(self.reaches, self.may_know, unblocked)  # E4, F11-F13
        b0 = lg.all(  # E2
            self.reaches, self.may_know, self.blocked_outwards, self.care, self.care_staff
        )
        child = lg.no(self.true("can_consent"))
        relevant = self.true("relevance")
        routed = lg.all(u0, self.has_route, relevant)
        exempt = lg.any(self.care_staff, self.social, self.guardian_consents)
        plainly = lg.all(routed, lg.any(self.consents, lg.all(child, exempt)))  # F1-F3, F7, F8
        u1_care = lg.all(u0, self.cared_for, self.lastingly_unable, lg.no(plainly))  # F4
        u1_social = lg.all(  # F9
            u0,
            self.has_route,
            self.social_staff,
            self.lastingly_unable,
            self.social,
            lg.no(plainly),
        )
        on_judgement = lg.all(
            self.chosen,
            relevant,
            self.true("necessary"),
            self.judged_not_opposed,
            lg.no(self.refuses),
        )
        barred = lg.all(self.refuses, self.true("refusal_bars_emergency"))
        u1_emergency = lg.all(  # F5
            u0,
            self.cared_for,
            self.care,
            self.danger,
            lg.no(self.true("consent_obtainable")),
            lg.no(barred),
            lg.no(plainly),
        )
        in_emergency = lg.all(u1_emergency, self.chosen, relevant, self.true("absolutely_needed"))
        b1 = lg.all(b0, self.cared_for, self.danger, lg.no(self.true("can_request_lift")))  # F6
        return Answer(
            lg.any(plainly, lg.all(lg.any(u1_care, u1_social), on_judgement), in_emergency),
            {
                "U0": u0,
                "U1": lg.any(u1_care, u1_social, u1_emergency),
                "B0": lg.all(b0, lg.no(lg.all())) if self.draft else b0,
                "B1": b1,
            },
        )
