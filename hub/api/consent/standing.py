"""The answers and blocks of one person that concern the caller, with every version of each.

Source: FHIR R4 resource.html#Meta, http.html#history; DESIGN §4 (facts are bitemporal). A version
begins when a fact is recorded, when it is ended, and when its period is over. The id of a resource
is the person's key and a keyed hash of the fact's id: it tells nothing, and nothing need be stored
to look it up.
"""

import base64
import hmac
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from consent.facts import Samtycke, Sparr
from hub.api.act.voided import VOIDED
from hub.api.concerned import concerns
from hub.api.weighed import Access
from hub.running import Hub
from hub.store.facts import FactVersion, versions_of

_ID = re.compile(r"([a-z2-7]{32})\.[a-z2-7]{24}")
_BYTES = 15
Said = Samtycke | Sparr


class Status(StrEnum):
    """Where an answer or a block stands (Consent.status)."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    MISTAKE = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Version:
    """One version: since when, what it says, and where it stands."""

    number: int
    at: datetime
    status: Status
    content: Said


@dataclass(frozen=True, slots=True)
class Stands:
    """An answer or a block: the id of its resource, and the name that operations know it by.

    `person` is the one of the person's keys that it stands under, and where operations find it.
    """

    id: str
    person: str
    name: str
    said: datetime
    versions: tuple[Version, ...]

    @property
    def now(self) -> Version:
        """Return the version that stands."""
        return self.versions[-1]

    @property
    def organisation(self) -> str:
        """Return whom it concerns: who may read, or who holds what is blocked."""
        content = self.now.content
        return content.owner if isinstance(content, Sparr) else content.organisation


NOBODY = "nobody"
"""No person's key: what is asked about it is asked as of a person of whom nothing is known."""


def person_in(number: str) -> str:
    """Return the key of the person whose answer or block has this id, nobody's of no such id."""
    found = _ID.fullmatch(number)
    return found[1] if found else NOBODY


def consent_id(hub: Hub, person: str, fact: str) -> str:
    """Return the id of the resource that a fact under one of a person's keys is served as."""
    message = f"consent\0{person}\0{fact}".encode()
    digest = hmac.digest(hub.identity_key, message, "sha256")[:_BYTES]
    return f"{person}.{base64.b32encode(digest).decode().lower()}"


def standing(hub: Hub, connection: Connection, access: Access, at: datetime) -> list[Stands]:
    """Return what concerns the caller, the first said first."""
    by_fact: dict[tuple[str, str], list[FactVersion]] = defaultdict(list)
    for each in versions_of(connection, access.persons):
        if isinstance(each.known.content, Samtycke | Sparr):
            by_fact[each.known.person, each.known.id].append(each)
    found = [_stands(hub, key, rows, at) for key, rows in by_fact.items()]
    concerned = [each for each in found if concerns(access, each.organisation)]
    return sorted(concerned, key=lambda each: (each.said, each.id))


def _stands(hub: Hub, key: tuple[str, str], rows: Sequence[FactVersion], at: datetime) -> Stands:
    person, name = key
    content = rows[-1].known.content
    return Stands(
        consent_id(hub, person, name),
        person,
        content.id if isinstance(content, Sparr) else name,
        rows[0].known.recorded,
        tuple(
            Version(number, since, status, said)
            for number, (since, status, said) in enumerate(_versions(rows, at), 1)
        ),
    )


def _versions(rows: Sequence[FactVersion], at: datetime) -> Iterator[tuple[datetime, Status, Said]]:
    for each, following in zip(rows, (*rows[1:], None), strict=True):
        said = each.known.content
        if not isinstance(said, Samtycke | Sparr):
            continue
        yield each.known.recorded, Status.ACTIVE, said
        replaced = following is not None and following.known.recorded == each.ended
        over = _over(said)
        if over is not None and over <= min(each.ended or at, at):
            yield max(over, each.known.recorded), Status.INACTIVE, said
        elif each.ended is not None and not replaced:
            mistake = each.ended_by == VOIDED
            yield each.ended, Status.MISTAKE if mistake else Status.INACTIVE, said


def _over(said: Said) -> datetime | None:
    """When an answer counts no more by itself; a block has no such end."""
    if isinstance(said, Sparr):
        return None
    ends = [each for each in (said.period.end, said.withdrawn_at) if each is not None]
    return min(ends, default=None)
