"""The model's lower half: what a name, a period, a relation or an answer reaches.

Written from the statutes' wording and from the page that digests them (SVOD 1:1, 2:6, 3:1, 3:2),
not from the code in consent/.
"""

from functools import cached_property

from consent.facts import (
    Ability,
    Availability,
    Capacity,
    Giver,
    Recipient,
    RelationKind,
    RelationState,
)
from tests.prove.logic import Bool, Logic, Term
from tests.prove.space import NOW, NUMBERS, ORGANISATIONS, World

CARE = ("HSL", "TandvL", "FMU", "ESTETIK")
SOCIAL = ("SoL", "LSS")
LISTED = {
    True: (
        ("SoL 8:1", (Recipient.OLDER, Recipient.DISABILITY)),
        *((each, tuple(Recipient)) for each in ("SoL 8:3", "SoL 8:4", "SoL 8:10", "SoL 8:11")),
        ("SoL 11:5 home_help", (Recipient.OLDER,)),
    ),
    False: (
        ("SoL2001 3:6", (Recipient.OLDER, Recipient.DISABILITY)),
        *((each, tuple(Recipient)) for each in ("SoL2001 5:5", "SoL2001 5:7")),
        ("SoL2001 4:2 a home_help", (Recipient.OLDER,)),
    ),
}
"""The services that SVOD 1:1 lists, with for whom: under SoL (2025:400), and under (2001:453)."""


class Matching:
    """What reaches what in one world, or in all of them."""

    def __init__(self, logic: Logic, world: World, *, new_sol: bool) -> None:
        self.lg = logic
        self.w = world
        self.new_sol = new_sol

    def one_of(self, term: Term, values: tuple[object, ...]) -> Bool:
        return self.lg.any(*(self.lg.eq(term, each) for each in values))

    def true(self, name: str) -> Bool:
        return self.lg.eq(self.w[name], True)

    def none(self, term: Term) -> Bool:
        return self.lg.eq(term, None)

    def unnamed_or(self, term: Term, own: Term) -> Bool:
        """A name that is left out means all of them."""
        return self.lg.any(self.none(term), self.lg.eq(term, own))

    def by(self, day: Term) -> Bool:
        """The instant has come; none has not."""
        return self.lg.all(self.lg.no(self.none(day)), self.lg.no(self.lg.before(NOW, day)))

    def running(self, start: Term, end: Term) -> Bool:
        """A half-open period is running."""
        return self.lg.all(
            self.lg.any(self.none(start), self.lg.no(self.lg.before(NOW, start))),
            self.lg.any(self.none(end), self.lg.before(NOW, end)),
        )

    # Organisations and places

    def is_reader(self, capacity: Capacity) -> Bool:
        return self.lg.eq(self.w["as"], capacity)

    def knows(self, name: Term, flag: str) -> Bool:
        """The directory holds the organisation, and says this of it."""
        return self.lg.any(
            *(
                self.lg.all(self.lg.eq(name, each), self.true(f"{each}_{flag}"))
                for each in ORGANISATIONS
            )
        )

    @cached_property
    def same_organisation(self) -> Bool:
        return self.lg.all(
            self.lg.no(self.none(self.w["org"])), self.lg.eq(self.w["owner"], self.w["org"])
        )

    @cached_property
    def same_vardgivare(self) -> Bool:
        """One region or kommun is one vardgivare, with all its authorities that run care."""
        lg, w = self.lg, self.w
        within = lg.any(
            lg.eq(w["B_part_of"], "A"),
            lg.all(lg.eq(w["B_part_of"], "K"), lg.eq(w["A_part_of"], "K")),
        )
        # B as a part of A is under the root A only while A is under nobody.
        within = lg.all(
            within,
            lg.any(lg.eq(w["B_part_of"], "K"), self.none(w["A_part_of"])),
        )
        kin = lg.all(lg.eq(w["owner"], "B"), self.true("B_vg"), within)
        return lg.all(lg.eq(w["org"], "A"), lg.any(lg.eq(w["owner"], "A"), kin))

    @cached_property
    def own_place(self) -> Bool:
        """The item was made at the reader's unit or in the reader's process."""
        lg, w = self.lg, self.w
        return lg.any(
            lg.all(lg.no(self.none(w["unit"])), lg.eq(w["i_unit"], w["unit"])),
            lg.all(lg.no(self.none(w["process"])), lg.eq(w["i_process"], w["process"])),
        )

    @cached_property
    def care(self) -> Bool:
        return self.one_of(self.w["regime"], CARE)

    @cached_property
    def social(self) -> Bool:
        return self.one_of(self.w["regime"], SOCIAL)

    # SVOD 1:1

    def listed(self, service: Term, recipient: Term, *, new: bool) -> Bool:
        return self.lg.any(
            *(
                self.lg.all(self.lg.eq(service, code), self.one_of(recipient, to))
                for code, to in LISTED[new]
            )
        )

    @cached_property
    def covered(self) -> Bool:
        """The documentation is of the kind that the act covers, under the law of the day."""
        lg, w = self.lg, self.w
        services = [self.listed(w["service"], w["recipient"], new=self.new_sol)]
        if self.new_sol:
            old = self.listed(w["service"], w["recipient"], new=False)
            services.append(lg.all(self.true("old_sol_in_scope"), old))
        return lg.any(
            self.one_of(w["regime"], ("HSL", "TandvL", "LSS")),
            lg.all(lg.eq(w["regime"], "SoL"), *[lg.any(*services)]),
        )

    # Relations

    def _of_reader(self, r: str, kind: RelationKind) -> Bool:
        lg, w = self.lg, self.w
        return lg.all(
            self.true(f"{r}_on"),
            lg.eq(w[f"{r}_kind"], kind),
            lg.eq(w[f"{r}_org"], w["org"]),
            self.unnamed_or(w[f"{r}_unit"], w["unit"]),
        )

    def _relations(self) -> list[str]:
        return [f"r{number}" for number in NUMBERS]

    @cached_property
    def current_patient(self) -> Bool:
        lg, w = self.lg, self.w
        return lg.any(
            *(
                lg.all(
                    self._of_reader(r, RelationKind.PATIENT),
                    lg.eq(w[f"{r}_state"], RelationState.CURRENT),
                    self.running(w[f"{r}_from"], w[f"{r}_to"]),
                )
                for r in self._relations()
            )
        )

    @cached_property
    def once_patient(self) -> Bool:
        lg, w = self.lg, self.w
        return lg.any(
            *(
                lg.all(
                    self._of_reader(r, RelationKind.PATIENT),
                    lg.any(self.none(w[f"{r}_from"]), self.by(w[f"{r}_from"])),
                )
                for r in self._relations()
            )
        )

    def _live(self, r: str) -> Bool:
        return self.lg.all(
            self._of_reader(r, RelationKind.SERVICE),
            self.one_of(self.w[f"{r}_state"], (RelationState.ONGOING, RelationState.INVESTIGATION)),
            self.running(self.w[f"{r}_from"], self.w[f"{r}_to"]),
        )

    @cached_property
    def live_service_of_1_1(self) -> Bool:
        """A service of the reader's own is given or investigated, and the act lists it."""
        lg, w = self.lg, self.w

        def within(service: Term) -> Bool:
            ways = [
                lg.eq(service, "LSS 9"),
                self.listed(service, Recipient.OLDER, new=self.new_sol),
            ]
            if self.new_sol:
                old = self.listed(service, Recipient.OLDER, new=False)
                ways.append(lg.all(self.true("old_sol_in_scope"), old))
            return lg.any(*ways)

        return lg.any(
            *(lg.all(self._live(r), within(w[f"{r}_service"])) for r in self._relations())
        )

    # The person's own answers

    def _answer_counts(self, c: str, giver: Giver) -> Bool:
        lg, w = self.lg, self.w
        lost = self.lg.all(
            lg.no(lg.eq(w["ability"], Ability.FULL)),
            lg.any(
                lg.all(
                    self.none(w["lacking_since"]),
                    lg.eq(w["ability"], Ability.LASTING_LACK),
                    self.true(f"{c}_answer"),
                    lg.no(self.true("undated_loss_keeps_consent")),
                ),
                lg.all(
                    lg.no(self.none(w["lacking_since"])),
                    lg.no(self.none(w[f"{c}_from"])),
                    lg.no(lg.before(w[f"{c}_from"], w["lacking_since"])),
                ),
            ),
        )
        return lg.all(
            self.true(f"{c}_on"),
            lg.eq(w[f"{c}_giver"], giver),
            lg.eq(w[f"{c}_org"], w["org"]),
            self.unnamed_or(w[f"{c}_unit"], w["unit"]),
            self.unnamed_or(w[f"{c}_user"], "me"),
            self.unnamed_or(w[f"{c}_as"], w["as"]),
            self.running(w[f"{c}_from"], w[f"{c}_to"]),
            lg.no(self.by(w[f"{c}_withdrawn"])),
            lg.no(lost) if giver is Giver.SELF else lg.all(),
        )

    def _later(self, one: str, other: str) -> Bool:
        """The one answer was given after the other; without a date it was before every date."""
        lg, w = self.lg, self.w
        return lg.all(
            lg.no(self.none(w[f"{one}_from"])),
            lg.any(
                self.none(w[f"{other}_from"]),
                lg.before(w[f"{other}_from"], w[f"{one}_from"]),
            ),
        )

    def _last(self, c: str, other: str, giver: Giver) -> Bool:
        """The answer counts, and no later one does."""
        lg = self.lg
        return lg.all(
            self._answer_counts(c, giver),
            lg.no(lg.all(self._answer_counts(other, giver), self._later(other, c))),
        )

    def _says_no(self, giver: Giver) -> Bool:
        """The last answer that covers the reader is a no; of the same time the no counts."""
        lg = self.lg
        return lg.any(
            lg.all(self._last("c1", "c2", giver), lg.no(self.true("c1_answer"))),
            lg.all(self._last("c2", "c1", giver), lg.no(self.true("c2_answer"))),
        )

    def _says_yes(self, giver: Giver) -> Bool:
        lg = self.lg
        answered = lg.any(self._answer_counts("c1", giver), self._answer_counts("c2", giver))
        return lg.all(answered, lg.no(self._says_no(giver)))

    @cached_property
    def refuses(self) -> Bool:
        return self._says_no(Giver.SELF)

    @cached_property
    def consents(self) -> Bool:
        return self.lg.all(self._says_yes(Giver.SELF), self.true("can_consent"))

    @cached_property
    def guardian_consents(self) -> Bool:
        """Where the switch lets a guardian's answer suffice (SVOD 3:2, FB 6:11)."""
        return self.lg.all(self.true("guardian_consents_for_child"), self._says_yes(Giver.GUARDIAN))

    # SVOD 2:4, 2:6, and judgements of the person's attitude

    @cached_property
    def lastingly_unable(self) -> Bool:
        return self.lg.eq(self.w["ability"], Ability.LASTING_LACK)

    @cached_property
    def lawfully_available(self) -> Bool:
        """For somebody lastingly unable: judged by the owner, or available since before."""
        lg, w = self.lg, self.w
        before = lg.any(
            self.none(w["lacking_since"]),
            self.none(w["available_since"]),
            lg.before(w["available_since"], w["lacking_since"]),
        )
        return lg.any(
            lg.no(self.lastingly_unable),
            lg.eq(w["availability"], Availability.GROUND_2_6),
            lg.all(lg.eq(w["availability"], Availability.GROUND_2_4), before),
        )

    @cached_property
    def made_available(self) -> Bool:
        lg, w = self.lg, self.w
        return lg.all(
            lg.no(lg.eq(w["availability"], Availability.NONE)),
            lg.any(self.none(w["available_since"]), self.by(w["available_since"])),
        )

    @cached_property
    def judged_not_opposed(self) -> Bool:
        """The reader's own organisation has clarified the attitude, and found nothing against."""
        lg, w = self.lg, self.w
        own = [lg.all(self.true(f"{x}_on"), lg.eq(w[f"{x}_by"], w["org"])) for x in ("w1", "w2")]
        clarified = [lg.all(own[i], self.true(f"w{i + 1}_clarified")) for i in (0, 1)]
        against = [lg.all(own[i], self.true(f"w{i + 1}_opposed")) for i in (0, 1)]
        return lg.all(lg.any(*clarified), lg.no(lg.any(*against)))

    @cached_property
    def alive(self) -> Bool:
        return self.lg.no(self.by(self.w["deceased"]))
