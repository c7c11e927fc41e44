"""From a source's own words to the concepts that the mapping tables know.

The outcome of a record is a `Tree` whose keys are the fields of `mappings.source_concepts`, with
dates as FHIR writes them, numbers with a point and flags as true or false. A value that cannot be
read keeps its text under `<field>_written`, so that it is neither lost nor taken for something.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from adapters.document import Note, Tree
from mappings.date_forms import read_in
from mappings.local_time import Moment
from mappings.source_concepts import CONCEPTS
from mappings.source_expression import Expression
from mappings.source_field import Field, Kind
from mappings.source_node import SourceNode
from mappings.source_profile import RecordFit, SourceProfile

WRITTEN = "_written"
EXACT = "_exact"
PERSONNUMMER = "1.2.752.129.2.1.3.1"
SAMORDNINGSNUMMER = "1.2.752.129.2.1.3.3"
COORDINATION = 60
"""What a coordination number adds to the day (folkbokföringslagen 18 a §)."""

NO = frozenset({"n", "nej", "no", "false", "0", "f", "-"})
"""Words that mean no for a flag."""
_NOTES = {
    "unknown-code": "the profile's codes have no meaning for the value here; add it to them",
    "bad-date": "the value is no date in ISO form or in one of the profile's dates: forms",
    "bad-number": "the value is no number",
    "unknown-flag": "the value is neither yes nor no; add it to the profile's yes:, or use when: "
    "(where it says struck out, or not for the person, it is taken for yes)",
}


@dataclass(slots=True)
class Reading:
    """Reads fields at places of one person's document; collects what the sender should know."""

    profile: SourceProfile
    top: SourceNode
    notes: dict[tuple[str, str], Note] = field(default_factory=dict)

    def note(self, code: str, node: SourceNode, key: str) -> None:
        """Record once per kind and place (names only) that a value could not be read."""
        place = f"{node.path_from(self.top)}: {key}"
        self.notes.setdefault((code, place), Note("warning", code, place, _NOTES[code]))

    def tree(self, fit: RecordFit, node: SourceNode) -> Tree:
        """Return one record's body: its fields, and its groups as lists."""
        concept = CONCEPTS[fit.concept]
        tree = self.fields(fit.fields, concept.fields, node)
        for name, groups in fit.groups.items():
            found = [
                self.fields(group.fields, concept.groups[name], each)
                for group in groups
                for each in group.nodes(node, self.top)
            ]
            kept: list[str | Tree] = [each for each in found if each]
            if kept:
                tree[name] = kept
        return tree

    def fields(
        self, fitted: Mapping[str, Expression], kinds: Mapping[str, Field], node: SourceNode
    ) -> Tree:
        """Return the fields that have a value at a node."""
        tree = Tree()
        for name, expression in fitted.items():
            self._put(tree, name, expression, kinds[name], node)
        identifier = identifier_of(tree.get("number"))
        if identifier is not None:
            tree["identifier"] = identifier
        return tree

    def _put(
        self, tree: Tree, name: str, expression: Expression, kind: Field, node: SourceNode
    ) -> None:
        found = expression.find(node, self.top, several=kind.kind is Kind.CODES)
        value, problem = self._value(found.value, kind)
        if value is not None:
            tree[name] = value
            if kind.kind is Kind.TIME and isinstance(value, str) and "T" in value:
                tree[name + EXACT] = value
        elif found.written is not None:
            tree[name + WRITTEN] = found.written
            self.note(problem or "unknown-code", node, name)

    def _value(self, value: str | None, kind: Field) -> tuple[str | list[str | Tree] | None, str]:
        if value is None:
            return None, ""
        match kind.kind:
            case Kind.CODE:
                allowed = not kind.codes or value in kind.codes
                return (value if allowed else None), "unknown-code"
            case Kind.CODES:
                words: list[str | Tree] = list(value.split())
                allowed = not kind.codes or kind.codes.issuperset(map(str, words))
                return (words if allowed else None), "unknown-code"
            case Kind.DATE | Kind.TIME:
                moment = self.moment(value, day=kind.kind is Kind.DATE)
                return (moment.fhir if moment else None), "bad-date"
            case Kind.NUMBER:
                return _number(value), "bad-number"
            case Kind.FLAG:
                return _flag(value, self.profile.yes), "unknown-flag"
            case _:
                return ("".join(value.split()) if kind.kind is Kind.SIGNS else value), ""

    def moment(self, value: str, *, day: bool = False) -> Moment | None:
        """Return the date or time that a value means, in ISO form or one of the profile's own."""
        return read_in(value, self.profile.date_forms, day=day)


def identifier_of(number: object) -> Tree | None:
    """Return a person number of twelve digits under its kind's OID, as the tables take it."""
    digits = re.sub(r"[\s+-]", "", number) if isinstance(number, str) else ""
    if not re.fullmatch(r"\d{12}", digits):
        return None
    coordination = int(digits[6:8]) > COORDINATION
    return Tree(root=SAMORDNINGSNUMMER if coordination else PERSONNUMMER, extension=digits)


def _flag(value: str, yes: AbstractSet[str]) -> str | None:
    if value.casefold() in yes:
        return "true"
    return "false" if value.casefold() in NO else None


def _number(value: str) -> str | None:
    text = re.sub(r"\s", "", value).replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return text if number.is_finite() else None
