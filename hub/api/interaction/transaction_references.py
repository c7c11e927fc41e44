"""References within a transaction: by fullUrl, and by search criteria.

Source: FHIR R4 http.html#trules, references.html, http.html#transaction (conditional references). A
Patient is found by its number, which stands in the body and not in a URL; anything else among the
writer's own resources about the same person.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection

from consent.period import STOCKHOLM
from hub.api.call import Call
from hub.api.interaction.bundle_entry import Entry
from hub.api.interaction.conditional import match
from hub.api.interaction.create import person_of
from hub.api.rewritten import references, rewritten
from hub.errors import HubError, Place, Unprocessable
from hub.fhir.reference import within
from hub.running import Hub
from hub.store.identity import hub_id
from mappings.personal_identity import NotAnIdentity, normalise

ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SERVER = re.compile(r"(https?://\S+/)[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(?:/_history/\S+)?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]{1,63})\?(.+)", re.DOTALL)


def seen_from(full_url: str | None, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return the same with what an entry may call the others: relative to its own server's root.

    Source: bundle.html#references.
    """
    server = _SERVER.fullmatch(full_url or "")
    if server is None:
        return given
    root = server[1]
    beside = {url.removeprefix(root): key for url, key in given.items() if url.startswith(root)}
    return {**given, **beside}


@dataclass(slots=True)
class References:
    """What references in a transaction become, and the faults among them, with their places."""

    hub: Hub
    connection: Connection
    call: Call
    entries: Sequence[Entry]
    places: list[Place] = field(default_factory=list)

    @classmethod
    def of(
        cls, hub: Hub, connection: Connection, call: Call, entries: Sequence[Entry]
    ) -> "References":
        """Return the references of these entries; a fullUrl that cannot be referred to is told."""
        found = cls(hub, connection, call, entries)
        seen: set[str] = set()
        for each in entries:
            url = each.full_url
            if url is None:
                continue
            if not ABSOLUTE.match(url) or url in seen:
                text = "fullUrl is an absolute URI that no other entry has, such as urn:uuid:…"
                at = f"Bundle.entry[{each.number}].fullUrl"
                found.places.append(Place("invalid", "full-url", text, at))
            seen.add(url)
        return found

    def conditional(self, entry: Entry) -> Mapping[str, Any] | None:
        """Return the entry's resource with its conditional references resolved, Patients first."""
        resource = entry.resource
        if resource is None or entry.method == "PATCH":
            return resource
        for patients in (True, False):
            wanted = sorted(
                {
                    reference
                    for reference in references(resource)
                    if (asked := _CONDITIONAL.fullmatch(reference))
                    and (asked[1] == "Patient") is patients
                }
            )
            given = {each: self._found(each, resource, entry) for each in wanted}
            resource = rewritten(resource, {k: v for k, v in given.items() if v}, [])
        return resource

    def given(self, keys: Iterable[tuple[Entry, str]]) -> dict[str, str]:
        """Return the hub's references by the fullUrl that they take the place of.

        One that is an address of this hub's is referred to without that too.
        """
        given = {entry.full_url: key for entry, key in keys if entry.full_url is not None}
        own = {within(each, self.call.roots): key for each, key in given.items()}
        return {**{each: key for each, key in own.items() if each is not None}, **given}

    def _found(self, reference: str, resource: Mapping[str, Any], entry: Entry) -> str | None:
        asked = _CONDITIONAL.fullmatch(reference)
        assert asked is not None  # noqa: S101  # it was found by this expression
        criteria = parse_qsl(asked[2], keep_blank_values=True)
        try:
            if asked[1] == "Patient":
                return f"Patient/{self._patient(criteria)}"
            person = person_of(resource)
            key = match(self.hub, self.connection, self.call, asked[1], criteria, person)
            if key is None:
                raise Unprocessable("a conditional reference finds nothing")
        except HubError as error:
            text = str(error)
            self.places.append(Place("invalid", "unresolved-reference", text, entry.at))
            return None
        return f"{key.type}/{key.id}"

    def _patient(self, criteria: Sequence[tuple[str, str]]) -> str:
        """The hub id of a number; every well-formed one has one (INTERFACES, Patient/_search)."""
        if len(criteria) != 1 or criteria[0][0] != "identifier":
            raise Unprocessable("a Patient is referred to by identifier=system|value alone")
        system, bar, value = criteria[0][1].rpartition("|")
        today = self.call.at.astimezone(STOCKHOLM).date()
        try:
            identity = normalise(value, system if bar else None, today)
        except NotAnIdentity:
            raise Unprocessable("a Patient's identifier is no person number") from None
        return hub_id(self.connection, self.hub.identity_key, identity)
