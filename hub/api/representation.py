"""How an answer is written: JSON or XML, plain or for people, whole or in part.

Source: FHIR R4 http.html#mime-type, #parameters (`_format`, `_pretty`, `_summary`, `_elements`).
What is asked for is settled before anything is done; stored bytes are taken apart only where it is
other than what they are.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from hub.api.call import FHIR_JSON, Answer
from hub.api.content_form import FHIR_VERSIONS, parameters_of
from hub.api.raw_binary import content
from hub.errors import BadRequest, NotAcceptable
from hub.fhir.json_codec import decode, encode
from hub.fhir.subset import SUMMARIES, elements_only, summary
from hub.fhir.xml_codec import encode_xml

FHIR_XML = "application/fhir+xml"
XML_TYPES = (FHIR_XML, "application/xml", "text/xml")
_FORMATS = {
    **dict.fromkeys(("json", FHIR_JSON, "application/json", "text/json"), FHIR_JSON),
    **dict.fromkeys(("xml", *XML_TYPES), FHIR_XML),
}
_RANGES = {"*/*": FHIR_JSON, "application/*": FHIR_JSON, "text/*": FHIR_JSON}
_OK = 200


@dataclass(frozen=True, slots=True)
class Representation:
    """What was asked for: the media type, for people or not, and the part of each resource.

    `raw` are ranges of media types other than FHIR's that a Binary's content may be of; the media
    type is then empty where no FHIR is taken.
    """

    media_type: str = FHIR_JSON
    pretty: bool = False
    summary: str | None = None
    elements: frozenset[str] = frozenset()
    raw: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Tell whether the stored bytes are what was asked for."""
        return self == PLAIN


PLAIN = Representation()


def representation(
    parameters: tuple[tuple[str, str], ...],
    accept: str | None,
    *,
    reads: bool,
    binary: bool = False,
) -> Representation:
    """Return what a request asks for; `reads`: it may ask for a part; `binary`: for bytes.

    Raises:
        NotAcceptable: it takes neither JSON nor XML.
        BadRequest: a parameter cannot be understood.
    """
    given: dict[str, str] = {}
    for name, value in parameters:
        given.setdefault(name, value)
    raw: tuple[str, ...] = ()
    if "_format" in given:
        media_type = _format(given["_format"])
    elif binary and (raw := _raw(accept)):
        media_type = _best(accept)[0] or ""
    else:
        media_type = _accepted(accept)
    pretty = given.get("_pretty", "false")
    if pretty not in ("true", "false"):
        raise BadRequest("_pretty is true or false", expression="http._pretty")
    kind = given.get("_summary") if reads else None
    if kind is not None and kind not in SUMMARIES:
        raise BadRequest(f"_summary is one of {', '.join(SUMMARIES)}", expression="http._summary")
    names = given.get("_elements", "") if reads else ""
    wanted = frozenset(name.strip().rpartition(".")[2] for name in names.split(",") if name.strip())
    part = None if kind in ("false", "count") else kind
    return Representation(media_type, pretty == "true", part, wanted, raw)


def represented(answer: Answer, asked: Representation) -> Answer:
    """Return the answer as it was asked for; one that is no FHIR, or empty, as it is."""
    if asked.plain or not answer.body or answer.media_type != FHIR_JSON:
        return answer
    if asked.raw and (found := content(answer, asked.raw)) is not None:
        return found
    if not asked.media_type and answer.status == _OK:
        error = NotAcceptable("the content is of another type; accept that, or FHIR")
        return Answer(error.status, error.outcome(), error.headers)
    resource = decode(answer.body, max_bytes=_UNLIMITED)
    if answer.status == _OK:
        resource = _part(resource, asked)
    if asked.media_type == FHIR_XML:
        body = encode_xml(resource)
        if asked.pretty:
            root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
            etree.indent(root)
            body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return replace(answer, body=body, media_type=FHIR_XML)
    return replace(answer, body=_pretty(resource) if asked.pretty else encode(resource))


_UNLIMITED = 1 << 40


def _part(resource: dict[str, Any], asked: Representation) -> dict[str, Any]:
    """A resource, or those of a Bundle, in the part that was asked for."""
    if asked.summary is None and not asked.elements:
        return resource
    if resource["resourceType"] == "Bundle" and resource.get("type") in ("searchset", "history"):
        entries = [_part_of_entry(each, asked) for each in resource.get("entry", [])]
        return {**resource, **({"entry": entries} if entries else {})}
    if resource["resourceType"] in ("OperationOutcome", "Parameters", "CapabilityStatement"):
        return resource
    return _cut(resource, asked)


def _part_of_entry(entry: Mapping[str, Any], asked: Representation) -> dict[str, Any]:
    mode = entry.get("search", {}).get("mode", "match")
    cut = "resource" in entry and (mode == "match" or (mode == "include" and asked.summary))
    return {**entry, "resource": _cut(entry["resource"], asked)} if cut else dict(entry)


def _cut(resource: Mapping[str, Any], asked: Representation) -> dict[str, Any]:
    if asked.elements:
        return elements_only(resource, asked.elements)
    return summary(resource, asked.summary or "data")


def _pretty(resource: Mapping[str, Any]) -> bytes:
    """JSON for people, with numbers as they are written."""
    written: dict[str, bytes] = {}

    def number(value: object) -> str:
        mark = f"\ue000{len(written)}\ue001"
        written[mark] = encode([value])[1:-1]
        return mark

    text = json.dumps(_marked(resource, number), indent=2, ensure_ascii=False).encode()
    for mark, value in written.items():
        text = text.replace(b'"' + mark.encode() + b'"', value)
    return text


def _marked(value: Any, number: Callable[[object], str]) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, Mapping):
        return {key: _marked(inner, number) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, number) for inner in value]
    return value if value is None or isinstance(value, str | bool | int) else number(value)


def _format(written: str) -> str:
    # a plus that was not escaped in a URL comes as a space
    name = written.partition(";")[0].strip().lower().replace("fhir ", "fhir+")
    found = _FORMATS.get(name)
    if found is None:
        raise NotAcceptable("_format is json or xml; other representations are not there")
    return found


def _accepted(accept: str | None) -> str:
    """The media type that Accept prefers of those that there are."""
    best, _ = _best(accept)
    if best is None:
        raise NotAcceptable(f"accept {FHIR_JSON} or {FHIR_XML}; other types are not there")
    return best


def _raw(accept: str | None) -> tuple[str, ...]:
    """The media types other than FHIR's that Accept prefers to it, or likes as well."""
    _, weight = _best(accept)
    found = []
    for each in (accept or "").split(","):
        name, *options = [part.strip().lower() for part in each.split(";")]
        known = name in _FORMATS or name in _RANGES
        if "/" in name and not known and _weight(options) >= max(weight, 0.001):
            found.append(name)
    return tuple(found)


def _best(accept: str | None) -> tuple[str | None, float]:
    """The form of FHIR that Accept prefers, and how much."""
    if not accept:
        return FHIR_JSON, 1.0
    best, weight = None, 0.0
    for each in accept.split(","):
        name, *options = [part.strip() for part in each.split(";")]
        found = _FORMATS.get(name.lower()) or _RANGES.get(name.lower())
        heavy = _weight(options) if _of_this_fhir(each) else 0.0
        if found and heavy > weight:
            best, weight = found, heavy
    return best, weight


def _of_this_fhir(media_range: str) -> bool:
    return parameters_of(media_range).get("fhirversion", FHIR_VERSIONS[0]) in FHIR_VERSIONS


def _weight(options: list[str]) -> float:
    for each in options:
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
