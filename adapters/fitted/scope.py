"""Scope at the door: what of one person's document the hub may keep at all.

Source: SVOD 1:1 (the closed list of services), 1:3 (files kept per recipient), DESIGN P6. What is
not known to be within is outside: an area or a service that the profile does not name, a place
that it does not describe. What goes is counted under a word, never described.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.document import Note, Part
from adapters.fitted.reading import Reading
from mappings.source_codes import OUT, RECIPIENTS, SERVICES
from mappings.source_concepts import CONCEPTS
from mappings.source_field import Kind
from mappings.source_fit import CaseFit
from mappings.source_law import OUTSIDE, section_of
from mappings.source_node import TEXT, SourceNode
from mappings.source_profile import RecordFit

HEALTH_CARE = frozenset(
    ("HSL", "TandvL", "LPT", "LRV", "SmL", "GIL", "KoordL", "KonsL", "FMU", "ESTETIK")
)

COUNTED = {
    "out_of_scope": "outside SVOD 1:1, left out and kept nowhere",
    "not_shared": "marked as not to be shared, left out and kept nowhere",
    "not_per_person": "not kept per person (SVOD 1:3), left out and kept nowhere",
    "unjudged": "of an area, act or kind of service that the profile does not name, left out and "
    "kept nowhere; fit the profile and send the export again",
    "undescribed": "at places that the profile does not describe, left out and kept nowhere; fit "
    "the profile and send the export again",
}


def counted(why: str, number: int, place: str) -> Note:
    """Return the note that counts what was left out for one reason, and says no more."""
    severity = "warning" if why in ("unjudged", "undescribed") else "information"
    return Note(severity, why.replace("_", "-"), place, f"{number} {COUNTED[why]}")


@dataclass(frozen=True, slots=True)
class Case:
    """A case that is in scope: where it is, and for whom its services are."""

    node: SourceNode
    fit: CaseFit
    recipient: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A record that may be kept: where it is, and the case that it belongs to, if any."""

    fit: RecordFit
    node: SourceNode
    case: Case | None
    recipient: str | None


@dataclass(slots=True)
class Verdict:
    """What may be kept of one person's document, and what may not, with the reason's word."""

    records: list[Placed] = field(default_factory=list)
    outside: dict[SourceNode, str] = field(default_factory=dict)
    undescribed: list[str] = field(default_factory=list)
    cases: list[SourceNode] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Return how many places go, by the word that they are counted under."""
        return Counter(self.outside.values())


class Judge:
    """Judges one person's document against the profile's scope."""

    def __init__(self, reading: Reading, person: SourceNode) -> None:
        self.reading = reading
        self.profile = reading.profile
        self.top = reading.top
        self.person = person
        self.verdict = Verdict()
        self.cases: dict[SourceNode, Case] = {}
        self.by_id: dict[str, Case] = {}

    def verdict_on_all(self) -> Verdict:
        """Return what may be kept and what may not."""
        self._withheld()
        self._judge_cases()
        self._judge_records()
        self._follow_links()
        self._undescribed()
        self.verdict.cases = list(self.cases)
        outside = self.verdict.outside
        self.verdict.outside = {
            node: why
            for node, why in outside.items()
            if not any(around in outside for around in node.ancestors())
        }
        return self.verdict

    def _out(self, node: SourceNode, why: str) -> None:
        self.verdict.outside.setdefault(node, why)

    def _gone(self, node: SourceNode) -> bool:
        outside = self.verdict.outside
        return node in outside or any(around in outside for around in node.ancestors())

    def _withheld(self) -> None:
        for rule in self.profile.withhold:
            for node in rule.each.nodes(self.person, self.top):
                if not node.purged and (rule.when is None or rule.when.holds(node, self.top)):
                    self._out(node, rule.reason)

    def _judge_cases(self) -> None:
        for fit in self.profile.cases:
            for node in fit.each.nodes(self.person, self.top):
                if node.purged and node.is_blank():
                    continue
                area = fit.area.find(node, self.top).value
                if area not in RECIPIENTS:
                    self._out(node, "out_of_scope" if area == OUT else "unjudged")
                elif not self._gone(node):
                    self.cases[node] = Case(node, fit, area)
                    identity = fit.id.find(node, self.top).value
                    if identity is not None:
                        self.by_id[identity] = self.cases[node]

    def _judge_records(self) -> None:
        claimed: set[tuple[str, SourceNode]] = set()
        for fit in self.profile.records:
            for node in fit.each.nodes(self.person, self.top):
                if fit.concept in node.purged:
                    continue
                if self._gone(node) or not (fit.when is None or fit.when.holds(node, self.top)):
                    continue
                # Of two entries for one concept the first counts, as the narrower one.
                if (fit.concept, node) in claimed:
                    continue
                claimed.add((fit.concept, node))
                placed = self._placed(fit, node)
                why = self._why_not(placed)
                if why is None:
                    self.verdict.records.append(placed)
                else:
                    self._out(node, why)

    def _placed(self, fit: RecordFit, node: SourceNode) -> Placed:
        link = fit.header.get("case")
        named = link.find(node, self.top).value if link else None
        case = self.by_id.get(named) if named else self._case_around(node)
        own = fit.header.get("recipient")
        recipient = own.find(node, self.top).value if own else None
        return Placed(fit, node, case, recipient or (case.recipient if case else None))

    def _case_around(self, node: SourceNode) -> Case | None:
        around = (self.cases.get(each) for each in (node, *node.ancestors()))
        return next((case for case in around if case is not None), None)

    def _why_not(self, placed: Placed) -> str | None:
        link = placed.fit.header.get("case")
        named = link.find(placed.node, self.top).value if link else None
        if named and placed.case is None:
            return "out_of_scope"
        if placed.recipient == OUT:
            return "out_of_scope"
        if placed.recipient is None and regime_of(placed, self.top) not in HEALTH_CARE:
            return "unjudged"
        if placed.fit.concept == "decision":
            return self._why_not_decision(placed)
        return None

    def _why_not_decision(self, placed: Placed) -> str | None:
        """Judge a decision by its act and services; one outside takes the whole decision along.

        What is written of a decision about several services cannot be told apart by machine.
        """
        sections = sections_of(placed, self.top)
        if OUTSIDE in sections:
            return "out_of_scope"
        told = [section for section in sections if section is not None]
        written = _law_of(placed, self.top)
        return "unjudged" if written and not told and not _lists_all(written) else None

    def _follow_links(self) -> None:
        """Take out what follows a decision, an application or an assignment that is outside."""
        before = -1
        while before != len(self.verdict.outside):
            before = len(self.verdict.outside)
            gone = self._identities(kept=False) - self._identities(kept=True)
            for placed in list(self.verdict.records):
                if gone and any(link in gone for link in self._links(placed)):
                    self.verdict.records.remove(placed)
                    self._out(placed.node, "out_of_scope")

    def _identities(self, *, kept: bool) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for fit in self.profile.records:
            identity = fit.fields.get("id")
            if identity is None:
                continue
            for node in fit.each.nodes(self.person, self.top):
                if fit.concept not in node.purged and self._gone(node) != kept:
                    value = identity.find(node, self.top).value
                    if value is not None:
                        found.add((fit.concept, value))
                    found.update(("service", own) for own in self._services(fit, node))
        return found

    def _services(self, fit: RecordFit, node: SourceNode) -> Iterator[str]:
        yield from _of_group(fit, "service", "id", node, self.top)

    def _links(self, placed: Placed) -> Iterator[tuple[str, str]]:
        concept = CONCEPTS[placed.fit.concept]
        for name, expression in placed.fit.fields.items():
            kind = concept.fields[name]
            if kind.kind is Kind.LINK and kind.links:
                value = expression.find(placed.node, self.top).value
                if value is not None:
                    yield kind.links, value
        for value in _of_group(placed.fit, "activity", "service", placed.node, self.top):
            yield "service", value

    def _undescribed(self) -> None:
        """Take out what stands beside the described places: it cannot be known to be in scope."""
        described = self._described()
        for node in self.person.walk():
            if node is self.person or node in described or self._gone(node) or node.is_blank():
                continue
            self._out(node, "undescribed")
            self.verdict.undescribed.append(node.path_from(self.top))

    def _described(self) -> set[SourceNode]:
        whole: set[SourceNode] = set(self.cases) | {placed.node for placed in self.verdict.records}
        whole |= {node for node in self.person.walk() if node.purged and node is not self.person}
        described = {self.person, *self._read_of_the_person()}
        for rule in self.profile.left_out:
            # An attribute that is left out describes its element, not what stands within.
            places = described if rule.path.attribute is not None else whole
            places.update(rule.path.nodes(self.person, self.top))
        for node in whole:
            described.update(node.walk())
        for node in (*described, *self.verdict.outside):
            described.update(node.ancestors())
        return described

    def _read_of_the_person(self) -> Iterator[SourceNode]:
        before = {node: set(node.used) for node in self.person.walk()}
        for node in before:
            node.used.clear()
        self.reading.tree(self.profile.person, self.person)
        read = [node for node in before if _holds(node)]
        for node, used in before.items():
            node.used.clear()
            node.used |= used
        yield from read


def _holds(node: SourceNode) -> bool:
    held = set(node.attributes) | ({TEXT} if node.text else set())
    return bool(held & node.used)


def _of_group(
    fit: RecordFit, group: str, name: str, node: SourceNode, top: SourceNode
) -> Iterator[str]:
    for each in fit.groups.get(group, ()):
        if name in each.fields:
            for place in each.nodes(node, top):
                value = each.fields[name].find(place, top).value
                if value is not None:
                    yield value


def _lists_all(law: str) -> bool:
    """Tell whether the act alone is enough: every LSS service is within (SVOD 1:1 item 4)."""
    return section_of(law, None, None) is not None or section_of(law, "home_help", "older") not in (
        None,
        OUTSIDE,
    )


def regime_of(placed: Placed, top: SourceNode) -> str | None:
    """Return the act that a record says it was made under, or that its case says."""
    own = placed.fit.header.get("regime")
    found = own.find(placed.node, top).value if own else None
    if found is None and placed.case is not None:
        of_case = placed.case.fit.header.get("regime")
        found = of_case.find(placed.case.node, top).value if of_case else None
    return found


def sections_of(placed: Placed, top: SourceNode) -> list[str | None]:
    """Return the section that each of a decision's services rests on."""
    written = _law_of(placed, top)
    if written is None and regime_of(placed, top) == "LSS":
        written = "LSS"
    kinds: list[str | None] = [
        group.fields["type"].find(each, top).value
        for group in placed.fit.groups.get("service", ())
        if "type" in group.fields
        for each in group.nodes(placed.node, top)
    ]
    if OUT in kinds:
        return [OUTSIDE]
    known = [kind if kind in SERVICES else None for kind in kinds] or [None]
    return [section_of(written, kind, placed.recipient) for kind in known]


def _law_of(placed: Placed, top: SourceNode) -> str | None:
    law = placed.fit.fields.get("law")
    found = law.find(placed.node, top) if law else None
    return (found.value or found.written) if found else None


def nothing(name: str, counts: Counter[str]) -> Part:
    """Return the part of a person of whom nothing may be kept: what there was is counted."""
    text = "nothing of this person's documentation is within SVOD 1:1; nothing of it is kept"
    notes = (*counted_all(name, counts), Note("information", "nothing-in-scope", name, text))
    return Part(name, b"", None, (), notes)


def counted_all(name: str, counts: Counter[str]) -> tuple[Note, ...]:
    """Return a note for each reason why something was left out, in a fixed order."""
    return tuple(counted(why, number, name) for why, number in sorted(counts.items()))
