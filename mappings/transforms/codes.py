"""Codes: CV to CodeableConcept and Coding, and code lists of our own.

Source: rivta.md §2.4 (code or originalText; code needs codeSystem) and §3 (OIDs right, wrong and
absent: an unknown OID stays as urn:oid; what is no OID makes the code text, and a note).
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mappings.code_systems import System, code_list, oids
from mappings.paths import Value, leaf
from mappings.transforms.registry import Transform, transform
from mappings.transforms.text import clean

if TYPE_CHECKING:
    from mappings.engine import Frame

CV = ("code", "codeSystem", "codeSystemName", "codeSystemVersion", "displayName", "originalText")
_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.(?:0|[1-9]\d*))+)")
_URI = re.compile(r"(?:https?://|urn:)\S+")


def system_of(written: str | None) -> System | None:
    """Return the code system that an OID or uri names; None for what names nothing."""
    if written is None:
        return None
    known = oids().get(written)
    if known is not None:
        return None if known.use == "text" else known
    match = _OID.fullmatch(written)
    if match is None:
        return System(written, "", "as written") if _URI.fullmatch(written) else None
    known = oids().get(match[1])
    if known is not None:
        return None if known.use == "text" else known
    return System(f"urn:oid:{match[1]}", "", "as written")


def make_coding(value: Value, frame: "Frame") -> dict[str, object] | None:
    """Return the Coding of a CV; None, with a note, when its code system names nothing."""
    return coding_of(
        leaf(value, "code"),
        leaf(value, "codeSystem"),
        leaf(value, "codeSystemVersion"),
        leaf(value, "displayName"),
        frame,
    )


def coding_of(
    code: str | None, written: str | None, own: str | None, display: str | None, frame: "Frame"
) -> dict[str, object] | None:
    """Return the Coding of what a CV says: code, its system and that one's version, and words."""
    if code is None or code == "N/A":
        return None
    system = system_of(written)
    if system is None:
        frame.note(
            "no-code-system",
            "the code has no code system that exists (an OID is needed); it is kept as text",
        )
        return None
    made: dict[str, object] = {"system": system.uri}
    version = system.version or own
    if version is not None:
        made["version"] = clean(version)
    made["code"] = " ".join(clean(code).split())
    if display is not None:
        made["display"] = clean(display)
    return made


def concept_of(  # noqa: PLR0917 - the parts of a CV
    code: str | None,
    written: str | None,
    name: str | None,
    version: str | None,
    display: str | None,
    original: str | None,
    frame: "Frame",
) -> dict[str, object] | None:
    """Return the CodeableConcept of what a CV says."""
    coding = coding_of(code, written, version, display, frame)
    made: dict[str, object] = {} if coding is None else {"coding": [coding]}
    text = original or display
    if coding is None:
        text = _in_words(code, name, [each for each in (original, display) if each])
    if text is not None:
        made["text"] = clean(text)
    return made or None


def _in_words(code: str | None, name: str | None, words: Sequence[str]) -> str | None:
    """Return all that a CV says whose code is none: its words, then what they do not say."""
    told = list(dict.fromkeys(words))
    if code is not None and code not in told and not (told and code == "N/A"):
        told.append(f"{code}, {name}" if name and told else f"{code} ({name})" if name else code)
    return f"{told[0]} ({'; '.join(told[1:])})" if told[1:] else told[0] if told else None


@transform("codeable_concept", takes=CV)
def codeable_concept() -> Transform:
    """A CodeableConcept from a CV: coding by the OID table, text from originalText or display."""

    def convert(value: Value, frame: "Frame") -> object | None:
        if isinstance(value, str):
            text = leaf(value)
            return None if text is None else {"text": clean(text)}
        return concept_of(
            leaf(value, "code"),
            leaf(value, "codeSystem"),
            leaf(value, "codeSystemName"),
            leaf(value, "codeSystemVersion"),
            leaf(value, "displayName"),
            leaf(value, "originalText"),
            frame,
        )

    return convert


@transform("coding", takes=CV)
def coding() -> Transform:
    """A Coding from a CV; none when its code system names nothing."""
    return make_coding


@transform("code_map")
def code_map(*, table: str, shape: str = "CodeableConcept") -> Transform:
    """A code of one of our code lists, as CodeableConcept, Coding or code, with its display."""
    codes = code_list(table)
    if shape not in {"CodeableConcept", "Coding", "code"}:
        message = f"shape must be CodeableConcept, Coding or code, not {shape}"
        raise ValueError(message)

    def convert(value: Value, frame: "Frame") -> object | None:
        text = leaf(value)
        if text is None:
            return None
        code = text if text in codes.codes else codes.synonyms.get(text.lower())
        if code is None:
            frame.note("unknown-code", f"the code is not in the list '{table}'; it is kept as text")
            return {"text": clean(text)} if shape == "CodeableConcept" else None
        if shape == "code":
            return code
        found = {"system": codes.uri, "code": code, "display": codes.codes[code]}
        return found if shape == "Coding" else {"coding": [found], "text": codes.codes[code]}

    return convert


@transform("cv_text", takes=CV)
def cv_text() -> Transform:
    """The words of a CV: original text or display; all that it says where its code is none."""

    def convert(value: Value, _frame: "Frame") -> object | None:
        code, words = leaf(value, "code"), (leaf(value, "originalText"), leaf(value, "displayName"))
        said = [each for each in words if each]
        coded = code is not None and system_of(leaf(value, "codeSystem")) is not None
        if not said or not coded:
            text = _in_words(code, leaf(value, "codeSystemName"), said)
        else:
            text = said[0]
        return None if text is None else clean(text)

    return convert
