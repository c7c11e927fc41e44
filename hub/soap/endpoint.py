"""POST /soap/Update, /soap/ProcessNotification: what has changed is queued, and answered at once.

Source: rivta.md §5 (the engagement index tells of changes).
A deletion is fetched like any change: the source's answer says what is left. What names no system
or category that is asked for is passed over, and the answer says how much that was; it says nothing
about any person.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from lxml import etree
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.document import Unreadable
from adapters.rivta.engagement import INDEX, LIMITS, Engagement, engagements, payload
from consent.period import STOCKHOLM
from hub.auth.client_certificate import HEADER, peer
from hub.config.pull import Pull
from hub.config.source import Source
from hub.errors import Unavailable
from hub.ingest.pull import contracts_of
from hub.running import Hub
from hub.soap.description import OPERATIONS, schema, wsdl
from hub.soap.logged import log_refusal
from hub.soap.notifier import told_sources
from hub.store.directory import directory
from hub.store.identity import person_key
from hub.store.pull_queue import Wanted, tell
from mappings.personal_identity import NotAnIdentity, normalise

LOGGER = logging.getLogger(__name__)
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XML = "text/xml; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
OK, BAD_REQUEST, UNAUTHORIZED, NOT_FOUND, SERVER_ERROR = 200, 400, 401, 404, 500


class Fault(Exception):
    """A SOAP fault: whose, and what is wrong, without a value from the message.

    `refusal` is the code of what was refused, for the log; None where nothing was.
    """

    def __init__(
        self, whose: str, text: str, status: int = SERVER_ERROR, *, refusal: str | None = None
    ) -> None:
        super().__init__(text)
        self.whose = whose
        self.text = text
        self.status = status
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class _Told:
    """What a message comes to: tasks, and how many posts were passed over."""

    wanted: tuple[Wanted, ...]
    passed_over: int


def soap(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of /soap/{operation}."""

    async def handle(request: Request) -> Response:
        operation = request.path_params["operation"]
        sources: list[Source] = []
        try:
            _known(operation)
            if request.method == "GET":
                return Response(_description(request, operation), OK, NO_STORE, XML)
            sources = await run_in_threadpool(_sources, hub, request)
            body = await _body(request)
            answer = await run_in_threadpool(_take, hub, operation, body, sources)
        except Fault as fault:
            if fault.refusal is not None:
                fault = await run_in_threadpool(_logged, hub, request, sources, fault)
            return Response(_fault(fault), fault.status, NO_STORE, XML)
        except ClientDisconnect:
            return Response(status_code=BAD_REQUEST)
        except SQLAlchemyError as error:
            # the class alone: a database's message may quote values
            LOGGER.error("store failed: %s", type(error).__name__)  # noqa: TRY400
            return Response(_fault(_not_stored()), SERVER_ERROR, NO_STORE, XML)
        hub.pulls.wake()
        return Response(answer, OK, NO_STORE, XML)

    return handle


def _logged(hub: Hub, request: Request, sources: Sequence[Source], fault: Fault) -> Fault:
    """Return the fault once its record is durable; where it cannot be, what then is the matter."""
    network = request.client.host if request.client else None
    try:
        log_refusal(hub, str(request.scope["path"]), network, sources, str(fault.refusal))
    except Unavailable:
        return _not_stored()
    return fault


def _not_stored() -> Fault:
    return Fault("Server", "the store cannot be reached and nothing was noted; send it again")


def _known(operation: str) -> None:
    if operation not in OPERATIONS:
        raise Fault("Client", f"there are {' and '.join(OPERATIONS)}", NOT_FOUND)


def _description(request: Request, operation: str) -> bytes:
    if "wsdl" not in {name.lower() for name in request.query_params}:
        raise Fault("Client", "send a SOAP message by POST; ?wsdl describes it", BAD_REQUEST)
    return wsdl(operation, str(request.url.replace(query="")))


def _sources(hub: Hub, request: Request) -> list[Source]:
    with hub.store.read() as connection:
        known = directory(connection).sources.values()
    found = told_sources(
        known,
        request.headers.get("authorization"),
        request.headers.getlist(HEADER),
        peer(request.scope),
    )
    if not found:
        raise Fault(
            "Client",
            "the certificate or token is not one that may tell of changes; see notified in the"
            " sources file",
            UNAUTHORIZED,
            refusal="not-authenticated",
        )
    return found


async def _body(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LIMITS.size:
            text = "the message is too large; send fewer posts at a time"
            raise Fault("Client", text, refusal="too-large")
        chunks.append(chunk)
    return b"".join(chunks)


def _take(hub: Hub, operation: str, body: bytes, sources: Sequence[Source]) -> bytes:
    message = _valid(operation, body)
    today = hub.clock().astimezone(STOCKHOLM).date()
    told = _told(engagements(message), sources, hub.identity_key, today)
    with hub.store.write() as connection:
        tell(connection, told.wanted, hub.clock())
    return _answer(operation, told.passed_over)


def _valid(operation: str, body: bytes) -> etree._Element:
    try:
        message = payload(body, operation)
    except Unreadable as why:
        text = f"{why.code} at {why.place}: {why.text}"
        raise Fault("Client", text, refusal="unreadable") from None
    checked = schema(operation)
    if not checked.validate(message):
        # the line and the rule: the validator's words quote values
        last = cast("Any", checked.error_log).last_error  # the stubs know nothing of the log
        raise Fault(
            "Client",
            f"line {last.line}: the message does not follow the service's description"
            f" ({last.type_name}); nothing of it was noted",
            refusal="invalid",
        )
    return message


def _told(posts: Sequence[Engagement], sources: Sequence[Source], key: bytes, today: date) -> _Told:
    wanted: dict[Wanted, None] = {}
    passed_over = 0
    for post in posts:
        try:
            person = normalise(post.person, None, today)
        except NotAnIdentity:
            passed_over += 1
            continue
        own = person_key(key, person.system, person.value)
        found = [
            Wanted(own, person.system, person.value, source.id, address, contract)
            for source, how, address in _addressed(post, sources)
            for contract in contracts_of(how)
            if contract in post.contracts
        ]
        passed_over += not found
        wanted |= dict.fromkeys(found)
    # in one order for all, so that two messages about the same never wait for one another
    return _Told(tuple(sorted(wanted, key=lambda each: each.id)), passed_over)


def _addressed(post: Engagement, sources: Sequence[Source]) -> list[tuple[Source, Pull, str]]:
    """Return which sources a post is about, and under which address they are asked."""
    names = (post.logical_address, post.source_system)
    found = []
    for source in sources:
        how = source.pull
        if how is None or (source.notified and post.owner in source.notified.own):
            continue
        if how.logical_address in names:
            found.append((source, how, how.logical_address))
            continue
        behind = [each for each in names if each in how.systems]
        found += [(source, how, each) for each in behind[:1]]
    return found


def _answer(operation: str, passed_over: int) -> bytes:
    namespace = f"{INDEX}:{operation}Responder:1"
    root, body = _envelope()
    response = etree.SubElement(body, etree.QName(namespace, f"{operation}Response"))
    code = etree.SubElement(response, etree.QName(namespace, "ResultCode"))
    code.text = "INFO" if passed_over else "OK"
    if passed_over:
        comment = etree.SubElement(response, etree.QName(namespace, "comment"))
        comment.text = (
            f"{passed_over} posts name no system and category that is asked for here, or no usable"
            " person number; the others are noted"
        )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _fault(fault: Fault) -> bytes:
    root, body = _envelope()
    element = etree.SubElement(body, etree.QName(SOAP, "Fault"))
    etree.SubElement(element, "faultcode").text = f"soap:{fault.whose}"
    etree.SubElement(element, "faultstring").text = fault.text
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _envelope() -> tuple[etree._Element, etree._Element]:
    root = etree.Element(etree.QName(SOAP, "Envelope"), nsmap={"soap": SOAP})
    return root, etree.SubElement(root, etree.QName(SOAP, "Body"))
