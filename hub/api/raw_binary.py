"""A Binary in its own form: bytes with their own content type, in and out.

Source: FHIR R4 binary.html#rest. Whose it is stands in X-Security-Context on the way in, and it is
read under the same scope as everything else about that person. What is given out is to be kept or
shown by itself, never run as a page of the hub's.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from starlette.datastructures import Headers

from hub.api.call import FHIR_JSON, JSON_TYPES, Answer
from hub.errors import BadRequest
from hub.fhir.json_codec import decode, encode

CONTEXT = "X-Security-Context"
FORMS = (*JSON_TYPES, "application/fhir+xml", "application/xml", "text/xml", "",
         "application/json-patch+json", "application/x-www-form-urlencoded")  # fmt: skip
"""What a body of these types is: FHIR, or a mistake."""
_OWN = re.compile(r"/fhir/Binary(?:/([A-Za-z0-9.-]{1,64}))?/?")
_READ = re.compile(r"/fhir/Binary/[A-Za-z0-9.-]{1,64}(?:/_history/[0-9]{1,9})?")
_UNRUN = {"Content-Security-Policy": "sandbox", "Content-Disposition": "attachment"}
_UNLIMITED = 1 << 40
_OK = 200


def is_sent_raw(method: str, path: str, content_type: str) -> bool:
    """Tell whether a body is the content of a Binary, and no resource."""
    return method in ("POST", "PUT") and content_type not in FORMS and bool(_OWN.fullmatch(path))


def is_read(method: str, path: str) -> bool:
    """Tell whether a request reads a Binary, so that its content may be what is asked for."""
    return method in ("GET", "HEAD") and bool(_READ.fullmatch(path))


def as_resource(path: str, headers: Headers, body: bytes) -> bytes:
    """Return the Binary that a raw body stands for.

    Raises:
        BadRequest: it is not said whose it is, or there is nothing in it.
    """
    context = headers.get(CONTEXT, "")
    if not context or not body:
        raise BadRequest(
            f"send the content, and in {CONTEXT} the Patient/{{id}} whom it is about",
            code="security-context",
        )
    found: dict[str, Any] = {"resourceType": "Binary"}
    own = _OWN.fullmatch(path)
    if own and own[1]:
        found["id"] = own[1]
    return encode(
        {
            **found,
            "contentType": headers.get("content-type", ""),
            "securityContext": {"reference": context},
            "data": base64.b64encode(body).decode(),
        }
    )


def content(answer: Answer, ranges: Sequence[str]) -> Answer | None:
    """Return a Binary's content by itself, None where its type is none of those asked for."""
    if answer.status != _OK or answer.media_type != FHIR_JSON or not answer.body:
        return None
    resource = decode(answer.body, max_bytes=_UNLIMITED)
    media_type = str(resource.get("contentType", ""))
    bare = media_type.partition(";")[0].strip().lower()
    if "data" not in resource or not any(fnmatchcase(bare, each) for each in ranges):
        return None
    body = base64.b64decode("".join(str(resource["data"]).split()))
    headers = {**answer.headers, **_UNRUN}
    return replace(answer, body=body, media_type=media_type, headers=headers)
