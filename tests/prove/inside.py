"""The model inside one organisation: rows A1, A2, A7, C and D of the decision table.

Written from the table and the statutes (PDL 4 kap., HSLF-FS 2016:40, SoLPuL 6, SoL 14:7, FMU 13),
not from the code.
"""

from dataclasses import dataclass
from functools import cached_property

from consent.facts import ActiveChoice, Capacity, Purpose
from tests.prove.blocks import Blocks
from tests.prove.logic import Bool, Logic
from tests.prove.space import World

CARE_PURPOSES = (Purpose.VARD, Purpose.KOORDINERING, Purpose.INTYG_3_16, Purpose.FMU)
OWN_PURPOSES = (Purpose.KVALITET, Purpose.STATISTIK, Purpose.TILLSYN)
SERVICE_PURPOSES = (Purpose.INSATS, Purpose.UTREDNING_INSATS)


@dataclass(frozen=True, slots=True)
class Answer:
    """Content (or: the operation is carried out), and the rungs that are shown."""

    content: Bool
    rungs: dict[str, Bool]


class Inside(Blocks):
    """What staff see of what their own organisation holds."""

    def __init__(self, logic: Logic, world: World, law: str) -> None:
        super().__init__(logic, world, new_sol=law != "2023-01-01")
        self.draft = law == "ehds"

    # Who asks

    @cached_property
    def care_staff(self) -> Bool:
        return self.is_reader(Capacity.VARDPERSONAL)

    @cached_property
    def social_staff(self) -> Bool:
        return self.is_reader(Capacity.OMSORGSPERSONAL)

    @cached_property
    def staff_may_act(self) -> Bool:
        """A1, A2, A7, C1, D2, F0: log-in, assignment, capacity, a lawful purpose, a part in it."""
        lg, w = self.lg, self.w
        return lg.all(
            self.true("strong"),
            self.true("assignment"),
            self.true("takes_part"),
            lg.no(lg.eq(w["purpose"], Purpose.UTBILDNING)),
            lg.any(
                lg.all(self.care_staff, self.knows(w["org"], "vg")),
                lg.all(self.social_staff, self.knows(w["org"], "og")),
            ),
        )

    @cached_property
    def own_care(self) -> Bool:
        """B1."""
        return self.lg.all(self.care_staff, self.care, self.same_vardgivare)

    @cached_property
    def own_social(self) -> Bool:
        """B2."""
        lg, w = self.lg, self.w
        return lg.all(
            self.social_staff,
            self.social,
            self.same_organisation,
            lg.eq(w["i_authority"], w["authority"]),
        )

    @cached_property
    def through_the_act(self) -> Bool:
        """B4."""
        lg = self.lg
        staff = lg.any(self.care_staff, self.social_staff)
        return lg.all(staff, lg.no(self.own_care), lg.no(self.own_social))

    # C: inside the own vardgivare

    @cached_property
    def needed_without_consent(self) -> Bool:
        return self.lg.all(
            self.lg.no(self.true("consent_obtainable")),
            self.true("absolutely_needed"),
            self.true("relevance"),
        )

    @cached_property
    def inside_care(self) -> Answer:
        lg, w = self.lg, self.w
        fmu = lg.any(lg.eq(w["regime"], "FMU"), lg.eq(w["purpose"], Purpose.FMU))
        may = lg.all(
            self.own_care,
            self.staff_may_act,
            self.true("registers"),  # A6
            lg.any(lg.no(fmu), self.own_place),  # C2
        )
        for_care = self.one_of(w["purpose"], CARE_PURPOSES)
        for_own = self.one_of(w["purpose"], OWN_PURPOSES)
        chose = w["choice"]
        looks = lg.any(self.own_place, lg.no(lg.eq(chose, ActiveChoice.NONE)))  # C4
        opens = lg.any(self.own_place, lg.eq(chose, ActiveChoice.CONTENT))
        unblocked = lg.no(self.blocked_inside)
        blocked = lg.all(may, looks, self.blocked_inside)
        all_lifted = lg.no(self.inside_not_all_lifted)
        lifted = lg.any(  # C6, C7
            lg.all(all_lifted, lg.no(self.inside_lifted_without_consent)),
            lg.all(all_lifted, self.needed_without_consent),
        )
        content = lg.all(
            may,
            opens,
            lg.any(
                lg.all(unblocked, lg.any(for_care, for_own)),  # C3, C5
                lg.all(self.blocked_inside, lifted, for_care),  # C6, C7
            ),
        )
        beyond = lg.all(  # C4a
            may,
            unblocked,
            lg.any(for_care, for_own),
            lg.no(self.own_place),
            lg.eq(chose, ActiveChoice.EXISTS),
        )
        # C6-C8: that something is blocked shows; the draft hides what has not been lifted.
        shown = lg.all(for_care, all_lifted) if self.draft else lg.any(for_care, for_own)
        which = lg.all(blocked, for_care, lg.any(lifted, self.needed_without_consent))  # C6-C7a
        return Answer(
            content,
            {
                "I0": lg.any(beyond, lg.all(blocked, shown)),
                "I1": lg.any(beyond, which),
            },
        )

    # D: inside the own omsorgsgivare

    @cached_property
    def inside_social(self) -> Bool:
        purpose = self.one_of(self.w["purpose"], (*SERVICE_PURPOSES, *OWN_PURPOSES))
        return self.lg.all(self.own_social, self.staff_may_act, purpose)
