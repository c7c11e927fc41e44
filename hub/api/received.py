"""How a request is received: who makes it first, then what its headers and its body ask for.

Source: FHIR R4 http.html; RFC 6750 §2.3; DESIGN §5. Nothing of a body is needed to know who sends
it, so that nobody's body is taken who may send none.
"""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, unquote_plus

from starlette.requests import Request

from hub.api.assumed import Assumed
from hub.api.authenticate import Asking, authenticate, log_refused
from hub.api.call import FHIR_JSON, Call
from hub.api.conditions import conditions
from hub.api.content_form import refuse_other_forms
from hub.api.raw_binary import as_resource, is_read, is_sent_raw
from hub.api.refused import named
from hub.api.representation import PLAIN, XML_TYPES, Representation, representation
from hub.api.shown_certificate import shown_certificate
from hub.api.weighed import Weighed
from hub.errors import BadRequest, UnsupportedMediaType
from hub.fhir.json_codec import encode
from hub.fhir.xml_codec import decode_xml
from hub.running import Hub
from hub.store.directory import Directory

FORM = "application/x-www-form-urlencoded"
HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PARAMETERS = "samvy.parameters"


def target(request: Request) -> str:
    """Return path and query as they came and as they read, so that no encoding hides a number."""
    query = request.scope["query_string"].decode("latin-1")
    raw = request.scope.get("raw_path", b"").decode("latin-1")
    return " ".join((raw, request.scope["path"], query, unquote_plus(query), unquote(query)))


def received(
    hub: Hub,
    request: Request,
    request_id: str,
    refused_for: str | None = None,
    assumed: Directory | None = None,
) -> Call:
    """Return the call as far as it is known before its headers and its body are read.

    `refused_for`: what it is refused for already; `assumed`: `hub.api.assumed`.

    Raises:
        BadRequest: a header that says who asks stands twice, or the URL holds a token.
        HubError, DirectoryMoved: as `authenticate`.
    """
    method = "GET" if request.method == "HEAD" else request.method
    path, at = request.scope["path"], hub.clock()
    network = request.client.host if request.client else None
    authorization, unfit = None, None
    try:
        authorization = _authorization(request)
    except BadRequest as error:
        unfit = error
    asking = Asking(
        authorization,
        at,
        request_id,
        named(method, path),
        network,
        shown_certificate(hub, request),
        request.headers.get("x-samvy-assignment"),
        refused_for,
    )
    if unfit is not None:
        log_refused(hub, asking, refused_for or unfit.code)
        raise unfit
    caller = authenticate(hub, asking, assumed)
    counter = assumed.counter if assumed is not None else None
    return Call(
        caller=caller,
        method=method,
        path=path,
        at=at,
        request_id=request_id,
        fhir_root="",
        network=network,
        weighed=Weighed(assumed=Assumed(counter)),
        known_as=f"{hub.base}/fhir",
    )


def completed(bare: Call, request: Request, body: bytes) -> Call:
    """Return the whole call, with what its headers and its body ask for.

    Raises:
        BadRequest: they cannot be read.
        UnsupportedMediaType: the body is of no form that is read here.
    """
    content_type = _content_type(request)
    raw = is_sent_raw(request.method, request.scope["path"], content_type)
    if body and _is_fhir(request):
        refuse_other_forms(request.headers, raw=raw)
    if raw:
        body, content_type = as_resource(request.scope["path"], request.headers, body), FHIR_JSON
    if content_type in XML_TYPES and _is_fhir(request):
        body, content_type = encode(decode_xml(body)) if body else b"", FHIR_JSON
    return replace(
        bare,
        fhir_root=_fhir_root(request),
        parameters=_parameters(request, body),
        session=request.headers.get("x-samvy-session") or bare.caller.session,
        prefer=_listed(request, "prefer") or "",
        body=body,
        content_type=content_type,
        conditions=conditions(request.headers),
    )


def representation_of(request: Request, body: bytes = b"") -> Representation:
    """Return how the answer is to be written; documents are received in one way only."""
    path = str(request.scope["path"])
    if not _is_fhir(request) or path.startswith(("/fhir/$export", "/fhir/Patient/$export")):
        return PLAIN  # an export has its own forms: a manifest, and NDJSON
    reads = request.method in ("GET", "HEAD") or request.scope["path"].endswith("/_search")
    parameters = _parameters(request, body)
    binary = is_read(request.method, path)
    return representation(parameters, _listed(request, "accept"), reads=reads, binary=binary)


def _authorization(request: Request) -> str | None:
    for name in ("Authorization", "X-Samvy-Assignment", "X-Samvy-Session"):
        if len(request.headers.getlist(name)) > 1:
            raise BadRequest(f"{name} stands more than once; send one")
    if any(name == "access_token" for name, _ in _query(request)):
        raise BadRequest(
            "a token in a URL is kept by logs; send it in Authorization", code="token-in-url"
        )
    return request.headers.get("authorization")


def _query(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the parameters of the URL; taken apart once for a request."""
    scope = request.scope
    if _PARAMETERS not in scope:
        text = scope["query_string"].decode("latin-1")
        scope[_PARAMETERS] = tuple(parse_qsl(text, keep_blank_values=True))
    found: tuple[tuple[str, str], ...] = scope[_PARAMETERS]
    return found


def _listed(request: Request, name: str) -> str | None:
    """Return a header that is a list, which may come in several lines (RFC 9110 §5.3)."""
    return ", ".join(request.headers.getlist(name)) or None


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_fhir(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/fhir")


def _parameters(request: Request, body: bytes) -> tuple[tuple[str, str], ...]:
    """Return the parameters of the URL, and of a form."""
    found = _query(request)
    form = _content_type(request) == FORM
    if body and not form and request.scope["path"].endswith("/_search"):
        raise UnsupportedMediaType(f"send what is searched for as {FORM}")
    if form:
        try:
            found += tuple(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
        except (UnicodeDecodeError, ValueError):
            raise BadRequest("the form in the body cannot be read") from None
    if any("\x00" in name or "\x00" in value for name, value in found):
        raise BadRequest("a parameter holds U+0000, which no text in the hub can hold")
    return found


def _fhir_root(request: Request) -> str:
    """Return the URL that the request came to, for the links of its answer."""
    host = request.headers.get("host", "")
    if not HOST.fullmatch(host):
        raise BadRequest("the Host header names no host")
    return f"{request.scope['scheme']}://{host}/fhir"
