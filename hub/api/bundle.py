"""Bundles joined from stored bytes: nothing is parsed to be sent.

Source: FHIR R4 bundle.html, http.html#search and #paging.
"""

from collections.abc import Iterable, Sequence

import msgspec

from hub.api.conditions import etag
from hub.store.incoming import instant_text
from hub.store.reading import Found


def searchset(
    fhir_root: str,
    found: Iterable[Found | bytes],
    links: Sequence[tuple[str, str]],
    total: int | None,
    notes: bytes | None = None,
    included: Iterable[Found | tuple[str, bytes]] = (),
) -> bytes:
    """Return a searchset Bundle; `notes` is an OperationOutcome about the search itself.

    `included` are resources that the matches brought along, as rows or as full URL and body.
    """
    root = msgspec.json.encode(fhir_root)[1:-1]
    entries = [_entry(root, each) for each in found]
    entries += [_included(fhir_root, each) for each in included]
    if notes is not None:
        entries.append(b'{"resource":' + notes + b',"search":{"mode":"outcome"}}')
    return _bundle(b"searchset", entries, links, total)


def history(
    fhir_root: str, found: Iterable[Found], links: Sequence[tuple[str, str]], total: int | None
) -> bytes:
    """Return a history Bundle of these versions, in their order."""
    entries = [_version(fhir_root, each) for each in found]
    return _bundle(b"history", entries, links, total)


def _bundle(
    kind: bytes, entries: Sequence[bytes], links: Sequence[tuple[str, str]], total: int | None
) -> bytes:
    link = msgspec.json.encode([{"relation": name, "url": url} for name, url in links])
    parts = [b'{"resourceType":"Bundle","type":"' + kind + b'"']
    if total is not None:
        parts.append(b',"total":%d' % total)
    parts.append(b',"link":' + link)
    if entries:
        parts.append(b',"entry":[' + b",".join(entries) + b"]")
    return b"".join(parts) + b"}"


def _version(fhir_root: str, found: Found) -> bytes:
    """One version, with the request that made it: the first by POST, one without a body DELETE."""
    if not found.body:
        method, status = "DELETE", "204 No Content"
    else:
        method, status = ("POST", "201 Created") if found.version == 1 else ("PUT", "200 OK")
    url = found.type if method == "POST" else f"{found.type}/{found.id}"
    made = {
        "status": status,
        "etag": etag(found.version),
        "lastModified": instant_text(found.last_updated),
    }
    parts = [b'{"fullUrl":', msgspec.json.encode(f"{fhir_root}/{found.type}/{found.id}")]
    if found.body:
        parts += [b',"resource":', found.body]
    parts += [b',"request":', msgspec.json.encode({"method": method, "url": url})]
    parts += [b',"response":', msgspec.json.encode(made), b"}"]
    return b"".join(parts)


def _entry(root: bytes, found: Found | bytes) -> bytes:
    """`root` is as JSON writes it; types and ids are letters, digits, dots and hyphens."""
    if isinstance(found, bytes):
        return b'{"resource":' + found + b',"search":{"mode":"match"}}'
    place = f"{found.type}/{found.id}".encode()
    return b'{"fullUrl":"%b/%b","resource":%b,"search":{"mode":"match"}}' % (
        root,
        place,
        found.body,
    )


def _included(fhir_root: str, found: Found | tuple[str, bytes]) -> bytes:
    full_url, body = (
        found if isinstance(found, tuple) else (f"{fhir_root}/{found.type}/{found.id}", found.body)
    )
    url = msgspec.json.encode(full_url)
    return b'{"fullUrl":' + url + b',"resource":' + body + b',"search":{"mode":"include"}}'
