"""Conditions of a request: what must hold of a resource's version for it to be carried out.

Source: RFC 9110 §13; FHIR R4 http.html#concurrency, #cread, #ccreate.
"""

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from starlette.datastructures import Headers

from hub.errors import BadRequest, PreconditionFailed

_ETAG = re.compile(r'\s*(?:W/)?"([^"]{1,64})"\s*')


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditional headers of a request; None: not given. `*` matches any version there is."""

    match: str | None = None
    none_match: str | None = None
    modified_since: str | None = None
    none_exist: str | None = None

    def require(self, version: int) -> None:
        """Refuse where If-Match names another version.

        Raises:
            PreconditionFailed: the resource has changed since it was read.
            BadRequest: If-Match cannot be read.
        """
        if self.match is not None and not _names(self.match, version, "If-Match"):
            raise PreconditionFailed(
                "the resource is at another version than If-Match names; read it again",
                code="version-conflict",
            )

    def unchanged(self, version: int, last_updated: int) -> bool:
        """Tell whether the reader has this version already (304); `last_updated` in µs.

        Raises:
            BadRequest: a condition cannot be read.
        """
        if self.none_match is not None:
            return _names(self.none_match, version, "If-None-Match")
        if self.modified_since is None:
            return False
        try:
            since = parsedate_to_datetime(self.modified_since)
        except ValueError:
            return False  # RFC 9110 §13.1.3: what is no date is ignored
        since = since if since.tzinfo else since.replace(tzinfo=UTC)
        return last_updated // 1_000_000 <= int(since.timestamp())


NO_CONDITIONS = Conditions()


def conditions(headers: Headers) -> Conditions:
    """Return the conditions in a request's headers; lists may come in several lines."""
    return Conditions(
        _listed(headers, "if-match"),
        _listed(headers, "if-none-match"),
        headers.get("if-modified-since"),
        headers.get("if-none-exist"),
    )


def _listed(headers: Headers, name: str) -> str | None:
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def etag(version: int) -> str:
    """Return a version as an ETag: weak, since one version has several representations."""
    return f'W/"{version}"'


def _names(header: str, version: int, name: str) -> bool:
    if header.strip() == "*":
        return True
    tags = [_ETAG.fullmatch(each) for each in header.split(",")]
    if not all(tags):
        raise BadRequest(
            f'{name} takes ETags such as W/"2", as an answer gave them', code="bad-etag"
        )
    return any(tag is not None and tag[1] == str(version) for tag in tags)
