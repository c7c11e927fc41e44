"""What the transforms that tables are full of do, as expressions, for values whose form is known.

A value of a form says something and holds no sign that XML does not allow (forms.py), so that
its text is `strip`ped and nothing else; which parts an element has is known. Each expression gives
what the transform of that name does (mappings/transforms); where anything else would have to be
asked there is none, and the transform is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mappings import local_time
from mappings.paths import Value
from mappings.shape_writer import ShapeWriter
from mappings.transforms.codes import coding_of, concept_of
from mappings.transforms.identifiers import hsa_identifier, identified, named
from mappings.transforms.times import read


@dataclass(frozen=True, slots=True)
class Written:
    """An expression; `always`: it gives a value, never None. It never gives a list."""

    text: str
    always: bool = False


Options: TypeAlias = Mapping[str, Any]
Write: TypeAlias = Callable[[ShapeWriter, Any, Options], Written | None]


def _referred(found: dict[str, object] | None, kind: str | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {"identifier": found} if kind is None else {"type": kind, "identifier": found}


VALUES: Mapping[str, object] = {
    "moment": local_time.read,
    "odd": read,
    "coding_of": coding_of,
    "concept_of": concept_of,
    "hsa_identifier": hsa_identifier,
    "identified": identified,
    "named": named,
    "referred": _referred,
}
"""What the expressions call, by the names that they use."""


def value_written(
    writer: ShapeWriter, value: Value, transform: tuple[str, Options] | None
) -> Written | None:
    """Return the expression of a value, changed by a transform; None: the transform is called."""
    if transform is None:
        return None
    name, options = transform
    write = (_OF_TEXT if isinstance(value, str) else _OF_PARTS).get(name)
    return None if write is None else write(writer, value, options)


def _text(writer: ShapeWriter, value: Value | None) -> str | None:
    """Return the expression of a leaf's text; "None" where it is not there; None: it is no leaf."""
    if value is None:
        return "None"
    return f"{writer.expression(value)}.strip()" if isinstance(value, str) else None


def _parts(writer: ShapeWriter, value: Value, *names: str) -> list[str] | None:
    """Return the expressions of an element's leaves; None where one of them is no leaf."""
    if not isinstance(value, dict):
        return None
    found = [_text(writer, value.get(name)) for name in names]
    return None if None in found else [each for each in found if each is not None]


def _time(text: str) -> Write:
    def write(writer: ShapeWriter, value: str, _options: Options) -> Written:
        at = writer.expression(value)
        plain = f"(m := moment({at})) is not None and m.problem is None"
        odd = f"(m := odd({at}, frame)) is not None"  # with a note
        return Written(f"{text} if {plain} else {text} if {odd} else None")

    return write


def _string(writer: ShapeWriter, value: str, _options: Options) -> Written:
    return Written(f"{writer.expression(value)}.strip()", always=True)


def _code(writer: ShapeWriter, value: str, _options: Options) -> Written:
    return Written(f"' '.join({writer.expression(value)}.split())", always=True)


def _concept_text(writer: ShapeWriter, value: str, _options: Options) -> Written:
    return Written(f"{{'text': {writer.expression(value)}.strip()}}", always=True)


def _annotation(writer: ShapeWriter, value: str, options: Options) -> Written:
    label = f"{options['label']}: " if options.get("label") else ""
    text = f"{writer.expression(value)}.strip()"
    return Written(f"{{'text': {label!r} + {text}}}" if label else f"{{'text': {text}}}", True)


def _hsa(writer: ShapeWriter, value: str, _options: Options) -> Written:
    return Written(f"hsa_identifier({writer.expression(value)}.strip(), frame)")


def _hsa_reference(writer: ShapeWriter, value: str, options: Options) -> Written:
    kind = options.get("type", "Organization")
    return Written(f"referred({_hsa(writer, value, options).text}, {kind!r})")


def _concept(writer: ShapeWriter, value: Value, _options: Options) -> Written | None:
    names = ("code", "codeSystem", "codeSystemName", "codeSystemVersion", "displayName")
    parts = _parts(writer, value, *names, "originalText")
    return None if parts is None else Written(f"concept_of({', '.join(parts)}, frame)")


def _coding(writer: ShapeWriter, value: Value, _options: Options) -> Written | None:
    parts = _parts(writer, value, "code", "codeSystem", "codeSystemVersion", "displayName")
    return None if parts is None else Written(f"coding_of({', '.join(parts)}, frame)")


def _identifier(writer: ShapeWriter, value: Value, _options: Options) -> Written | None:
    parts = _parts(writer, value, "root", "extension")
    return None if parts is None else Written(f"identified({', '.join(parts)}, frame)")


def _identifier_reference(writer: ShapeWriter, value: Value, options: Options) -> Written | None:
    found = _identifier(writer, value, options)
    return found and Written(f"referred({found.text}, {options.get('type')!r})")


def _hsa_reference_of_parts(writer: ShapeWriter, value: Value, options: Options) -> Written | None:
    found = _identifier(writer, value, options)
    return found and Written(f"referred({found.text}, {options.get('type', 'Organization')!r})")


def _record(writer: ShapeWriter, value: Value, _options: Options) -> Written | None:
    """Write the Identifier of a record's own id: a text, or a root and an extension."""
    if isinstance(value, str):
        key = _text(writer, value)
    else:
        parts = [
            each for each in _parts(writer, value, "root", "extension") or () if each != "None"
        ]
        key = " + '/' + ".join(parts) or None
    if key is None:
        return None
    return Written(f"{{'system': {writer.fact('identifier_system')}, 'value': {key}}}", always=True)


def _record_reference(writer: ShapeWriter, value: Value, options: Options) -> Written | None:
    found = _record(writer, value, options)
    text = f"{{'type': {options['type']!r}, 'identifier': {found.text if found else ''}}}"
    return found and Written(text, always=True)


def _professional(writer: ShapeWriter, value: Value, _options: Options) -> Written | None:
    names = ("healthcareProfessionalHSAId", "legalAuthenticatorHSAId")
    also = ("healthcareProfessionalName", "legalAuthenticatorName", "name")
    parts = _parts(writer, value, *names, *also)
    if parts is None or not isinstance(value, dict):
        return None
    ids = [each for each in parts[:2] if each != "None"]
    name = next((each for each in parts[2:] if each != "None"), "None")
    own = value.get("id")
    if ids and own is not None:
        return None
    found = f"hsa_identifier({ids[0]}, frame)" if ids else "None"
    if own is not None:
        inner = _identifier(writer, own, {})
        if inner is None:
            return None
        found = inner.text
    return Written(f"named({found}, {name}, 'Practitioner')")


def _org_unit(writer: ShapeWriter, value: Value, _options: Options) -> Written | None:
    parts = _parts(writer, value, "orgUnitHSAId", "orgUnitName")
    if parts is None:
        return None
    return Written(f"named(hsa_identifier({parts[0]}, frame), {parts[1]}, 'Organization')")


_OF_TEXT: Mapping[str, Write] = {
    "string": _string,
    "code": _code,
    "concept_text": _concept_text,
    "codeable_concept": _concept_text,
    "annotation": _annotation,
    "date_time": _time("m.fhir"),
    "date": _time("m.fhir[:10]"),
    "hsa_id": _hsa,
    "hsa_reference": _hsa_reference,
    "record_identifier": _record,
    "record_reference": _record_reference,
}
_OF_PARTS: Mapping[str, Write] = {
    "codeable_concept": _concept,
    "coding": _coding,
    "identifier": _identifier,
    "identifier_reference": _identifier_reference,
    "hsa_reference": _hsa_reference_of_parts,
    "record_identifier": _record,
    "record_reference": _record_reference,
    "professional": _professional,
    "org_unit": _org_unit,
}
