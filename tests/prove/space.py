"""The space of facts: every field that the model and the code may ask about, with its values.

Two organisations (A, the reader's; B, another), one that the directory does not hold (U), two
units, two processes, up to two relations, answers, blocks, lifts and assessments. Instants are
numbers of days around the request, which is made at NOW; None is the absence of a value. A world
gives each field one value.
"""

from collections.abc import Mapping
from typing import Any

from consent.facts import (
    Ability,
    ActiveChoice,
    Availability,
    BlockKind,
    Capacity,
    Danger,
    Giver,
    LiftGround,
    Operation,
    Purpose,
    Recipient,
    RelationKind,
    RelationState,
)
from consent.search_term import SearchTerm

World = Mapping[str, Any]
NOW = 5
BOTH = (True, False)
ORGANISATIONS = ("A", "B")
UNITS = (None, "u", "v")
PROCESSES = (None, "p", "q")
STARTS = (None, 2, NOW, 7)
ENDS = (None, 2, NOW, 7)
REGIMES = ("HSL", "TandvL", "FMU", "ESTETIK", "SoL", "LSS", "OTHER")
SERVICES = (
    None,
    "SoL 8:1",
    "SoL 8:3",
    "SoL 8:4",
    "SoL 8:10",
    "SoL 8:11",
    "SoL 11:5 home_help",
    "SoL2001 3:6",
    "SoL2001 5:5",
    "SoL2001 5:7",
    "SoL2001 4:2 a home_help",
    "LSS 9",
    "ekonomiskt_bistand",
    "missbruk",
)
TERMS = (None, *SearchTerm)
LAWS = ("2023-01-01", "2025-07-01", "ehds")

_READER: dict[str, tuple[Any, ...]] = {
    "op": tuple(Operation),
    "as": tuple(Capacity),
    "org": ("A", None, "U"),
    "authority": (None, "x", "y"),
    "unit": UNITS,
    "process": PROCESSES,
    "strong": BOTH,
    "assignment": BOTH,
    "takes_part": BOTH,
    "purpose": tuple(Purpose),
    "patient_requested": BOTH,
    "relevance": BOTH,
    "choice": tuple(ActiveChoice),
    "necessary": BOTH,
    "danger": tuple(Danger),
    "consent_obtainable": BOTH,
    "can_request_lift": BOTH,
    "absolutely_needed": BOTH,
    "registers": BOTH,
    "chose": BOTH,  # False: the choice has been made for all
    "chose_A": BOTH,
    "chose_B": BOTH,
    "target_owner": (None, "A", "B"),
    "target_kind": tuple(BlockKind),
    "across": BOTH,
    "conveyed": BOTH,
    "term": TERMS,
}
_AROUND: dict[str, tuple[Any, ...]] = {
    "A_vg": BOTH,
    "A_og": BOTH,
    "A_part_of": (None, "K"),
    "A_connected": BOTH,
    "A_offers": BOTH,
    "B_vg": BOTH,
    "B_og": BOTH,
    "B_part_of": (None, "K", "A"),
    "B_connected": BOTH,
    "B_offers": BOTH,
    "age": (8, 13, 50),
    "can_consent": BOTH,
    "ability": tuple(Ability),
    "lacking_since": (None, 1, 3, NOW),
    "deceased": (None, 2, NOW, 7),
    "protected": BOTH,
    "old_sol_in_scope": BOTH,
    "refusal_bars_emergency": BOTH,
    "guardian_sees_child": BOTH,
    "guardian_consents_for_child": BOTH,
    "existence_without_relation": BOTH,
    "officer_judges_alone": BOTH,
    "undated_loss_keeps_consent": BOTH,
    "system_searches_across": BOTH,
    "mistakes_are_voided": (True,),
}
ITEM: dict[str, tuple[Any, ...]] = {
    "owner": ("A", "B", "U"),
    "i_authority": (None, "x", "y"),
    "i_unit": UNITS,
    "i_process": PROCESSES,
    "regime": REGIMES,
    "service": SERVICES,
    "recipient": tuple(Recipient),
    "info_type": ("note", "medication"),
    "date_from": (None, 2, 4),
    "date_to": (None, 3, NOW),
    "collected": ("care", "quality"),
    "per_person": BOTH,
    "informed": BOTH,
    "availability": tuple(Availability),
    "available_since": (None, 0, 3, 6),
    "secret": BOTH,
    "withdrawn": BOTH,
}
_RELATION: dict[str, tuple[Any, ...]] = {
    "on": BOTH,
    "org": ORGANISATIONS,
    "kind": tuple(RelationKind),
    "state": tuple(RelationState),
    "unit": UNITS,
    "service": ("SoL 8:1", "LSS 9", "SoL 11:5 home_help", "SoL2001 3:6", "ekonomiskt_bistand"),
    "from": STARTS,
    "to": ENDS,
}
_CONSENT: dict[str, tuple[Any, ...]] = {
    "on": BOTH,
    "giver": tuple(Giver),
    "org": ORGANISATIONS,
    "unit": UNITS,
    "user": (None, "me", "other"),
    "as": (None, Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL),
    "answer": BOTH,
    "from": STARTS,
    "to": ENDS,
    "withdrawn": (None, 2, NOW, 7),
}
_BLOCK: dict[str, tuple[Any, ...]] = {
    "on": BOTH,
    "kind": tuple(BlockKind),
    "owner": ORGANISATIONS,
    "unit": UNITS,
    "process": PROCESSES,
    "info_from": (None, 3, 4),
    "info_to": (None, 2, 4),
    "excluded": (None, "medication"),
    "set_at": (None, 2, NOW, 7),
    "set_by": tuple(Giver),
}
_LIFT: dict[str, tuple[Any, ...]] = {
    "on": BOTH,
    "block": ("b1", "b2"),
    "ground": tuple(LiftGround),
    "org": (None, *ORGANISATIONS),
    "unit": UNITS,
    "user": (None, "me", "other"),
    "from": STARTS,
    "to": ENDS,
    "of_unit": UNITS,
    "of_type": (None, "medication"),
}
_ASSESSMENT: dict[str, tuple[Any, ...]] = {
    "on": BOTH,
    "by": ORGANISATIONS,
    "clarified": BOTH,
    "opposed": BOTH,
}
SEVERAL = {"r": _RELATION, "c": _CONSENT, "b": _BLOCK, "l": _LIFT, "w": _ASSESSMENT}
"""Relations, consents, blocks, lifts and judgements of the person's will: two of each."""
NUMBERS = (1, 2)

FIELDS: dict[str, tuple[Any, ...]] = {
    **_READER,
    **_AROUND,
    **ITEM,
    **{
        f"{letter}{number}_{name}": values
        for letter, fields in SEVERAL.items()
        for number in NUMBERS
        for name, values in fields.items()
    },
}


def size() -> int:
    """The number of worlds there are: far too many to try, which is why claims are proved."""
    found = 1
    for values in FIELDS.values():
        found *= len(values)
    return found
