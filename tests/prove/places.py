"""Where in the space of facts something is decided: situations that the law opens, and near them.

Uniform worlds are refused at the first gate. So each route and operation has a place where it is
open, and worlds are drawn around the places: some fields take any value, the others stay.
"""

from collections.abc import Iterator, Mapping
from random import Random
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
from tests.prove.space import FIELDS, World

_START: dict[str, Any] = {
    **{name: values[0] for name, values in FIELDS.items()},
    "as": Capacity.VARDPERSONAL,
    "unit": "u",
    "choice": ActiveChoice.CONTENT,
    "purpose": Purpose.VARD,
    "patient_requested": False,
    "danger": Danger.NONE,
    "necessary": False,
    "absolutely_needed": False,
    "chose": False,
    "across": False,
    "conveyed": False,
    "A_og": False,
    "B_og": False,
    "age": 50,
    "ability": Ability.FULL,
    "protected": False,
    "old_sol_in_scope": False,
    "guardian_sees_child": False,
    "guardian_consents_for_child": False,
    "existence_without_relation": False,
    "officer_judges_alone": False,
    "undated_loss_keeps_consent": False,
    "system_searches_across": True,
    "mistakes_are_voided": True,
    "owner": "B",
    "i_unit": "v",
    "recipient": Recipient.OLDER,
    "availability": Availability.GROUND_2_4,
    "secret": False,
    "withdrawn": False,
    "r1_kind": RelationKind.PATIENT,
    "r1_state": RelationState.CURRENT,
    "c1_giver": Giver.SELF,
    "l1_ground": LiftGround.CONSENT,
    "w1_opposed": False,
    **{f"{letter}{n}_on": False for letter in "rcblw" for n in (1, 2)},
    **{f"b{n}_set_by": Giver.SELF for n in (1, 2)},
    "l2_block": "b2",
    "r1_on": True,
    "c1_on": True,
}
_SOCIAL: dict[str, Any] = {
    "as": Capacity.OMSORGSPERSONAL,
    "purpose": Purpose.INSATS,
    "A_og": True,
    "B_og": True,
    "regime": "LSS",
    "service": "LSS 9",
    "r1_kind": RelationKind.SERVICE,
    "r1_state": RelationState.ONGOING,
    "r1_service": "LSS 9",
}
_UNABLE: dict[str, Any] = {
    "ability": Ability.LASTING_LACK,
    "lacking_since": 3,
    "necessary": True,
    "c1_on": False,
    "w1_on": True,
}
_EMERGENCY: dict[str, Any] = {
    "danger": Danger.LIFE,
    "consent_obtainable": False,
    "can_request_lift": False,
    "absolutely_needed": True,
    "c1_on": False,
}
_OUTER: dict[str, Any] = {"b1_on": True, "b1_kind": BlockKind.OUTER, "b1_owner": "B"}
_INNER: dict[str, Any] = {"owner": "A", "b1_on": True, "b1_kind": BlockKind.INNER, "b1_owner": "A"}
_PERSON: dict[str, Any] = {"as": Capacity.INDIVIDUAL, "org": None, "unit": None}

PLACES: Mapping[str, Mapping[str, Any]] = {
    "care with consent": {},
    "care, outer block": _OUTER,
    "care, outer block lifted": _OUTER | {"l1_on": True},
    "care, two outer blocks": _OUTER | {"b2_on": True, "b2_owner": "B", "l1_on": True},
    "care, inner block of another": _OUTER | {"b1_kind": BlockKind.INNER},
    "care of social data": {"regime": "LSS", "B_og": True},
    "no relation, existence open": {"r1_on": False, "existence_without_relation": True},
    "consent since an unknown day": {
        "ability": Ability.LASTING_LACK,
        "undated_loss_keeps_consent": True,
    },
    "certificate": {
        "purpose": Purpose.INTYG_3_16,
        "patient_requested": True,
        "r1_state": RelationState.FORMER,
    },
    "care of a child": {"can_consent": False, "age": 8, "c1_on": False},
    "incapacity": _UNABLE,
    "incapacity, organisations chosen": _UNABLE | {"chose": True},
    "emergency": _EMERGENCY,
    "emergency, organisations chosen": _EMERGENCY | {"chose": True},
    "emergency of somebody unable": _EMERGENCY
    | {"ability": Ability.LASTING_LACK}
    | {"lacking_since": 3},
    "emergency after a refusal": _EMERGENCY | {"c1_on": True, "c1_answer": False},
    "emergency, blocked": _EMERGENCY | _OUTER,
    "social service with consent": _SOCIAL,
    "social service, health data": _SOCIAL | {"regime": "HSL"},
    "social service under SoL": _SOCIAL
    | {"regime": "SoL", "service": "SoL 8:1", "r1_service": "SoL 8:1"},
    "social service under the old SoL": _SOCIAL
    | {"regime": "SoL", "service": "SoL2001 3:6", "r1_service": "SoL2001 3:6"},
    "social service for a child": _SOCIAL | {"can_consent": False, "c1_on": False},
    "social service for a child by a guardian": _SOCIAL
    | {"can_consent": False, "regime": "HSL", "c1_giver": Giver.GUARDIAN}
    | {"guardian_consents_for_child": True},
    "social service, incapacity": _SOCIAL | _UNABLE,
    "social service, incapacity, chosen": _SOCIAL | _UNABLE | {"chose": True},
    "social service in an emergency": _SOCIAL | _EMERGENCY,
    "own unit": {"owner": "A", "i_unit": "u"},
    "own vardgivare": {"owner": "A"},
    "another authority of the region": {"B_part_of": "A"},
    "own vardgivare, looking": {"owner": "A", "choice": ActiveChoice.EXISTS},
    "own vardgivare, quality": {"owner": "A", "purpose": Purpose.KVALITET},
    "investigation": {"owner": "A", "i_unit": "u", "regime": "FMU", "purpose": Purpose.FMU},
    "inner block": _INNER,
    "inner block lifted": _INNER | {"l1_on": True},
    "inner block lifted in need": _INNER
    | {"l1_on": True, "l1_ground": LiftGround.EMERGENCY, "c1_on": False}
    | {"consent_obtainable": False, "absolutely_needed": True},
    "inner block, need": _INNER | {"consent_obtainable": False, "absolutely_needed": True},
    "two inner blocks": _INNER
    | {"l1_on": True, "b2_on": True, "b2_kind": BlockKind.INNER, "b2_owner": "A", "l2_on": True},
    "own omsorgsgivare": _SOCIAL | {"owner": "A"},
    "the person": _PERSON,
    "a guardian": _PERSON
    | {"as": Capacity.GUARDIAN, "age": 8, "can_consent": False, "guardian_sees_child": True},
    "own system": {"as": Capacity.SYSTEM, "owner": "A"},
    "own system, social": {"as": Capacity.SYSTEM, "owner": "A", "regime": "SoL"},
    "search across persons": {"op": Operation.SEARCH, "across": True, "owner": "A"},
    "system's search across persons": {
        "op": Operation.SEARCH,
        "across": True,
        "as": Capacity.SYSTEM,
        "owner": "A",
    },
    "search about one person": {"op": Operation.SEARCH},
    "block": _PERSON | {"op": Operation.BLOCK, "target_owner": "B"},
    "inner block set": _PERSON
    | {"op": Operation.BLOCK, "target_owner": "B", "target_kind": BlockKind.INNER},
    "block, written down": {"op": Operation.BLOCK, "owner": "A", "target_owner": "A"}
    | {"conveyed": True},
    "block of social care, written down": _SOCIAL
    | {"op": Operation.BLOCK, "owner": "A", "target_owner": "A", "conveyed": True},
    "lift, written down": _OUTER
    | {"op": Operation.LIFT, "owner": "A", "b1_owner": "A", "conveyed": True},
    "inner lift, written down": _INNER
    | {"op": Operation.LIFT, "target_kind": BlockKind.INNER, "conveyed": True},
    "answer": _PERSON | {"op": Operation.ANSWER, "target_owner": "A"},
    "answer to social care": _SOCIAL
    | _PERSON
    | {"op": Operation.ANSWER, "target_owner": "A", "A_vg": False},
    "answer, written down": {"op": Operation.ANSWER, "target_owner": "A", "conveyed": True},
    "answer, written down by social care": _SOCIAL
    | {"op": Operation.ANSWER, "target_owner": "A", "conveyed": True},
    "answer taken back": _PERSON | {"op": Operation.WITHDRAW, "target_owner": "A"},
    "answer to social care taken back": _SOCIAL
    | _PERSON
    | {"op": Operation.WITHDRAW, "target_owner": "A", "A_vg": False},
    "lift by the person": _PERSON | _OUTER | {"op": Operation.LIFT},
    "inner lift by the person": _PERSON
    | _INNER
    | {"op": Operation.LIFT, "target_kind": BlockKind.INNER},
    "inner lift by the officer": _INNER
    | {"op": Operation.LIFT, "target_kind": BlockKind.INNER, "as": Capacity.OFFICER},
    "inner lift by the officer in need": _INNER
    | {"op": Operation.LIFT, "target_kind": BlockKind.INNER, "as": Capacity.OFFICER}
    | {"consent_obtainable": False, "absolutely_needed": True, "c1_on": False},
    "outer lift by the officer": _EMERGENCY
    | {"op": Operation.LIFT, "as": Capacity.OFFICER, "owner": "A", "b1_on": True},
    "outer lift by the officer alone": {
        "op": Operation.LIFT,
        "as": Capacity.OFFICER,
        "owner": "A",
        "b1_on": True,
        "b1_kind": BlockKind.OUTER,
        "b1_owner": "A",
        "officer_judges_alone": True,
    },
    "a lift is asked for": _EMERGENCY | _OUTER | {"op": Operation.REQUEST_LIFT},
    "a lift is asked for by social care": _EMERGENCY
    | _OUTER
    | {"op": Operation.REQUEST_LIFT, "as": Capacity.OMSORGSPERSONAL, "A_og": True},
    "an inner lift is asked for": _INNER
    | {"op": Operation.REQUEST_LIFT, "target_kind": BlockKind.INNER}
    | {"consent_obtainable": False, "absolutely_needed": True},
    "log extract": _PERSON | {"op": Operation.LOG_EXTRACT},
    "log extract, social": _PERSON | {"op": Operation.LOG_EXTRACT, "regime": "LSS"},
    "log extract for a guardian": _PERSON
    | {"op": Operation.LOG_EXTRACT, "as": Capacity.GUARDIAN, "age": 8}
    | {"guardian_sees_child": True},
    "making available": {"op": Operation.MAKE_AVAILABLE, "owner": "A"},
    "making available, social": {
        "op": Operation.MAKE_AVAILABLE,
        "owner": "A",
        "regime": "LSS",
        "service": "LSS 9",
    },
    "making available, incapacity": {"op": Operation.MAKE_AVAILABLE, "owner": "A"} | _UNABLE,
}


def place(name: str, law: str) -> dict[str, Any]:
    """The world at a place, with services of the act that is in force."""
    world = _START | dict(PLACES[name])
    if law == "2023-01-01":
        for field in ("service", "r1_service"):
            world[field] = {"SoL 8:1": "SoL2001 3:6"}.get(world[field], world[field])
    return world


def random_world(rng: Random, law: str) -> World:
    """A world near a place: a few fields, or many, take any value."""
    world = place(rng.choice(NAMES), law)
    for field in rng.sample(NAMED, k=min(len(NAMED), 1 + int(rng.expovariate(1 / 6)))):
        world[field] = rng.choice(FIELDS[field])
    return world


def worlds_beside(name: str, law: str) -> Iterator[World]:
    """Every world that differs from a place in at most one field."""
    start = place(name, law)
    yield start
    for field in NAMED:
        yield from (start | {field: value} for value in _others(field, start))


def worlds_near(name: str, law: str) -> Iterator[World]:
    """Every world that differs from a place in at most two fields.

    What is said of a relation, consent, block, lift or judgement that is not there changes nothing,
    and is tried only together with its being there.
    """
    start = place(name, law)
    yield start
    fields = [field for field in NAMED if _counts(field, start)]
    for index, one in enumerate(fields):
        for value in _others(one, start):
            first = start | {one: value}
            yield first
            later = fields[index + 1 :] if not one.endswith("_on") else _rest(one, fields)
            for other in later:
                for second in _others(other, start):
                    yield first | {other: second}


def _others(field: str, start: World) -> list[Any]:
    return [value for value in FIELDS[field] if value != start[field]]


def _counts(field: str, world: World) -> bool:
    """Whether the field is about something that is there, or says whether it is."""
    on = f"{field.partition('_')[0]}_on"
    return on == field or on not in FIELDS or world[on]


def _rest(on: str, fields: list[str]) -> list[str]:
    """Every field but the one: of a thing that has come to be there, its own are new."""
    own = [field for field in NAMED if field.startswith(on.removesuffix("on")) and field != on]
    fresh = [field for field in own if field not in fields]
    return fresh + fields[fields.index(on) + 1 :]


NAMES = tuple(PLACES)
NAMED = tuple(FIELDS)
