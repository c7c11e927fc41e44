"""The RIV-TA adapter: what a message is, and the parts it holds.

Matched on namespace and local name, in one pass, the access header before the body. A source's
error is its own standing; a request or an unknown contract is rejected with the reason.

Source: rivta.md §0-§2, §7; DESIGN P6.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from adapters.document import Delivery, Note, Part, Standing
from adapters.hardened_xml import parse
from adapters.incoming import Content, whole
from adapters.rivta.contracts import BY_ANSWER, BY_REQUEST, CONTRACTS, Contract
from adapters.rivta.envelope import more_notes, name_of, open_message, read_result
from adapters.rivta.forms import formed_of
from adapters.rivta.known_message import Known, known_message, learn
from adapters.rivta.parts import record_elements, split, split_formed
from mappings.local_time import STOCKHOLM

_KNOWN_BY = (
    b"urn:riv:",
    b"http://schemas.xmlsoap.org/soap/envelope/",
    b"http://www.w3.org/2003/05/soap-envelope",
)
_SAFE_NAME = re.compile(r"(?!.*\d{6})[A-Za-z][A-Za-z0-9._:/-]{0,150}")
"""A name that a receipt repeats: a stranger may have made one of a person's number."""


class RivtaAdapter:
    """Reads the answers of the contracts in contracts.py."""

    name = "rivta"

    def recognises(self, content: bytes, name: str) -> bool:  # noqa: ARG002 - adapters' protocol
        """Tell whether the first bytes speak of RIV-TA or SOAP."""
        head = content[:8192].replace(b"\x00", b"")  # UTF-16 reads as ASCII without its zeros
        start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        return start.startswith(b"<") and any(mark in head for mark in _KNOWN_BY)

    def read(self, content: Content, name: str, profile: Mapping[str, object] | None) -> Delivery:  # noqa: ARG002
        """Return what the message is and, for an answer with records, its parts.

        Raises:
            Unreadable: it is damaged, hostile, or an envelope without a message.
        """
        content = whole(content)
        known = known_message(content)
        if known is not None:
            return _known(content, known)
        root = parse(content)
        opened = open_message(root)
        if opened.payload is None:
            fault = () if opened.fault is None else (opened.fault,)
            return Delivery(None, Standing.SOURCE_ERROR, notes=(*fault, *opened.notes))
        contract = BY_ANSWER.get(name_of(opened.payload))
        if contract is None:
            return _rejected(opened.payload)
        return _answer(content, opened.payload, contract, list(opened.notes))


def _known(content: bytes, known: Known) -> Delivery:
    def parts(after: int = 0) -> Iterator[Part]:  # noqa: ARG001 - read in one go
        return split_formed(content, known.records, known.contract, datetime.now(STOCKHOLM).date())

    return Delivery(known.contract.name, parts=parts)


def _answer(
    content: bytes, answer: etree._Element, contract: Contract, notes: list[Note]
) -> Delivery:
    records = record_elements(answer, contract)
    result = read_result(answer)
    notes.extend(more_notes(answer))
    if result.note is not None:
        notes.append(result.note)
    if not records:
        if result.code not in {"OK", "INFO"}:
            return Delivery(contract.name, Standing.SOURCE_ERROR, notes=tuple(notes))
        notes.append(
            Note(
                "information",
                "empty-answer",
                f"line {answer.sourceline}",
                "the answer holds no records",
            )
        )
        return Delivery(contract.name, notes=tuple(notes))

    said = tuple(notes)

    def parts(after: int = 0) -> Iterator[Part]:  # noqa: ARG001 - read in one go
        formed = [formed_of(element, contract) for element in records]
        if not said:
            learn(content, answer, contract, records, formed)
        return split(content, records, contract, datetime.now(STOCKHOLM).date(), formed)

    return Delivery(contract.name, parts=parts, notes=said)


def _rejected(payload: etree._Element) -> Delivery:
    namespace, name = name_of(payload)
    place = f"line {payload.sourceline}"
    request = BY_REQUEST.get((namespace, name))
    if request is not None:
        note = Note(
            "error",
            "request",
            place,
            f"this is a request ({request.name}), not an "
            "answer: it holds no documentation; send the answer to it",
        )
        return Delivery(request.name, Standing.REJECTED, notes=(note,))
    readable = ", ".join(each.name for each in CONTRACTS)
    shown = [part if _SAFE_NAME.fullmatch(part) else "(unnamed)" for part in (namespace, name)]
    note = Note(
        "error",
        "unknown-contract",
        place,
        f"no contract here has the root element "
        f"{shown[1]} in namespace {shown[0]}; those that are read: {readable}",
    )
    return Delivery(None, Standing.REJECTED, notes=(note,))
