"""Judging a record by its access header, before its body is read: whose it is, and on what ground.

Source: DESIGN §3 (owner and capacity, where deciding facts come from), §4 (no owner and no
fallback: quarantined; no unit: the owner's own staff only); SVOD 1:1, 2:2, 2:4, 2:6. A document
from a source carries only that source's owners.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.document import AccessHeader, Note
from consent.facts import (
    OMSORGSGIVARE_REGIMES,
    VARDGIVARE_REGIMES,
    Ability,
    Availability,
    Facts,
    InfoType,
    Item,
    Kind,
    ProtectedIdentity,
    Recipient,
    Regime,
)
from consent.item import NEW_SOL, OLD_SOL
from consent.period import Period
from hub.config.entry import LONGEST_ID
from hub.config.source import MISSING, Source
from hub.store.directory import Directory

_OF_A_BODY = re.compile(r"SE[0-9]{2}[2-9][0-9]{7}-[0-9A-Z]{1,9}")
EVERY_MASK = frozenset({"address", "contact", "unit_name"})


class NotAccepted(Exception):
    """The hub cannot take the record as it stands."""

    def __init__(self, code: str, text: str) -> None:
        """Say what is wrong and what to do."""
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Judged:
    """The item that a record is to the law, and what the sender should know about the judgement."""

    item: Item
    notes: tuple[Note, ...] = ()


def out_of_scope(header: AccessHeader) -> bool:
    """Tell whether a record is of a kind that SVOD 1:1 does not list, so that none of it is kept.

    Asked first of all, since not even whom such a record is about may be kept.
    """
    if header.regime != Regime.SOL:
        return header.regime == Regime.OTHER
    as_item = Item("", "", regime=Regime.SOL, service=header.service, recipient=Recipient.OLDER)
    return not (NEW_SOL.holds(as_item) or OLD_SOL.holds(as_item))


def judge(
    header: AccessHeader,
    source: Source,
    directory: Directory,
    facts: Facts,
    received: datetime,
    place: str,
) -> Judged:
    """Return the item that the record becomes.

    Raises:
        NotAccepted: no owner can be told, it is not the source's, or the header cannot be kept.
    """
    regime = _regime(header)
    _check_lengths(header)
    owner, found = _owner(header, source, regime)
    _check_capacity(directory, owner, regime)
    unit = header.unit or source.fallback_unit
    notes = [] if found and header.unit else [_own_staff_only(place, owner_missing=not found)]
    item = Item(
        id=header.record_id,
        owner=owner,
        authority=header.authority,
        unit=unit,
        process=header.process,
        regime=regime,
        service=header.service,
        recipient=Recipient(header.recipient),
        info_type=InfoType(header.info_type),
        date=Period(header.date_from, header.date_to),
        per_person_file=header.per_person_file,
        secret_from_person=header.not_for_patient,
        withdrawn=header.nullified,
        masks=_masks(header, facts),
        **(_offered(owner, directory, facts, received) if found and header.unit else _NOT_OFFERED),
    )
    return Judged(item, tuple(notes))


def _regime(header: AccessHeader) -> Regime:
    try:
        regime = Regime(header.regime)
    except ValueError:
        raise NotAccepted(
            "unknown-regime", "the record is under an act that the hub does not know"
        ) from None
    return regime


def _check_lengths(header: AccessHeader) -> None:
    ids = (header.unit, header.process, header.authority, header.service)
    if any(len(each) > LONGEST_ID for each in ids if each is not None):
        raise NotAccepted(
            "id-too-long",
            f"an id of unit, process, authority or service has more than {LONGEST_ID} signs;"
            " correct it at the source, or in the source's profile, and retry",
        )


def _owner(header: AccessHeader, source: Source, regime: Regime) -> tuple[str, bool]:
    """The owner's id, and whether the document named it."""
    owner = source.owner_for(header.owner, regime.value)
    named = (header.owner or "").strip() not in MISSING
    if owner is None and not named:
        raise NotAccepted(
            "no-owner",
            "the document names no care giver; give the source a fallback owner and retry",
        )
    if owner is None:
        raise NotAccepted(
            "owner-not-of-source",
            f"the document's care giver{_shown(header.owner)} is not among the source's owners; add"
            " it to owners or owner_of in the sources file if that is right, and retry",
        )
    return owner, named


def _shown(written: str | None) -> str:
    """Return an id to be named in a receipt, where it cannot be a person's.

    What looks like the HSA id of a legal body: the third figure of its number is at least 2, as in
    no person number. A local id, or whatever else stands there, is not repeated.
    """
    name = (written or "").strip().upper()
    return f", {name}," if _OF_A_BODY.fullmatch(name) else ""


def _check_capacity(directory: Directory, owner: str, regime: Regime) -> None:
    known = directory.organisations.get(owner)
    if known is None:
        raise NotAccepted(
            "unknown-owner", "the owner is not in the organisations file; load it there and retry"
        )
    needed = Kind.VARDGIVARE if regime in VARDGIVARE_REGIMES else Kind.OMSORGSGIVARE
    if (regime in VARDGIVARE_REGIMES | OMSORGSGIVARE_REGIMES) and needed not in known.kind:
        raise NotAccepted(
            "owner-in-wrong-capacity",
            f"a record under {regime.value} needs an owner that is {needed.value}; correct the"
            " owner's kind, or owner_of in the sources file, and retry",
        )


def _own_staff_only(place: str, *, owner_missing: bool) -> Note:
    missing = "care giver" if owner_missing else "care unit"
    return Note(
        "information",
        "own-staff-only",
        place,
        f"the document names no {missing}; only the owner's own staff can read it",
    )


def made_available(item: Item, directory: Directory, facts: Facts, received: datetime) -> Item:
    """Return the item with what its owner has declared (SVOD 2:2, 2:4) or assessed (2:6)."""
    return replace(item, **_offered(item.owner, directory, facts, received))


_NOT_OFFERED: Mapping[str, Any] = {"availability": Availability.NONE, "informed": False}


def _offered(
    owner: str, directory: Directory, facts: Facts, received: datetime
) -> Mapping[str, Any]:
    """Return what an item says of whether, since when and on which ground it is available."""
    declared = directory.availability(owner)
    if declared.makes_available_from is None:
        # With an instant: once the owner declares it, the row is made available from then.
        return {**_NOT_OFFERED, "available_since": received}
    since = max(declared.makes_available_from, received)
    informed = declared.informs_from is not None and declared.informs_from <= since
    return {
        "availability": ground_of(owner, facts),
        "available_since": since,
        "informed": informed,
    }


def ground_of(owner: str, facts: Facts) -> Availability:
    """Return on which ground an owner that makes available does so for this person."""
    if facts.person.capacity is Ability.LASTING_LACK and _assessed_by(owner, facts):
        return Availability.GROUND_2_6
    return Availability.GROUND_2_4


def _assessed_by(owner: str, facts: Facts) -> bool:
    own = [each for each in facts.assessments if each.by == owner]
    return any(each.clarified for each in own) and not any(
        each.reason_to_think_opposed for each in own
    )


def _masks(header: AccessHeader, facts: Facts) -> frozenset[str]:
    known = facts.person.protected_identity is not ProtectedIdentity.NONE
    return EVERY_MASK if known or declared_protection(header) is not None else frozenset()


def declared_protection(header: AccessHeader) -> ProtectedIdentity | None:
    """Return the protection that a document says its person has; a word we do not know protects."""
    if header.protected_identity == ProtectedIdentity.NONE:
        return None
    try:
        return ProtectedIdentity(header.protected_identity)
    except ValueError:
        return ProtectedIdentity.SEKRETESSMARKERING
