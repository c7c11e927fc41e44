"""The access header of a fitted record: whose it is, under which act, of which date.

Source: SVOD 1:1, 2:3 (a block asks for the information's own date), reference/law.md §1.4.
"""

from dataclasses import dataclass
from datetime import date, datetime

from adapters.document import AccessHeader, WrittenIdentity
from adapters.fitted.reading import NO, Reading
from adapters.fitted.scope import HEALTH_CARE, Placed, regime_of, sections_of
from mappings.local_time import STOCKHOLM
from mappings.source_codes import PROTECTED
from mappings.source_concepts import CONCEPTS
from mappings.source_law import OUTSIDE, under_act_of
from mappings.source_node import SourceNode
from mappings.source_profile import RecordFit

MASKS = ("address", "contact", "unit_name")
"""What would show where a person with a protected identity is."""

_MISSING = {"", "?", "0"}


@dataclass(frozen=True, slots=True)
class Span:
    """The dates that a record's information is of; None means unknown."""

    start: datetime | None = None
    end: datetime | None = None

    def day(self) -> date | None:
        """Return the Swedish day that it begins on."""
        return None if self.start is None else self.start.astimezone(STOCKHOLM).date()


class Headers:
    """Makes the headers of one person's records; a record may rest on another's decision."""

    def __init__(
        self, reading: Reading, person: SourceNode, identity: WrittenIdentity, placed: list[Placed]
    ) -> None:
        self.reading = reading
        self.top = reading.top
        self.identity = identity
        self.protected = protected_identity(reading, person)
        system = reading.profile.system
        self.system = system.find(self.top, self.top).value if system else None
        self.decisions = [each for each in placed if each.fit.concept == "decision"]
        self.by_id = {
            (each.fit.concept, value): each
            for each in placed
            if (value := self._field(each, "id")) is not None
        }

    def header(self, placed: Placed) -> AccessHeader:
        """Return the header of one record, without the id that it gets among the others."""
        span = self.span(placed.fit, placed.node)
        regime = regime_of(placed, self.top)
        section = None if regime in HEALTH_CARE else self._section(placed, span.day())
        if regime not in HEALTH_CARE:
            # The section tells the act better than a case does, which may hold both.
            regime = "LSS" if section and section.startswith("LSS") else regime or "SoL"
        health_note = placed.fit.concept == "note" and regime in HEALTH_CARE
        info_type = "note" if health_note else CONCEPTS[placed.fit.concept].info_type
        return AccessHeader(
            record_id="",
            person=self.identity,
            info_type=info_type,
            owner=self._who(placed, "owner"),
            unit=self._who(placed, "unit"),
            authority=self._who(placed, "authority"),
            source_system=self.system,
            regime=regime or "SoL",
            service=section,
            recipient=placed.recipient or "older",
            date_from=span.start,
            date_to=span.end,
            not_for_patient=self._flag(placed, "not_for_person"),
            nullified=self._flag(placed, "struck_out"),
            protected_identity=self.protected,
            masks=MASKS if self.protected != "none" else (),
        )

    def span(self, fit: RecordFit, node: SourceNode) -> Span:
        """Return the span of the first date that tells when a record's information is of."""
        for name in CONCEPTS[fit.concept].dates:
            expression = fit.fields.get(name)
            value = expression.find(node, self.top).value if expression else None
            moment = self.reading.moment(value) if value else None
            if moment is not None:
                return Span(moment.start, moment.end)
        return Span()

    def _section(self, placed: Placed, day: date | None) -> str | None:
        own = placed.fit.header.get("service")
        section = own.find(placed.node, self.top).value if own else None
        if section is not None:
            return section
        if placed.fit.concept == "decision":
            listed = [s for s in sections_of(placed, self.top) if s not in (None, OUTSIDE)]
            return listed[0] if listed else under_act_of(self._case_section(placed), day)
        decision = self._decision_behind(placed) or self._decision_of_case(placed, day)
        if decision is not None:
            section = self._section(decision, self.span(decision.fit, decision.node).day())
        return under_act_of(section or self._case_section(placed), day)

    def _case_section(self, placed: Placed) -> str | None:
        if placed.case is None:
            return None
        expression = placed.case.fit.header.get("service")
        return expression.find(placed.case.node, self.top).value if expression else None

    def _decision_behind(self, placed: Placed) -> Placed | None:
        """Return the decision that a record names, or that the assignment it names does."""
        decision = self._field(placed, "decision")
        if decision is not None:
            return self.by_id.get(("decision", decision))
        assignment = self._field(placed, "assignment")
        named = self.by_id.get(("assignment", assignment)) if assignment else None
        return self._decision_behind(named) if named is not None else None

    def _decision_of_case(self, placed: Placed, day: date | None) -> Placed | None:
        """Return the case's latest decision at the day that gives something, else its first."""
        if placed.case is None:
            return None
        dated = sorted(
            (
                (self.span(each.fit, each.node).day() or date.min, number, each)
                for number, each in enumerate(self.decisions)
                if each.case is placed.case and self._field(each, "outcome") != "refused"
            ),
            key=lambda entry: entry[:2],
        )
        before = [each for when, _, each in dated if day is None or when <= day]
        return before[-1] if before else dated[0][2] if dated else None

    def _who(self, placed: Placed, name: str) -> str | None:
        expression = placed.fit.header.get(name)
        value = expression.find(placed.node, self.top).value if expression else None
        if (value is None or value in _MISSING) and placed.case is not None:
            of_case = placed.case.fit.header.get(name)
            value = of_case.find(placed.case.node, self.top).value if of_case else None
        return None if value is None or value in _MISSING else value

    def _flag(self, placed: Placed, name: str) -> bool:
        expression = placed.fit.header.get(name)
        value = expression.find(placed.node, self.top).value if expression else None
        if value is None or value.casefold() in NO:
            return False
        if value.casefold() not in self.reading.profile.yes:
            # A system may write when, or by whom: shown on, a mistake would be taken for true.
            self.reading.note("unknown-flag", placed.node, name)
        return True

    def _field(self, placed: Placed, name: str) -> str | None:
        expression = placed.fit.fields.get(name)
        return expression.find(placed.node, self.top).value if expression else None


def protected_identity(reading: Reading, person: SourceNode) -> str:
    """Return the person's protection; a mark that the profile does not know protects."""
    expression = reading.profile.person.fields.get("protected")
    if expression is None:
        return "none"
    found = expression.find(person, reading.top)
    if found.value in PROTECTED:
        return str(found.value)
    return "none" if found.written is None else "sekretessmarkering"


def identity_of(reading: Reading, person: SourceNode) -> WrittenIdentity | None:
    """Return the person's number, with the century before it where the source keeps it apart."""
    fields = reading.profile.person.fields

    def value(name: str) -> str | None:
        return fields[name].find(person, reading.top).value if name in fields else None

    number, century = value("number"), value("century")
    if number is None or number in _MISSING:
        return None
    if century is not None and sum(c.isalnum() for c in number) == 10:  # noqa: PLR2004 - a short number
        number = century[:2] + number
    return WrittenIdentity(number, value("kind"))
