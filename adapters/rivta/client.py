"""A SOAP 1.1 client of one source: asks a question, and returns the bytes of its answer.

Mutual TLS, no redirects, no proxy from the environment, limits on time and size. Faults of the
service platform that may pass by themselves are tried again, and nothing else (rivta.md §0). What
is said of a failure holds nothing of the question or the answer.
"""

import ssl
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import stamina

from adapters.document import Note, Unreadable
from adapters.hardened_xml import LIMITS, MEGABYTE, parse
from adapters.rivta.envelope import open_message
from adapters.rivta.request import Question, envelope, major, soap_action

TRANSIENT = frozenset({"VP008", "VP009", "VP012"})
OK = 200
CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a source is, and how it is reached.

    `url` may hold {domain}, {operation} and {major}. The certificate, key and CA are paths;
    `original_consumer` is an HSA id; `seconds` is for one answer, from first to last byte.
    """

    url: str
    certificate: str | None = None
    key: str | None = None
    ca: str | None = None
    original_consumer: str | None = None
    seconds: float = 60
    size: int = LIMITS.size


class NotAnswered(Exception):
    """There is no answer that could be taken in; `note` says why, and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.note = Note("error", code, "source", text)


class TransientFault(Exception):
    """A fault of the platform that may pass; `content` is the message, for its receipt."""

    def __init__(self, content: bytes) -> None:
        super().__init__("a fault of the platform that may pass by itself")
        self.content = content


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """Return the context of a connection: who may answer, and who asks.

    Raises:
        OSError, ssl.SSLError: a file is missing or not what it is said to be, or a key does not
            belong to its certificate.
    """
    context = ssl.create_default_context(cafile=endpoint.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if endpoint.certificate is not None:
        # an empty password: an encrypted key is an error, and never a question on the terminal
        context.load_cert_chain(endpoint.certificate, endpoint.key, password="")  # nosec B106
    return context


class Client:
    """An open client of one source."""

    def __init__(self, endpoint: Endpoint, http: httpx.Client, *, pause: float) -> None:
        self.endpoint = endpoint
        self.pause = pause
        self._http = http

    def ask(self, question: Question) -> bytes:
        """Return the answer as it came, a fault that does not pass among them.

        Raises:
            NotAnswered: there is none.
            CannotBeAsked: the question cannot be put about such a number.
        """
        content = envelope(question)
        try:
            for attempt in stamina.retry_context(
                on=TransientFault, attempts=4, timeout=None, wait_initial=self.pause, wait_max=10
            ):
                with attempt:
                    answer = _lasting(self._post(question, content))
        except TransientFault as fault:
            return fault.content
        return answer

    def _post(self, question: Question, content: bytes) -> bytes:
        contract = question.contract
        domain = contract.namespace.removeprefix("urn:riv:").partition(f":{contract.operation}")[0]
        url = self.endpoint.url.format(
            domain=domain.replace(":", "/"), operation=contract.operation, major=major(contract)
        )
        headers = {
            "Content-Type": "text/xml;charset=UTF-8",
            "SOAPAction": f'"{soap_action(contract)}"',
            "x-skltp-correlation-id": str(uuid.uuid4()),
        }
        if self.endpoint.original_consumer is not None:
            headers["x-rivta-original-serviceconsumer-hsaid"] = self.endpoint.original_consumer
        with _told(), self._http.stream("POST", url, content=content, headers=headers) as response:
            answer = self._body(response)
        if response.status_code != OK and _fault(answer) is None:
            raise NotAnswered(
                "http-status",
                f"the source answered with HTTP status {response.status_code} and no SOAP message;"
                " check the endpoint and that the source lets this certificate in",
            )
        return answer

    def _body(self, response: httpx.Response) -> bytes:
        ends = time.monotonic() + self.endpoint.seconds
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self.endpoint.size:
                raise NotAnswered(
                    "too-large",
                    f"the answer is larger than {self.endpoint.size // MEGABYTE} MB and was not"
                    " taken in; ask for one contract at a time, or raise largest_mb",
                )
            if time.monotonic() > ends:
                raise _too_slow()
            chunks.append(chunk)
        return b"".join(chunks)


@contextmanager
def opened(endpoint: Endpoint, *, pause: float = 1.0) -> Iterator[Client]:
    """Yield a client of a source.

    Raises:
        NotAnswered: its certificate, key or CA cannot be used.
    """
    try:
        context = tls_context(endpoint)
    except (OSError, ssl.SSLError):
        raise NotAnswered(
            "certificate-unusable",
            "the certificate, key or CA of the source cannot be read or do not belong together;"
            " see pull in the sources file",
        ) from None
    timeout = httpx.Timeout(endpoint.seconds, connect=min(CONNECT_SECONDS, endpoint.seconds))
    with httpx.Client(
        verify=context, timeout=timeout, trust_env=False, headers={"Accept-Encoding": "identity"}
    ) as http:
        yield Client(endpoint, http, pause=pause)


def _fault(content: bytes) -> str | None:
    """Return the code of a SOAP fault (VP009, soap-fault), None for anything else."""
    try:
        found = open_message(parse(content)).fault
    except Unreadable:
        return None
    return None if found is None else found.code


def _lasting(content: bytes) -> bytes:
    """Return what came, unless it is a fault that may pass."""
    if _fault(content) in TRANSIENT:
        raise TransientFault(content)
    return content


def _too_slow() -> NotAnswered:
    return NotAnswered("timed-out", "the source did not answer in time; try again later")


@contextmanager
def _told() -> Iterator[None]:
    """Say what a failure on the network is, without the library's words, which may quote."""
    try:
        yield
    except httpx.TimeoutException:
        raise _too_slow() from None
    except httpx.ConnectError as error:
        if _refused_by_tls(error):
            raise _no_tls() from None
        raise NotAnswered(
            "no-contact", "the source cannot be reached; check the endpoint and the network"
        ) from None
    except httpx.HTTPError as error:
        if _refused_by_tls(error):
            raise _no_tls() from None
        raise NotAnswered(
            "half-answer", "the connection broke before the answer was whole; try again later"
        ) from None


def _no_tls() -> NotAnswered:
    return NotAnswered(
        "tls-refused",
        "no TLS connection could be made: one of the two does not accept the other's certificate;"
        " check certificate, key and CA of the source and when they expire",
    )


def _refused_by_tls(error: BaseException) -> bool:
    """Tell whether TLS is behind an error; it lies some causes down."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLError) or "SSL" in str(found) or "TLS" in str(found):
            return True
        found = found.__cause__ or found.__context__
    return False
