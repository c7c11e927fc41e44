"""The model of the law, whole: rows G and H, and what is answered to each operation.

Written from the decision table (A1-H6) and the statutes, not from the code: nothing of consent/ but
its vocabulary is used. Each answer is a formula over a world's fields, in either reading of Logic.
"""

from functools import cached_property

from consent.facts import ActiveChoice, BlockKind, Capacity, Operation, Purpose
from consent.search_term import SearchTerm
from tests.prove.act import ThroughTheAct
from tests.prove.inside import CARE_PURPOSES, OWN_PURPOSES, Answer
from tests.prove.logic import Bool

RUNGS = ("U0", "U1", "B0", "B1", "I0", "I1")


class Model(ThroughTheAct):
    """What the law answers in one world, or in all of them."""

    # G: the person, and a guardian; the own system

    @cached_property
    def person_may_ask(self) -> Bool:
        """A1, A4, G5: log-in, a living person; of a guardian what the switch says."""
        lg, w = self.lg, self.w
        guardian = lg.all(
            self.is_reader(Capacity.GUARDIAN),
            self.true("guardian_sees_child"),
            self.one_of(w["age"], tuple(range(13))),
        )
        who = lg.any(self.is_reader(Capacity.INDIVIDUAL), guardian)
        return lg.all(who, self.true("strong"), self.alive)

    @cached_property
    def own_view(self) -> Bool:
        """G1-G3."""
        lg, w = self.lg, self.w
        education = lg.all(
            self.is_reader(Capacity.GUARDIAN), lg.eq(w["purpose"], Purpose.UTBILDNING)
        )
        return lg.all(
            self.person_may_ask,
            lg.no(education),  # A7 is about any route but the person's
            self.in_scope,
            self.true("registers"),
            self.offered,
            self.knows(w["owner"], "offers"),
            lg.no(self.true("secret")),
            lg.eq(w["availability"], "2:4"),
            self.lawfully_available,
            lg.no(self.blocked_outwards),
        )

    @cached_property
    def own_system(self) -> Bool:
        """PDL 2:4, SoLPuL 6: an organisation's system and its own data."""
        lg, w = self.lg, self.w
        return lg.all(
            self.is_reader(Capacity.SYSTEM),
            self.same_organisation,
            lg.any(self.care, self.social),
            lg.no(lg.eq(w["purpose"], Purpose.UTBILDNING)),
        )

    # The whole of it

    def content(self) -> Bool:
        """Reading, by the capacity that the reader acts in."""
        lg = self.lg
        return lg.case(
            self.w["as"],
            {
                Capacity.VARDPERSONAL: lambda: lg.any(
                    self.inside_care.content, self.shared.content
                ),
                Capacity.OMSORGSPERSONAL: lambda: lg.any(self.inside_social, self.shared.content),
                Capacity.INDIVIDUAL: lambda: self.own_view,
                Capacity.GUARDIAN: lambda: self.own_view,
                Capacity.SYSTEM: lambda: self.own_system,
            },
        )

    def rung(self, rung: str) -> Bool:
        """What a reading shows besides content."""
        lg = self.lg
        inside = rung in ("I0", "I1")
        return lg.case(
            self.w["as"],
            {
                Capacity.VARDPERSONAL: lambda: (self.inside_care if inside else self.shared).rungs[
                    rung
                ],
                Capacity.OMSORGSPERSONAL: lambda: lg.any() if inside else self.shared.rungs[rung],
            },
        )

    @cached_property
    def of_target(self) -> Bool:
        lg, w = self.lg, self.w
        return lg.any(self.none(w["target_owner"]), lg.eq(w["owner"], w["target_owner"]))

    @cached_property
    def outer(self) -> Bool:
        return self.lg.eq(self.w["target_kind"], BlockKind.OUTER)

    @cached_property
    def person_takes_a_stand(self) -> Bool:
        """H1, H3: the person, able and mature, by strong log-in, alive; the registers answer.

        Staff of the owner who take part write down what the person says.
        """
        lg, w = self.lg, self.w
        staff = lg.all(
            self.written_down,
            self.same_organisation,
            lg.any(lg.all(self.care_staff, self.care), lg.all(self.social_staff, self.social)),
        )
        return lg.all(
            lg.any(self.is_reader(Capacity.INDIVIDUAL), staff),
            self.true("can_consent"),
            lg.eq(w["ability"], "full"),
            self.true("strong"),
            self.alive,
            self.true("registers"),
            self.of_target,
        )

    @cached_property
    def written_down(self) -> Bool:
        """By somebody under an assignment, who takes part."""
        return self.lg.all(self.true("conveyed"), self.true("assignment"), self.true("takes_part"))

    @cached_property
    def answered(self) -> Bool:
        """3:1, 3:2: the person answers, or has answered staff of who is to read."""
        lg, w = self.lg, self.w
        to_own = lg.all(
            self.written_down,
            lg.no(self.none(w["org"])),
            lg.eq(w["target_owner"], w["org"]),
        )

        def to(kind: str, staff: Bool) -> Bool:
            who = lg.any(self.is_reader(Capacity.INDIVIDUAL), lg.all(to_own, staff))
            return lg.all(self.knows(w["target_owner"], kind), who)

        to_some = lg.any(to("vg", self.care_staff), to("og", self.social_staff))
        return lg.all(to_some, self.true("strong"), self.true("registers"))

    @cached_property
    def answer_given(self) -> Bool:
        """The person is able, mature and alive."""
        lg = self.lg
        return lg.all(
            self.answered, self.true("can_consent"), lg.eq(self.w["ability"], "full"), self.alive
        )

    @cached_property
    def block(self) -> Bool:
        """H1, H2: an inner block is about health care alone."""
        return self.lg.all(self.person_takes_a_stand, self.lg.any(self.outer, self.care))

    @cached_property
    def standing(self) -> Bool:
        """There is a block of the kind on the item to lift."""
        lg = self.lg
        return lg.all(
            self.of_target,
            lg.any(
                lg.all(self.outer, self.block_to_lift(BlockKind.OUTER)),
                lg.all(lg.no(self.outer), self.block_to_lift(BlockKind.INNER)),
            ),
        )

    @cached_property
    def lift(self) -> Bool:
        """H3, H4."""
        lg, w = self.lg, self.w
        officer = lg.all(
            self.is_reader(Capacity.OFFICER),
            self.same_organisation,
            self.care,
            self.true("strong"),
            self.true("assignment"),
            self.true("registers"),
            lg.no(lg.eq(w["purpose"], Purpose.UTBILDNING)),
        )
        inner = lg.all(lg.no(self.outer), lg.any(self.consents, self.needed_without_consent))
        standard = lg.all(
            self.danger, lg.no(self.true("can_request_lift")), self.needed_without_consent
        )
        outer = lg.all(self.outer, self.alive, lg.any(standard, self.true("officer_judges_alone")))
        return lg.all(
            self.standing,
            lg.any(
                lg.all(
                    self.person_takes_a_stand,
                    lg.any(
                        self.is_reader(Capacity.INDIVIDUAL),
                        lg.no(lg.eq(w["purpose"], Purpose.UTBILDNING)),  # A7
                    ),
                ),
                lg.all(officer, lg.any(inner, outer)),
            ),
        )

    @cached_property
    def request_lift(self) -> Bool:
        """H5, H6."""
        lg, w = self.lg, self.w
        outer = lg.all(
            self.outer,
            self.reaches,
            self.cared_for,
            self.care,
            self.danger,
            lg.no(self.true("can_request_lift")),
            self.true("absolutely_needed"),
            self.true("relevance"),
            self.blocked_outwards,
        )
        fmu = lg.any(lg.eq(w["regime"], "FMU"), lg.eq(w["purpose"], Purpose.FMU))
        inner = lg.all(
            lg.no(self.outer),
            self.own_care,
            self.staff_may_act,
            self.true("registers"),
            lg.any(lg.no(fmu), self.own_place),
            self.patient_route,
            self.inside_not_all_lifted,
            lg.any(self.own_place, lg.no(lg.eq(w["choice"], ActiveChoice.NONE))),
            self.needed_without_consent,
        )
        return lg.all(self.of_target, lg.any(outer, inner))

    @cached_property
    def log_extract(self) -> Bool:
        """G4, G5: a vardgivare's log; an omsorgsgivare's of what the act covers."""
        lg = self.lg
        return lg.all(self.person_may_ask, lg.any(self.care, lg.all(self.social, self.covered)))

    @cached_property
    def search_across(self) -> Bool:
        """A3: a vardgivare's staff or system, in its own data, for its purposes."""
        lg, w = self.lg, self.w
        fmu = lg.any(lg.eq(w["regime"], "FMU"), lg.eq(w["purpose"], Purpose.FMU))
        staff = lg.all(
            self.own_care,
            self.staff_may_act,
            self.true("registers"),
            lg.any(lg.no(fmu), self.own_place),
            self.one_of(w["purpose"], (*CARE_PURPOSES, *OWN_PURPOSES)),
            lg.any(self.own_place, lg.eq(w["choice"], ActiveChoice.CONTENT)),
            lg.no(self.blocked_inside),
        )
        system = lg.all(
            self.true("system_searches_across"),
            self.own_system,
            self.care,
            self.one_of(w["purpose"], (*CARE_PURPOSES, *OWN_PURPOSES)),
        )
        return lg.all(
            self.one_of(w["term"], (None, SearchTerm.HEALTH)),
            lg.any(staff, system),
        )

    @cached_property
    def make_available(self) -> Bool:
        """H0."""
        lg, w = self.lg, self.w
        owner = lg.all(
            self.one_of(
                w["as"],
                (
                    Capacity.VARDPERSONAL,
                    Capacity.OMSORGSPERSONAL,
                    Capacity.OFFICER,
                    Capacity.SYSTEM,
                ),
            ),
            self.same_organisation,
        )
        return lg.all(
            owner,
            self.in_scope,
            self.true("informed"),
            self.true("registers"),
            lg.no(self.opposed),
            self.knows(w["owner"], "connected"),
            lg.no(self.true("withdrawn")),
            lg.any(lg.no(self.lastingly_unable), self.judged_not_opposed),
        )

    @cached_property
    def answer(self) -> Answer:
        """What is answered to the operation of the world."""
        lg = self.lg
        content = lg.case(
            self.w["op"],
            {
                Operation.READ: self.content,
                Operation.LIST: self.content,
                Operation.SEARCH: lambda: lg.any(
                    lg.all(self.true("across"), self.search_across),
                    lg.all(lg.no(self.true("across")), self.content()),
                ),
                Operation.BLOCK: lambda: self.block,
                Operation.LIFT: lambda: self.lift,
                Operation.REQUEST_LIFT: lambda: self.request_lift,
                Operation.LOG_EXTRACT: lambda: self.log_extract,
                Operation.MAKE_AVAILABLE: lambda: self.make_available,
                Operation.ANSWER: lambda: self.answer_given,
                Operation.WITHDRAW: lambda: self.answered,
            },
        )
        return Answer(content, {rung: self._shown(rung) for rung in RUNGS})

    def _shown(self, rung: str) -> Bool:
        """A rung is shown by reading alone."""

        def way() -> Bool:
            return self.rung(rung)

        return self.lg.case(self.w["op"], {Operation.READ: way, Operation.LIST: way})
