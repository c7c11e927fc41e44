"""A whole message of known forms, read from its text: what is proved of one holds for its like.

A message is its outside (all before the first record and after the last) and its records. Where the
outside and each record's outline have been met in messages that the hardened parser accepted, with
values that no sign of XML stands in, the message is well-formed too: it differs from those in
the text of leaves alone. It needs no second parse; contract, result and forms are those that were
found then. Whatever differs in anything else is read the long way.

What is kept holds no value and no word of a document (forms.py), and is dropped when it is much.

Source: DESIGN §7 (parse and map, beside lxml's parse), P6.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from adapters.rivta.contracts import CONTRACTS, Contract
from adapters.rivta.forms import Formed, RecordForm, outlined, wordless
from adapters.rivta.normalised import NO_CHAR, normalised

LONGEST = 10_000_000
"""Bytes of a message: libxml2 refuses a longer text."""
MOST = 2048

_REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}))?(;?)")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_NO_CHAR = re.compile(rf"[\r\ud800-\udfff{NO_CHAR}]")
_SAYS = re.compile(r"[ \t\n]*+(?:\?[ \t\n]*+\S|[^\s?])")
_RECORD = re.compile(
    rf"<((?:[A-Za-z][\w.-]*:)?(?:{'|'.join(sorted({each.record for each in CONTRACTS}))}))>"
)
_UTF8 = re.compile(r"""\ufeff?<\?xml\s+version="1\.0"(?:\s+encoding="(?:utf|UTF)-8")?\s*\?>""")
_RESULT_CODE, _HAS_MORE = "resultcode", "hasmore"
_STATUS = "processingstatuslist"
"""What the aggregating service says is asked of no value here, wherever it stands."""
_LAST_TAG = re.compile(r"<(?:[^<>:\s]*:)?([^<>:\s]*)[^<>]*>\Z")
"""Of a text that ends where a value begins: the name of the value's element, without prefix."""
_MORE = frozenset({"true", "1"})
_BLANK = " \t\r\n"
_LEARNING = threading.Lock()


@dataclass(frozen=True, slots=True)
class _End:
    """What must be asked of the values after the records: the result's code, and each `hasMore`."""

    code: int | None
    more: tuple[int, ...]

    def notes_nothing(self, values: list[str]) -> bool:
        """Tell whether these values say that all went well and that no records are left out."""
        if self.code is not None and values[self.code].strip().upper() != "OK":
            return False
        return not any(values[number].strip().lower() in _MORE for number in self.more)


@dataclass(slots=True)
class _Outside:
    """What is known of messages with this beginning: their ends and their records' outlines."""

    contract: Contract
    ends: dict[str, _End] = field(default_factory=dict)
    records: dict[str, RecordForm] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A message's text, cut at its records."""

    begin: str
    records: list[str]
    end: str


@dataclass(frozen=True, slots=True)
class Known:
    """An answer without anything to note, whose records are all of known forms."""

    contract: Contract
    records: tuple[Formed, ...]


_KNOWN: dict[str, _Outside] = {}


def known_message(content: bytes) -> Known | None:
    """Return what a message is, where its like is known."""
    text = _text(content)
    cut = None if text is None or not _begins_as_known(text) else _cut(text)
    outside = None if cut is None else _KNOWN.get(cut.begin)
    if cut is None or outside is None:
        return None
    end, written = outlined(cut.end)
    known, said = outside.ends.get(end), _plain(written)
    if known is None or said is None or not known.notes_nothing(said):
        return None
    found: list[Formed] = []
    for record in cut.records:
        outline, values = outlined(record)
        form = outside.records.get(outline)
        if form is None:
            return None
        if "&" in record:
            plain = _plain(values)
            if plain is None:
                return None
            values = plain
        found.append(Formed(form, values))
    return Known(outside.contract, tuple(found))


def learn(
    content: bytes,
    answer: etree._Element,
    contract: Contract,
    elements: Sequence[etree._Element],
    records: Sequence[Formed | None],
) -> None:
    """Keep what a message was found to be: an answer, with nothing to note, of known forms.

    `elements` are its records, all that it has, and `records` what their forms are.
    """
    text = _text(content)
    cut = None if text is None else _cut(text)
    if cut is None or len(cut.records) != len(elements) or None in records:
        return
    end, _ = outlined(cut.end)
    if not _outside(cut.begin, end, answer, elements):
        return
    outlines = [outlined(each) for each in cut.records]
    for element, given, (outline, values) in zip(elements, records, outlines, strict=True):
        plain = _plain(values)
        if given is None or plain is None or not _whole(outline, element):
            return
        if Formed(given.form, plain).tree() != given.tree() or _has_result(given):
            return
    forms = {
        outline: given.form
        for given, (outline, _) in zip(records, outlines, strict=True)
        if given is not None
    }
    with _LEARNING:
        if sum(len(each.records) + len(each.ends) for each in _KNOWN.values()) >= MOST:
            _KNOWN.clear()
        outside = _KNOWN.setdefault(cut.begin, _Outside(contract))
        outside.ends[end] = _said(end)
        outside.records.update(forms)


def _text(content: bytes) -> str | None:
    if len(content) > LONGEST:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _begins_as_known(text: str) -> bool:
    """Tell whether it is worth while to look further: most of a text stands after its beginning."""
    first = _RECORD.search(text)
    return first is not None and normalised(text[: first.end()]) in _KNOWN


def _cut(text: str) -> _Cut | None:
    """Return a message's plain text cut at its records, each from its tag to its end tag."""
    plain = normalised(text)
    if plain is None or "\0" in plain:
        return None  # NUL would pass for a value in an outline
    first = _RECORD.search(plain)
    if first is None:
        return None
    closing = f"</{first[1]}>"
    last = plain.rfind(closing) + len(closing)
    if last < first.end():
        return None
    records = [
        f"{first[0]}{each.rstrip(_BLANK)}" for each in plain[first.end() : last].split(first[0])
    ]
    if not all(each.endswith(closing) for each in records):
        return None
    return _Cut(plain[: first.end()], records, plain[last:])


def _plain(values: list[str]) -> list[str] | None:
    """Return values as they are meant; None where one holds a reference that is not plain."""
    try:
        return [_without_references(each) if "&" in each else each for each in values]
    except ValueError:
        return None


def _without_references(value: str) -> str:
    made = _REFERENCE.sub(_meant, value)
    if not _SAYS.match(made):
        raise ValueError  # a blank or a filler, written as a number
    return made


def _meant(reference: re.Match[str]) -> str:
    named, number, hexadecimal, end = reference.groups()
    if not end:
        raise ValueError
    if named is not None:
        return _NAMED[named]
    meant = chr(int(number) if number is not None else int(hexadecimal, 16))
    if _NO_CHAR.match(meant):
        raise ValueError
    return meant


def _whole(outline: str, element: etree._Element) -> bool:
    """Tell whether a text begins and ends with an element: all tags in it are that element's."""
    ends = outline.count("</")
    begun = outline.count("<") - ends
    inside = sum(1 for _ in element.iter())
    return wordless(outline) and begun == inside == ends + outline.count("/>")


def _has_result(given: Formed) -> bool:
    return any(name.lower() == "result" for name in given.tree())


def _outside(
    begin: str, end: str, answer: etree._Element, elements: Sequence[etree._Element]
) -> bool:
    """Tell whether what is around the records holds no word, no pages and no part of a record."""
    declared = _UTF8.match(begin)
    around = begin[0 if declared is None else declared.end() :].lstrip("\ufeff") + end
    lower = around.lower()
    if "<?" in around or _STATUS in lower or not wordless(around):
        return False
    if lower.count(_RESULT_CODE) > 2:  # noqa: PLR2004 - its tag and its end tag
        return False
    root = answer.getroottree().getroot()
    inside = sum(1 for element in elements for _ in element.iter())
    # The first record's tag stands in the beginning.
    return around.count("<") - around.count("</") - 1 == sum(1 for _ in root.iter()) - inside


def _said(end: str) -> _End:
    """Return the numbers of the values that are the result's code and what is left out."""
    found = [_LAST_TAG.search(piece) for piece in end.split("\0")[:-1]]
    names = ["" if tag is None else tag[1].lower() for tag in found]
    code = names.index(_RESULT_CODE) if _RESULT_CODE in names else None
    return _End(code, tuple(n for n, name in enumerate(names) if name == _HAS_MORE))
