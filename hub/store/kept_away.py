"""Marks by which a vendor's purged resource is known when it is written again: keyed hashes.

Source: DESIGN §4 "Leaving"; FHIR R4 resource.html#identification (business identifiers). Ids of
what vendors write are random, so that it is the same resource is told by its business identifiers,
under which its owner documents it, or, of one that is written without any, by what it says. Whom
it is about, its labels and what it refers to count there by kind alone: a transaction that is sent
again gives new ids. A Provenance says nothing but what it refers to.
"""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, select, tuple_

from hub.fhir.json_codec import decode, encode
from hub.store.schema.resource import RESOURCE, RESOURCE_VERSION

API = "api"
"""The source of what vendors write."""
_IDENTIFIERS = ("identifier", "masterIdentifier")
_APART = frozenset({"id", "meta", *_IDENTIFIERS})
_LITERAL = re.compile(r"([A-Z][A-Za-z]{1,63})/[A-Za-z0-9.-]{1,64}(/_history/[0-9]+)?")
_BY_WHAT_IT_NAMES = frozenset({"Provenance"})
Key = tuple[str, str]


def remembered_marks(
    connection: Connection, key: bytes, person: str, keys: Sequence[Key]
) -> set[str]:
    """Return every mark that any version of these resources has, those of vendors among them."""
    version = RESOURCE_VERSION.c
    here = (RESOURCE.c.person == person) & (RESOURCE.c.source == API)
    same = [version[name] == RESOURCE.c[name] for name in ("person", "type", "id")]
    statement = (
        select(RESOURCE.c.owner, version.body)
        .join(RESOURCE, same[0] & same[1] & same[2])
        .where(here, tuple_(RESOURCE.c.type, RESOURCE.c.id).in_(keys))
    )
    found: set[str] = set()
    for owner, body in connection.execute(statement):
        if body:  # a deletion is a version without any
            resource = decode(bytes(body))
            found |= _by_identifier(key, person, owner, resource)
            found.add(_by_content(key, person, owner, resource))
    return found


def kept_away(
    connection: Connection,
    key: bytes,
    persons: Sequence[str],
    purged: AbstractSet[str],
    owner: str,
    written: Mapping[str, Any],
) -> bool:
    """Tell whether an owner's resource, as it is to be written, was purged of this person.

    `persons` are all keys of the person, `purged` what is remembered of them. What its standing
    version is known by already is not asked for: an update leaves that as it is.
    """
    marks = _told_by(key, persons, owner, written)
    if purged.isdisjoint(marks):
        return False
    standing = _standing(connection, persons, str(written["resourceType"]), str(written["id"]))
    known = set() if standing is None else _told_by(key, persons, owner, standing)
    return not purged.isdisjoint(marks - known)


def _told_by(
    key: bytes, persons: Sequence[str], owner: str, resource: Mapping[str, Any]
) -> set[str]:
    """Return the marks that a resource is known by: its identifiers, or else what it says."""
    return {
        mark
        for person in persons
        for mark in _by_identifier(key, person, owner, resource)
        or {_by_content(key, person, owner, resource)}
    }


def _standing(
    connection: Connection, persons: Sequence[str], kind: str, number: str
) -> dict[str, Any] | None:
    this = (RESOURCE.c.type == kind) & (RESOURCE.c.id == number)
    statement = select(RESOURCE.c.body).where(RESOURCE.c.person.in_(persons), this)
    body = connection.execute(statement).scalar()
    return decode(bytes(body)) if body else None


def _by_identifier(
    key: bytes, person: str, owner: str, resource: Mapping[str, Any]
) -> AbstractSet[str]:
    return {
        _mark(key, person, owner, [resource["resourceType"], system, value])
        for system, value in _identifiers(resource)
    }


def _identifiers(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _IDENTIFIERS:
        found = resource.get(name, ())
        for each in [found] if isinstance(found, Mapping) else found:
            if isinstance(each.get("value"), str):
                yield str(each.get("system", "")), each["value"]


def _by_content(key: bytes, person: str, owner: str, resource: Mapping[str, Any]) -> str:
    exact = resource["resourceType"] in _BY_WHAT_IT_NAMES
    said = {name: value for name, value in resource.items() if name not in _APART}
    return _mark(key, person, owner, _in_order(said, exact=exact))


def _in_order(value: Any, *, exact: bool) -> Any:  # noqa: ANN401  # JSON
    """Return a value with its names in order, and references by kind alone."""
    if isinstance(value, list):
        return [_in_order(each, exact=exact) for each in value]
    if not isinstance(value, Mapping):
        return value
    ordered = {name: _in_order(value[name], exact=exact) for name in sorted(value)}
    literal = _LITERAL.fullmatch(str(ordered.get("reference", "")))
    if literal and (literal[1] == "Patient" or not exact):
        ordered["reference"] = literal[1]
    return ordered


def _mark(key: bytes, person: str, owner: str, said: Any) -> str:  # noqa: ANN401  # JSON
    message = encode(["kept away", person, owner, said])
    return hmac.digest(key, message, "sha256").hex()
