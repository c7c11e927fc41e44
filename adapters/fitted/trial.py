"""A profile tried on an export: what each field became, what was not used, codes without meaning.

Nothing is stored. Of what is out of scope only numbers are told; of areas that the profile does
not name the code itself, if it looks like one.

Source: INTERFACES, `mappings try`; SVOD 1:1, DESIGN P6.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.document import AccessHeader, Delivery, Note, Part, Tree
from mappings.source_concepts import CONCEPTS
from mappings.source_expression import Expression
from mappings.source_field import Field
from mappings.source_fit import RecordFit, SourceProfile
from mappings.source_node import SourceNode

WRITTEN = "_written"
UNSHOWN = "(a value that does not look like an id)"
_ID = re.compile(r"[\w.:/-]{1,40}")
_CODE = re.compile(r"[^\W\d_][\w/. -]{0,23}|\d{1,5}")


@dataclass(slots=True)
class Trial:
    """What came out: values by concept and field, records, unknown codes, and notes."""

    persons: int = 0
    without: int = 0
    records: Counter[str] = field(default_factory=Counter)
    values: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    whose: Counter[tuple[str, ...]] = field(default_factory=Counter)
    parts: list[Part] = field(default_factory=list)


def tried(delivery: Delivery) -> Trial:
    """Return what a delivery's records hold, field by field."""
    trial = Trial()
    _told(trial, delivery.notes)
    for part in delivery.parts():
        _told(trial, [*part.notes, *part.refused])
        if not part.records:
            trial.without += 1
            continue
        trial.persons += 1
        trial.parts.append(part)
        for record in part.records:
            concept = record.table.removeprefix("sol/").replace("health_note", "note")
            trial.records[concept] += 1
            trial.whose[_whose(concept, record.header)] += 1
            _count(trial, concept, "", record.body())
    return trial


def _whose(concept: str, header: AccessHeader) -> tuple[str, ...]:
    """Return whose a record is and under what, as its source writes it; a name is not shown."""
    ids = [each if each is None or _ID.fullmatch(each) else UNSHOWN for each in
           (header.owner, header.unit)]  # fmt: skip
    owner, unit = (each or "missing" for each in ids)
    return concept, owner, unit, header.regime, header.service or "", header.recipient


def _told(trial: Trial, notes: Iterable[Note]) -> None:
    for note in notes:
        number, _, rest = note.text.partition(" ")
        counted = number.isdigit()
        key = (note.code, rest if counted else note.text)
        trial.notes[key] += int(number) if counted else 1
        trial.places.setdefault(key, re.sub(r"\[\d+\]", "", note.place))


def _count(trial: Trial, concept: str, prefix: str, tree: Tree) -> None:
    for name, value in tree.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Tree):
                _count(trial, concept, f"{name}/", each)
            elif name.endswith(WRITTEN):
                trial.unknown[concept, prefix + name.removesuffix(WRITTEN), each] += 1
            else:
                trial.values[concept, prefix + name] += 1


def unknown_areas(top: SourceNode, profile: SourceProfile) -> Counter[str]:
    """Return the codes of case areas and recipients that the profile gives no meaning."""
    found: Counter[str] = Counter()
    for person in profile.person.each.nodes(top, top):
        for case in profile.cases:
            for node in case.each.nodes(person, top):
                _unknown(case.area, node, top, found)
        for fit in profile.records:
            recipient = fit.header.get("recipient")
            for node in fit.each.nodes(person, top) if recipient is not None else ():
                _unknown(recipient, node, top, found)
    return found


def _unknown(
    expression: Expression | None, node: SourceNode, top: SourceNode, found: Counter[str]
) -> None:
    if expression is None:
        return
    value = expression.find(node, top)
    if value.value is None and value.written and not value.known:
        code = _CODE.fullmatch(value.written)
        found[value.written if code else "(a value that does not look like a code)"] += 1


def nearest(
    profile: SourceProfile, concept: str, name: str, written: str
) -> tuple[str, str] | None:
    """Return the local code of a field that is most like a value, and its meaning."""
    codes: dict[str, str] = {}
    for expression in _expressions(profile, concept, name):
        codes |= _codes_of(expression)
    meanings = sorted(_kind(concept, name).codes)
    close = difflib.get_close_matches(written.casefold(), list(codes), n=1, cutoff=0.4)
    if close:
        return close[0], codes[close[0]]
    close = difflib.get_close_matches(written.casefold(), meanings, n=1, cutoff=0.4)
    return (close[0], close[0]) if close else None


def _codes_of(expression: Expression) -> Mapping[str, str]:
    found = dict(expression.codes or {})
    for part in expression.parts:
        found |= _codes_of(part)
    return found


def _kind(concept: str, name: str) -> Field:
    group, _, own = name.rpartition("/")
    known = CONCEPTS[concept]
    fields = known.groups.get(group, {}) if group else known.fields
    return fields.get(own, Field())


def _expressions(profile: SourceProfile, concept: str, name: str) -> list[Expression]:
    group, _, own = name.rpartition("/")
    fits: list[RecordFit] = [f for f in (profile.person, *profile.records) if f.concept == concept]
    if not group:
        return [fit.fields[own] for fit in fits if own in fit.fields]
    return [
        each.fields[own] for fit in fits for each in fit.groups.get(group, ()) if own in each.fields
    ]


def looks_like_code(written: str) -> bool:
    """Tell whether a value can be shown as a code; other values may be about somebody."""
    return _CODE.fullmatch(written) is not None
