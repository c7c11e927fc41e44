"""The facts and the request that a condition is tested against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from consent.facts import Facts, Operation, Organisation, Request
from consent.period import STOCKHOLM
from consent.predicate import Predicate


class Switch(StrEnum):
    """Defaults for what the statutes leave open, in one table (law.md §5.1)."""

    # OPEN: does SVOD 1:1 reach documentation made under SoL 2001:453 when it is read after
    # 2025-07-01? The transitional provisions of 2025:400 do not say so.
    OLD_SOL_IN_SCOPE = "old_sol_in_scope"
    # OPEN: does an own refusal, given while able, bar SVOD 3:6 once consent cannot be obtained?
    REFUSAL_BARS_EMERGENCY = "refusal_bars_emergency"
    # OPEN: may a guardian see a child's documentation through SVOD (OSL 12:3, FB 6:11)?
    GUARDIAN_SEES_CHILD = "guardian_sees_child"
    # OPEN: may a guardian consent for a child to an omsorgsgivare's reading a vårdgivare's data?
    # SVOD 3:2 lets the child's consent be dispensed with for other omsorgsgivare's data only, and
    # says nothing of a guardian (FB 6:11 speaks for it).
    GUARDIAN_CONSENTS_FOR_CHILD = "guardian_consents_for_child"
    # OPEN: may somebody without a relation, or with a purpose that no section serves, learn that
    # data exist (U0, B0)? SVOD 2:4 and 2:5 are silent.
    EXISTENCE_WITHOUT_RELATION = "existence_without_relation"
    # OPEN: by what standard does the blocking vårdgivare decide a request to lift (SVOD 3:5)? The
    # act states none. No: that of PDL 4:5 item 2, with the danger that 3:5 asks for. Yes: the
    # officer's own judgement.
    OFFICER_JUDGES_ALONE = "officer_judges_alone"
    # OPEN: does a yes count from somebody lastingly unable since an unknown day? It cannot be
    # shown to be from before. A no stands in either case.
    UNDATED_LOSS_KEEPS_CONSENT = "undated_loss_keeps_consent"
    # OPEN: may a vårdgivare's own system search across persons in its health care documentation?
    # PDL 2:8 speaks of searches in what a vårdgivare processes, not of who carries them out.
    SYSTEM_SEARCHES_ACROSS = "system_searches_across"
    # OPEN: may staff take away a block that was written down by mistake? The statutes say nothing
    # of mistaken registrations. Yes: the owner's officer, or within a day the one who wrote it
    # down; the person is told, and can set the block again at once.
    MISTAKES_ARE_VOIDED = "mistakes_are_voided"


DEFAULTS: Mapping[Switch, bool] = {
    Switch.OLD_SOL_IN_SCOPE: False,
    Switch.REFUSAL_BARS_EMERGENCY: True,
    Switch.GUARDIAN_SEES_CHILD: False,
    Switch.GUARDIAN_CONSENTS_FOR_CHILD: False,
    Switch.EXISTENCE_WITHOUT_RELATION: False,
    Switch.OFFICER_JUDGES_ALONE: False,
    Switch.UNDATED_LOSS_KEEPS_CONSENT: False,
    Switch.SYSTEM_SEARCHES_ACROSS: True,
    Switch.MISTAKES_ARE_VOIDED: True,
}


class Testable(Protocol):
    """Anything that a situation can be held against: a `consent.condition.Condition`."""

    @property
    def test(self) -> Callable[["Situation"], Predicate]:
        """Return the function that turns a situation into a predicate over the item's columns."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a decision rests on, except the item and the law.

    `asked` holds what conditions that no item changes came to, and `owed` what followed from what
    was shown: each asked once.
    """

    facts: Facts
    request: Request
    switches: Mapping[Switch, bool] = field(default_factory=lambda: DEFAULTS)
    asked: dict[Any, bool] = field(default_factory=dict, compare=False, repr=False)
    owed: dict[Any, frozenset[Any]] = field(default_factory=dict, compare=False, repr=False)
    _tested: dict[int, Predicate] = field(default_factory=dict, compare=False, repr=False)

    def amid(self, facts: Facts | None = None, request: Request | None = None) -> "Situation":
        """Return the situation with other facts or another request, by the same switches."""
        return Situation(facts or self.facts, request or self.request, self.switches)

    @property
    def otherwise(self) -> str:
        """Return what is decided otherwise than by default, as it stands behind a law's name."""
        if self.switches is DEFAULTS:
            return ""
        other = sorted(each for each, on in self.switches.items() if on is not DEFAULTS[each])
        return "".join(f"+{each}={'yes' if self.switches[each] else 'no'}" for each in other)

    def of(self, condition: "Testable") -> Predicate:
        """Return what a condition comes to here; each is tested once for a situation."""
        known = self._tested.get(id(condition))
        if known is None:
            known = self._tested[id(condition)] = condition.test(self)
        return known

    @property
    def operation(self) -> Operation:
        """Return what is decided: a search about one person is a reading."""
        request = self.request
        alone = request.op is Operation.SEARCH and not request.target.across_persons
        return Operation.READ if alone else request.op

    @property
    def day(self) -> date:
        """Return the Swedish calendar day of the request: acts come into force at its midnight."""
        return self.request.at.astimezone(STOCKHOLM).date()

    def organisation(self, name: str | None) -> Organisation | None:
        """Return the organisation of that id, or None where the directory has none."""
        return None if name is None else self.facts.organisations.get(name)
