"""What answers and observations need beside the common transforms.

Source: rivta.md §2.4 (intervals, partial times), §4.8-§4.10, §4.12 (results as text, the words for
a status that differ between systems).
"""

import re
from typing import TYPE_CHECKING

from mappings import local_time
from mappings.code_systems import code_list
from mappings.paths import Value, leaf
from mappings.transforms.codes import CV
from mappings.transforms.documents import encoded, rendered
from mappings.transforms.identifiers import hsa_identifier, ii_identifier
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean
from mappings.transforms.times import make_period, read

if TYPE_CHECKING:
    from mappings.engine import Frame

SEVERAL = (
    "several values stand where the contract has one: each is shown as a component, none as the"
    " value; have it corrected at the source"
)
_URL = re.compile(r"\S+")


@transform("by_words", takes=("", *CV))
def by_words(*, table: str, shape: str = "CodeableConcept") -> Transform:
    """A FHIR code for what a code or its words mean; none, with a note, for what is not listed."""
    codes = code_list(table)
    if shape not in {"CodeableConcept", "Coding", "code"}:
        message = f"shape must be CodeableConcept, Coding or code, not {shape}"
        raise ValueError(message)

    def convert(value: Value, frame: "Frame") -> object | None:
        if isinstance(value, str):
            said = [leaf(value)]
        else:
            said = [leaf(value, each) for each in ("displayName", "originalText", "code", "#text")]
        words = [each.lower() for each in said if each is not None]
        found = (
            next(
                (w if w in codes.codes else codes.synonyms[w])
                for w in words
                if w in codes.codes or w in codes.synonyms
            )
            if any(w in codes.codes or w in codes.synonyms for w in words)
            else None
        )
        if found is None:
            if words:
                frame.note("unknown-code", f"the code has no equivalent in the list '{table}'")
            return None
        if shape == "code":
            return found
        coding = {"system": codes.uri, "code": found, "display": codes.codes[found]}
        return coding if shape == "Coding" else {"coding": [coding]}

    return convert


@transform("several_values", takes=())
def several_values() -> Transform:
    """Words for whoever reads the values, and a note for the sender, that there are several."""

    def convert(_value: Value, frame: "Frame") -> object | None:
        frame.note("several-values", SEVERAL)
        return "Källan anger flera värden där avtalet har ett; alla visas."

    return convert


@transform("concept_text")
def concept_text() -> Transform:
    """A CodeableConcept that has words and no code."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        return None if text is None else {"text": clean(text)}

    return convert


@transform("plain_text")
def plain_text() -> Transform:
    """Text to read: of DocBook or HTML, its words."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = leaf(value)
        if text is None:
            return None
        found = rendered(clean(text))
        return clean(text) if found is None else found[1] or None

    return convert


@transform("marked_up")
def marked_up() -> Transform:
    """An Attachment with the original of marked-up text; none for plain text."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        text = clean(leaf(value) or "")
        found = rendered(text)
        return None if found is None else {"contentType": found[0], "data": encoded(text)}

    return convert


@transform("url")
def url() -> Transform:
    """An address as it was written; none for what has blanks."""

    def convert(value: Value, frame: "Frame") -> object | None:
        text = leaf(value)
        if text is None:
            return None
        if _URL.fullmatch(text) is None:
            frame.note("not-an-address", "the value is no address and is left out")
            return None
        return clean(text)

    return convert


@transform("hsa_id")
def hsa_id() -> Transform:
    """An Identifier of what stands in a field for an HSA-id; a local id is the source's own."""
    return lambda value, frame: hsa_identifier(leaf(value), frame)


@transform("attester", takes=("attesterHSAId", "attesterName"))
def attester() -> Transform:
    """A logical reference to the one who has seen and attested an answer."""

    def convert(value: Value, frame: "Frame") -> object | None:
        found, name = (
            hsa_identifier(leaf(value, "attesterHSAId"), frame),
            leaf(value, "attesterName"),
        )
        return _named(found, name, "Practitioner")

    return convert


@transform("unit_ii", takes=("id/root", "id/extension", "name"))
def unit_ii() -> Transform:
    """A logical reference to an Organization whose id is an II."""

    def convert(value: Value, frame: "Frame") -> object | None:
        own = value.get("id") if isinstance(value, dict) else None
        found = None if own is None else ii_identifier(own, frame)
        return _named(found, leaf(value, "name"), "Organization")

    return convert


def _named(
    found: dict[str, object] | None, name: str | None, kind: str
) -> dict[str, object] | None:
    if found is None and name is None:
        return None
    made: dict[str, object] = {"type": kind}
    if found is not None:
        made["identifier"] = found
    if name is not None:
        made["display"] = clean(name)
    return made


def _moment(value: Value | None, frame: "Frame") -> local_time.Moment | None:
    if isinstance(value, dict):
        value = value.get("value", value)
    text = leaf(value)
    return None if text is None else read(text, frame)


def _partial(value: Value | None, frame: "Frame") -> str | None:
    moment = _moment(value, frame)
    return None if moment is None else moment.fhir


@transform("partial_time", takes=("", "value", "format"))
def partial_time() -> Transform:
    """A dateTime from a partial time: as precise as it was written."""
    return _partial


@transform(
    "partial_period",
    takes=("start", "end", "start/value", "start/format", "end/value", "end/format"),
)
def partial_period() -> Transform:
    """A Period whose ends may be partial times."""

    def convert(value: Value, frame: "Frame") -> object | None:
        if not isinstance(value, dict):
            return None
        start, end = (_moment(value.get(each), frame) for each in ("start", "end"))
        return make_period(start, end, frame)

    return convert


@transform("year_month", takes=("year", "month"))
def year_month() -> Transform:
    """A partial date from a year and a month; the year alone when the month is none."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        year, month = leaf(value, "year"), leaf(value, "month")
        if year is None or not year.isdecimal():
            return None
        tried = [year.zfill(4) + month.zfill(2)] if month and month.isdecimal() else []
        for text in (*tried, year.zfill(4)):
            moment = local_time.read(text)
            if moment is not None:
                return moment.fhir
        return None

    return convert
