"""The outside of a message: SOAP envelope and fault, the aggregator's header, result and hasMore.

Source: rivta.md §0 (three shapes of result; absent means OK; a fault must hold no personal data,
but free text from strangers is never repeated), §4.1 (hasMore).
"""

import re
from dataclasses import dataclass

from lxml import etree

from adapters.document import Note, Unreadable
from adapters.rivta.tree import local

SOAP = frozenset(
    {"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"}
)

# Faults of the service platform (VP): what each means. 008, 009 and 012 may pass by themselves.
VP_FAULTS = {
    "VP001": "the RIV-TA version is missing or not supported",
    "VP002": "the client certificate is not accepted",
    "VP003": "the logical address is missing",
    "VP004": "no route for this address and contract",
    "VP005": "the producer lacks this RIV-TA version",
    "VP006": "the route is ambiguous",
    "VP007": "the consumer is not authorised for this address and contract",
    "VP008": "no contact with the address catalogue; try again",
    "VP009": "the producer could not be reached; try again",
    "VP010": "the producer has no address",
    "VP011": "the call was not made over TLS",
    "VP012": "the platform lacks resources; try again",
    "VP013": "the consumer may not state an original consumer",
    "VP014": "the routing goes in a loop",
    "VP015": "the call is malformed",
}
_VP = re.compile(r"\bVP0(?:0[1-9]|1[0-5])\b")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WORD = re.compile(r"[A-Z][A-Z_]{1,39}")
_HSA = re.compile(r"[A-Z]{2}\d{10}-[0-9A-Za-z]{1,20}|5565594230")
_UNREACHED = {"DataFromCacheSynchFailed", "NoDataSynchFailed"}


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened message: its payload (None for a fault), and what its outside says."""

    payload: etree._Element | None
    fault: Note | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The logical result of an answer: OK, INFO or ERROR, and the note that tells of it."""

    code: str
    note: Note | None


def name_of(element: etree._Element) -> tuple[str, str]:
    """Return an element's namespace and local name as they are written."""
    name = etree.QName(element)
    return name.namespace or "", name.localname


def open_message(root: etree._Element) -> Opened:
    """Return the payload of a message with or without its SOAP envelope.

    Raises:
        Unreadable: the envelope has no body, or an empty one.
    """
    namespace, name = name_of(root)
    if namespace not in SOAP or name != "Envelope":
        return Opened(root, None, ())
    payload, notes = None, []
    for part in root:
        if local(part.tag) == "Header":
            notes.extend(_processing_notes(part))
        elif local(part.tag) == "Body":
            # Where a message is taken apart its comments are there, and one may stand first.
            payload = next((each for each in part if isinstance(each.tag, str)), None)
    if payload is None:
        raise Unreadable(
            "empty-envelope",
            f"line {root.sourceline}",
            "the SOAP envelope has no message in its body; send the answer of a contract",
        )
    if name_of(payload)[0] in SOAP and local(payload.tag) == "Fault":
        return Opened(None, _fault(payload), tuple(notes))
    return Opened(payload, None, tuple(notes))


def _fault(fault: etree._Element) -> Note:
    texts = [each.text or "" for each in fault.iter() if isinstance(each.tag, str)]
    code = next((match[0] for text in texts if (match := _VP.search(text))), None)
    log = next((match[0] for text in texts if (match := _UUID.search(text))), None)
    meaning = "a technical error" if code is None else f"{code}, {VP_FAULTS[code]}"
    text = f"the source answered with a SOAP fault: {meaning}"
    if log is not None:
        text += f" (log id {log})"
    return Note("error", code or "soap-fault", f"line {fault.sourceline}", text)


def _processing_notes(header: etree._Element) -> list[Note]:
    """Return a warning for each system that the aggregating service could not reach."""
    notes = []
    for status in header.iter():
        if local(status.tag) != "ProcessingStatusList":
            continue
        fields = {local(each.tag): (each.text or "").strip() for each in status}
        code = fields.get("statusCode", "")
        in_synch = fields.get("isResponseInSynch", "true").lower() in {"true", "1"}
        if code not in _UNREACHED and in_synch:
            continue
        address = fields.get("logicalAddress", "")
        named = address if _HSA.fullmatch(address) else "a source system"
        shown = code if code in _UNREACHED else "not in synch"
        notes.append(
            Note(
                "warning",
                "not-reached",
                "Header/ProcessingStatus",
                f"the answer is not complete: {named} could not be reached ({shown}); "
                "fetch again later",
            )
        )
    return notes


def read_result(answer: etree._Element) -> Result:
    """Return the answer's logical result; one that says nothing is OK."""
    found = _result_element(answer)
    if found is None:
        return Result("OK", None)
    fields = {local(each.tag).lower(): (each.text or "").strip() for each in found}
    code = fields.get("resultcode", "OK").upper()
    if code in {"OK", ""}:
        return Result("OK", None)
    place = f"line {found.sourceline}"
    if code == "INFO":
        return Result(
            "INFO",
            Note(
                "information",
                "source-message",
                place,
                "the source sent a message with its answer; it stands in the stored document",
            ),
        )
    said = [fields.get("errorcode", ""), fields.get("subcode", "")]
    codes = ", ".join([each for each in (code, *said) if _WORD.fullmatch(each)]) or "ERROR"
    text = f"the source answered with an error ({codes})"
    log = fields.get("logid", "")
    if _UUID.fullmatch(log):
        text += f", log id {log}"
    return Result("ERROR", Note("error", "source-error", place, f"{text}; ask the source"))


def _result_element(answer: etree._Element) -> etree._Element | None:
    """Find `result` in any namespace and either case, beside the records or one level down."""
    for child in answer:
        if local(child.tag).lower() == "result":
            return child
    for child in answer:
        for below in child:
            if local(below.tag).lower() == "result" and len(below):
                return below
    return None


def more_notes(answer: etree._Element) -> list[Note]:
    """Return a warning for each `hasMore`: the source holds records that are not in the answer."""
    notes = []
    for child in answer:
        if local(child.tag).lower() != "hasmore":
            continue
        if len(child) or (child.text or "").strip().lower() in {"true", "1"}:
            notes.append(
                Note(
                    "warning",
                    "has-more",
                    f"line {child.sourceline}",
                    "the answer is not complete: the source has more records (hasMore); fetch "
                    "them by direct addressing",
                )
            )
    return notes
