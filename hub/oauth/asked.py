"""A request to one of the hub's OAuth endpoints, read once and strictly.

Source: RFC 6749 §3.2 (parameters must not stand more than once), RFC 8705.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from hub.oauth.noted import Noted

LARGEST = 64 * 1024
FORM = "application/x-www-form-urlencoded"
MOST = 40
Reply = tuple[int, dict[str, Any], list[tuple[str, str]]]
"""Status, body and headers, as Authlib wants an answer."""


class Unusable(ValueError):
    """Not a form that can be meant; says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form that was sent, by whom and when; `certificate` is the client's thumbprint.

    `path` is the endpoint's, `uri` its whole address.
    """

    uri: str
    path: str
    form: Mapping[str, str] = field(repr=False)
    at: datetime
    request_id: str
    network: str | None = None
    certificate: str | None = None
    noted: Noted = field(default_factory=Noted, compare=False)


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """Return a form's parameters.

    Raises:
        Unusable: it is no form, is too large, or a parameter stands twice.
    """
    if content_type.partition(";")[0].strip().lower() != FORM:
        raise Unusable(f"send {FORM}")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST)
    except (UnicodeDecodeError, ValueError):
        raise Unusable("the form cannot be read") from None
    found = dict(pairs)
    if len(found) != len(pairs) or any("\x00" in value for value in found.values()):
        raise Unusable("a parameter stands more than once, or cannot be meant")
    return {name: value for name, value in found.items() if value}
