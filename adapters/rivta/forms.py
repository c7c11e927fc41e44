"""Records of a known form: their values taken from their text in one pass, without a tree of lxml.

lxml writes an element out in one form whatever the document's prefixes, comments and encoding were,
with every "<", ">" and "&" of a value escaped. The text between a tag and an end tag is therefore
the value of a leaf, and all else is the record's outline (mappings/forms.py). An outline is learned
only where its trees come out as `build` makes them, and where it holds no word of the document:
no attribute, no text beside the leaves', no element that the contract's table does not know.

Source: DESIGN §7 (parse and map, beside lxml's parse), P6 (nothing is kept of what is refused).
"""

import re
from dataclasses import dataclass

from lxml import etree

from adapters.document import Tree
from adapters.hardened_xml import parse
from adapters.rivta.contracts import Contract, HeaderForm
from adapters.rivta.header_texts import HeaderTexts
from adapters.rivta.tree import build
from adapters.rivta.written_header import Said, said_by
from mappings import tables
from mappings.forms import Form, Forms, Laid, form_of, laid

MOST_VALUES = 400

# A leaf that says nothing (one "?" or blanks) belongs to the outline, and so does one with returns
# or with signs that XML does not allow.
_WRONG = r"\x00-\x08\x0b-\x1f\ufffe\uffff"
_VALUES = re.compile(
    rf">([ \t\n]*+(?:\?[ \t\n]*+[^<>\s{_WRONG}]|[^<>\s?{_WRONG}])[^<>{_WRONG}]*)</"
)
_TAG = re.compile(r"<[^>]*>")
_DECLARED = re.compile(
    r'(?<=[ \t\n])xmlns(?::[A-Za-z][\w.-]{0,15})?="'
    r'(?:urn:riv:|http://schemas\.xmlsoap\.org/|http://www\.w3\.org/)[\w./:#-]{0,150}"'
)
_HERE = "\0"
_BETWEEN = f">{_HERE}</"


class FormedTree(Tree):
    """A record's tree with its form and values, so that a table can take these."""

    __slots__ = ("form", "given")

    form: Form
    given: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class RecordForm:
    """A form of records, and how their headers are read: by values where they can be, or a tree."""

    form: Form
    head: Laid
    said: Said | None


FORMS: Forms[RecordForm] = Forms()


@dataclass(frozen=True, slots=True)
class Formed:
    """A record's form and its values, in the document's order."""

    form: RecordForm
    given: list[str]

    def said(self) -> HeaderTexts | None:
        """Return what the record's header says; None where its tree must be asked."""
        return None if self.form.said is None else self.form.said(self.given)

    def head(self) -> Tree:
        """Return the tree of the record's header."""
        return Tree(self.form.head(self.given))  # type: ignore[arg-type]  # texts and trees

    def tree(self) -> Tree:
        """Return the record's tree."""
        form = self.form.form
        made = FormedTree(form.lay(self.given))  # type: ignore[arg-type]  # texts and trees
        made.form, made.given = form, self.given
        return made


def formed_of(element: etree._Element, contract: Contract) -> Formed | None:
    """Return a record's form and values; None where its form is not known."""
    if contract.form is HeaderForm.OBSERVATION_GROUP:
        return None
    text = etree.tostring(element, encoding="unicode", with_tail=False)
    outline, values = outlined(text)
    form = FORMS.by_outline.get(outline)
    if form is None:
        if FORMS.due(outline):
            _learn(element, contract, outline, values)
        return None
    if form.form.table.name != contract.table:
        return None
    if "&" in text:
        if "&#13;" in text:
            return None  # a value of returns alone would say nothing
        values = [_unescaped(each) if "&" in each else each for each in values]
    return Formed(form, values)


def outlined(text: str) -> tuple[str, list[str]]:
    """Return the outline of a text of XML, and the values of its leaves."""
    pieces = _VALUES.split(text)
    return _BETWEEN.join(pieces[::2]), pieces[1::2]


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _learn(element: etree._Element, contract: Contract, outline: str, values: list[str]) -> None:
    if len(values) > MOST_VALUES or not wordless(outline):
        return
    places = outline.split(_HERE)
    marked = "".join(f"{piece}#{number}" for number, piece in enumerate(places[:-1])) + places[-1]
    shape = build(parse(marked.encode()))
    head, form = shape.get(contract.header), form_of(tables.load(contract.table), shape)
    if form is None or not isinstance(head, Tree):
        return
    if repr(form.lay([*map(_unescaped, values)])) == repr(build(element)):
        FORMS.keep(outline, RecordForm(form, laid(head), said_by(head, contract)))


def wordless(outline: str) -> bool:
    """Tell whether an outline is made of elements alone, without anything that a source wrote."""
    bare = _DECLARED.sub("", outline)
    return "=" not in bare and not _TAG.sub("", bare).strip(f"{_HERE}? \t\n")
