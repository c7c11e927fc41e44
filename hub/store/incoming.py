"""Resources on their way into the store: their bytes as they are served, and their hash.

Source: DESIGN §4 (a body is stored as it is served, its version and time within it).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from consent.facts import Item
from hub.fhir.json_codec import encode


@dataclass(frozen=True, slots=True)
class Incoming:
    """A resource on its way in: `resource` has an id and no version; `item` its consent columns.

    `masked` is the same resource without what reveals a protected person's whereabouts. One that
    `follows` others tells where they come from: it is written only with one of them.
    """

    resource: Mapping[str, Any]
    item: Item
    source: str
    masked: Mapping[str, Any] | None = None
    record: str | None = None
    contract: str | None = None
    follows: frozenset[tuple[str, str]] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return type and id."""
        return str(self.resource["resourceType"]), str(self.resource["id"])


@dataclass(frozen=True, slots=True)
class Batch:
    """Resources of one person to be written, at `now` (microseconds), from a source part.

    Those that follow others stand after them in `incoming`.
    """

    person: str
    incoming: Sequence[Incoming]
    now: int
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one resource: its version now, and whether its content was new."""

    type: str
    id: str
    version: int
    last_updated: int
    changed: bool
    created: bool


@lru_cache(maxsize=64)
def instant_text(microseconds: int) -> str:
    """Return microseconds since 1970 as a FHIR instant in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def content_hash(resource: Mapping[str, Any], masked: Mapping[str, Any] | None) -> bytes:
    """Return the hash of a resource and its masked form, whatever their version and time.

    What is stored, read again, has the hash that it had on its way in.
    """
    return hash_of(stamped(resource, 0, 0), None if masked is None else stamped(masked, 0, 0))


def hash_of(whole: bytes, masked: bytes | None) -> bytes:
    """Return the hash of a resource's bytes at no version and no time, and its masked form's."""
    return hashlib.sha256(whole + b"\x00" + (masked or b"")).digest()


def stamped(resource: Mapping[str, Any], version: int, now: int) -> bytes:
    """The bytes as served: meta leads, with version and time."""
    meta = {
        "versionId": str(version),
        "lastUpdated": instant_text(now),
        **{k: v for k, v in resource.get("meta", {}).items() if k not in _OURS},
    }
    head = {name: resource[name] for name in ("resourceType", "id")}
    rest = {name: value for name, value in resource.items() if name not in (*head, "meta")}
    return encode({**head, "meta": meta, **rest})


_OURS = ("versionId", "lastUpdated")


def _stamp(version: int, now: int) -> bytes:
    # No value before it can hold this: in a string every quotation mark is escaped.
    return f'"meta":{{"versionId":"{version}","lastUpdated":"{instant_text(now)}"'.encode()


_UNSTAMPED = _stamp(0, 0)


def restamped(unstamped: bytes, version: int, now: int) -> bytes:
    """Return the bytes of a resource, given at no version and no time, at this one."""
    return unstamped.replace(_UNSTAMPED, _stamp(version, now), 1)
