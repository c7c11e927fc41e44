"""One part per person: records grouped by identity, and the bytes that are kept for each.

An answer about one person is kept as the exact bytes that came. One about several is taken apart
so that a person's part holds nothing of anybody else's; read again, a part gives the same records.

Source: DESIGN P6 (the unit is a part), rivta.md §3 and §7.5 (identities).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256

from lxml import etree
from msgspec.structs import replace

from adapters.document import AccessHeader, Note, Part, Record, Tree, WrittenIdentity
from adapters.hardened_xml import parse
from adapters.rivta.care_service import with_regime
from adapters.rivta.contracts import Contract, HeaderForm
from adapters.rivta.envelope import open_message
from adapters.rivta.forms import Formed, formed_of
from adapters.rivta.header import Report, read_header, understood
from adapters.rivta.tree import build, has_attributes, local
from mappings.paths import children, fetch, is_missing, leaf, parse_path
from mappings.personal_identity import WARNINGS, Identity, NotAnIdentity, normalise

NO_ID = "the record has no id of its own: it is known by its content, and a change makes a new one"
TWICE = "the record stands twice in the answer; it is taken once"
SAME_ID = "two records in the answer have the same id and differ: both are kept"


_UNREAD = AccessHeader("", WrittenIdentity(""), "", None)


@dataclass(slots=True)
class _Found:
    """A record on its way into a part: where it stands, the tree of its header, and what it says.

    `inner` is its place among the observations of its group, from 0. Of a known form, `formed` is
    what its header and trees are made of, and there may be no element.
    """

    number: int
    place: str
    head: Tree | None
    element: etree._Element | None = None
    whole: Tree | None = None
    attributes: bool = True
    inner: int | None = None
    formed: Formed | None = None
    header: AccessHeader = _UNREAD

    def tree(self) -> Tree:
        """Return the record's tree, read anew."""
        if self.formed is not None:
            return self.formed.tree()
        if self.whole is not None:
            return self.whole
        assert self.element is not None  # noqa: S101 - only what has a form may have none
        return build(self.element)


@dataclass(slots=True)
class _Group:
    """One person's records and what there is to say about them."""

    found: list[_Found] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def record_elements(answer: etree._Element, contract: Contract) -> list[etree._Element]:
    """Return the answer's record elements, in order."""
    return [child for child in answer if local(child.tag) == contract.record]


def split(
    content: bytes,
    elements: Sequence[etree._Element],
    contract: Contract,
    today: date,
    formed: Sequence[Formed | None] | None = None,
) -> Iterator[Part]:
    """Yield one part for each person that the answer documents; unusable numbers make one more.

    `formed` is what is known of the records' forms, by number.
    """
    if formed is None:
        formed = [formed_of(element, contract) for element in elements]
    return _parts(content, _headed(elements, contract, formed), contract, today)


def split_formed(
    content: bytes, records: Sequence[Formed], contract: Contract, today: date
) -> Iterator[Part]:
    """Yield what `split` does, for an answer whose records are all of known forms."""
    path = f"{contract.answer}/{contract.record}"
    stands = (
        _Found(number, f"{path}[{number + 1}]", None, formed=each)
        for number, each in enumerate(records)
    )
    return _parts(content, stands, contract, today)


def _parts(
    content: bytes, stands: Iterable[_Found], contract: Contract, today: date
) -> Iterator[Part]:
    groups = _grouped(stands, contract, today)
    apart = _Separation(content, contract) if len(groups) > 1 else None
    for index, (key, group) in enumerate(groups.items(), 1):
        records = tuple(_records(group, contract))
        yield Part(
            name=None if apart is None else f"person {index}",
            raw=content
            if apart is None
            else apart.only(sorted({each.number for each in group.found})),
            person=None if key is None else group.found[0].header.person,
            records=records,
            notes=tuple(group.notes),
            without=partial(_without, content, contract, group, today),
        )


def _grouped(
    stands: Iterable[_Found], contract: Contract, today: date
) -> dict[Identity | None, _Group]:
    """Return each person's records, with their headers read."""
    known: dict[WrittenIdentity, _Group] = {}
    groups: dict[Identity | None, _Group] = {}
    for each in stands:
        said: list[Note] = []
        header = _header(each, contract, said.append)
        if contract.regime_from:
            kind = leaf(fetch((each.tree(),), parse_path(contract.regime_from)))
            header, odd = with_regime(header, kind, f"{each.place}/{contract.regime_from}")
            said.extend(odd)
        group = known.get(header.person)
        if group is None:
            person, odd_number = _identity(header.person, f"{each.place}/{contract.header}", today)
            said.extend(odd_number)
            group = known[header.person] = groups.setdefault(person, _Group())
        each.header = header
        group.found.append(each)
        group.notes.extend(said)
    return groups


def _header(found: _Found, contract: Contract, report: Report) -> AccessHeader:
    if found.formed is None:
        return read_header(found.head, contract, found.place, report)
    texts = found.formed.said()
    if texts is None:
        return read_header(found.formed.head(), contract, found.place, report)
    return understood(texts, contract, found.place, report)


def _without(
    content: bytes, contract: Contract, group: _Group, today: date, gone: Collection[Record]
) -> Part | None:
    """Return the part without these records; None: no other is left."""
    paths = {each.path for each in gone}
    left = sorted({each.number for each in group.found if each.place not in paths})
    if not left:
        return None
    apart = _Separation(content, contract)
    for number in left:
        apart.take_out(
            number,
            {
                each.inner
                for each in group.found
                if each.number == number and each.place in paths and each.inner is not None
            },
        )
    raw = apart.only(left)
    answer = open_message(parse(raw)).payload
    assert answer is not None  # noqa: S101 - it has records
    return next(split(raw, record_elements(answer, contract), contract, today))


def _headed(
    elements: Sequence[etree._Element], contract: Contract, known: Sequence[Formed | None]
) -> Iterator[_Found]:
    """Yield each record with its header's tree; of a group, one for each observation in it."""
    path = f"{contract.answer}/{contract.record}"
    attributes: bool | None = None
    for number, element in enumerate(elements):
        place = f"{path}[{number + 1}]"
        if contract.form is not HeaderForm.OBSERVATION_GROUP:
            formed = known[number]
            if formed is not None:
                yield _Found(number, place, None, element, formed=formed)
                continue
            if attributes is None:
                attributes = any(has_attributes(each) for each in elements)
            head = _head(element, contract.header, attributes=attributes)
            yield _Found(number, place, head, element, attributes=attributes)
            continue
        group = build(element)
        found = [each for each in children(group, "observation") if isinstance(each, Tree)]
        for index, each in enumerate(found or [Tree()]):
            one = Tree({**group, "observation": each})
            yield _Found(
                number, f"{place}/observation[{index + 1}]", one, element, one, inner=index
            )


def _observations(group: etree._Element) -> list[etree._Element]:
    """Return the elements of the observations of a group that say something."""
    return [
        each for each in group if local(each.tag) == "observation" and not is_missing(build(each))
    ]


def _head(record: etree._Element, name: str, *, attributes: bool) -> Tree | None:
    for child in record:
        if local(child.tag) == name:
            return build(child, attributes=attributes)
    return None


def _identity(
    written: WrittenIdentity, place: str, today: date
) -> tuple[Identity | None, tuple[Note, ...]]:
    """Return the person, without how it was written, and notes on how it was."""
    place = f"{place}/patientId"
    try:
        found = normalise(written.value, written.kind, today)
    except NotAnIdentity as error:
        text = f"{error.reason}; correct it at the source"
        return None, (Note("error", "no-person", place, text),)
    if not found.warnings:
        return found, ()
    notes = (Note("warning", code, place, WARNINGS[code]) for code in found.warnings)
    return Identity(found.system, found.value), tuple(notes)


def _records(group: _Group, contract: Contract) -> Iterator[Record]:
    seen: dict[tuple[str | None, str], _Found] = {}
    for each in group.found:
        header = each.header
        if header.record_id in {"", "?", "0"}:
            # Without an id of its own a record is known by what it says.
            header = replace(header, record_id=_fingerprint(each))
            group.notes.append(Note("warning", "no-record-id", each.place, NO_ID))
        key = (header.source_system, header.record_id)
        first = seen.setdefault(key, each)
        if first is not each:
            mark = _fingerprint(each)
            if mark == _fingerprint(first):
                group.notes.append(Note("information", "repeated-record", each.place, TWICE))
                continue
            header = replace(header, record_id=f"{header.record_id}#{mark[:16]}")
            group.notes.append(Note("warning", "repeated-record-id", each.place, SAME_ID))
        body = partial(_body, each, contract.header)
        yield Record(header, contract.table, each.place, body)


def _body(found: _Found, header: str) -> Tree:
    """Return the record's tree; its header's tree is the one that was read before."""
    if found.whole is not None or found.formed is not None:
        return found.tree()
    assert found.element is not None  # noqa: S101 - only what has a form may have none
    return build(found.element, header, found.head, attributes=found.attributes)


def _fingerprint(found: _Found) -> str:
    return sha256(repr(found.tree()).encode()).hexdigest()


class _Separation:
    """A message taken apart once, to be put together with some of its records at a time."""

    def __init__(self, content: bytes, contract: Contract) -> None:
        self.root = parse(content, keep_comments=True)
        answer = open_message(self.root).payload
        assert answer is not None  # noqa: S101 - what had records was no fault
        self.answer = answer
        self.elements = record_elements(answer, contract)
        # A comment outside the records may speak of anybody.
        self.position = sum(1 for _ in self.elements[0].itersiblings("*", preceding=True))
        for element in self.elements:
            answer.remove(element)
        for comment in list(self.root.iter(etree.Comment)):
            parent = comment.getparent()
            if parent is not None:
                parent.remove(comment)
        for each in (*answer, *self.elements):
            each.tail = "\n"

    def take_out(self, number: int, inner: AbstractSet[int]) -> None:
        """Leave out the observations at these places in a group, and what comments say of them."""
        if not inner:
            return
        group = self.elements[number]
        etree.strip_tags(group, etree.Comment)
        for place, each in enumerate(_observations(group)):
            if place in inner:
                group.remove(each)

    def only(self, numbers: Sequence[int]) -> bytes:
        """Return the message with these records alone."""
        kept = [self.elements[number] for number in numbers]
        for offset, element in enumerate(kept):
            self.answer.insert(self.position + offset, element)
        content = etree.tostring(self.root, encoding="utf-8", xml_declaration=True)
        for element in kept:
            self.answer.remove(element)
        return content
