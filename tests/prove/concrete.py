"""A world as the code's own facts, request and item."""

from datetime import UTC, datetime, timedelta
from typing import Any

from consent.facts import (
    Assessment,
    Collected,
    Emergency,
    Facts,
    InfoType,
    Item,
    Kind,
    Lift,
    Organisation,
    Person,
    ProtectedIdentity,
    Reader,
    Regime,
    Relation,
    Request,
    Samtycke,
    Sparr,
    Target,
)
from consent.law import Law, in_force, named
from consent.period import Period
from consent.situation import Situation, Switch
from tests.prove.space import NOW, NUMBERS, ORGANISATIONS, World

DAYS = {
    "2023-01-01": datetime(2024, 3, 12, 9, 0, tzinfo=UTC),
    "2025-07-01": datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
    "ehds": datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
}
"""An instant at which each law is in force; a draft is laid over the law of the day."""


def law_of(name: str) -> Law:
    """The sections of a law by its name."""
    day = DAYS[name].date()
    return named(name, day) if name == "ehds" else in_force(day)


def item_of(world: World, law: str, name: str = "i1") -> Item:
    """The item of a world."""

    def at(day: int | None) -> datetime | None:
        return _at(law, day)

    return Item(
        name,
        world["owner"],
        authority=world["i_authority"],
        unit=world["i_unit"],
        process=world["i_process"],
        regime=Regime(world["regime"]),
        service=world["service"],
        recipient=world["recipient"],
        info_type=InfoType(world["info_type"]),
        date=Period(at(world["date_from"]), at(world["date_to"])),
        collected_for=Collected(world["collected"]),
        per_person_file=world["per_person"],
        informed=world["informed"],
        availability=world["availability"],
        available_since=at(world["available_since"]),
        secret_from_person=world["secret"],
        withdrawn=world["withdrawn"],
    )


def situation_of(world: World, law: str) -> Situation:
    """The facts and the request of a world, at an instant when the law is in force."""
    switches = {each: world[each.value] for each in Switch}
    return Situation(_facts(world, law), _request(world, law), switches)


def _at(law: str, day: int | None) -> datetime | None:
    return None if day is None else DAYS[law] + timedelta(days=day - NOW)


def _request(world: World, law: str) -> Request:
    chosen = frozenset(each for each in ORGANISATIONS if world[f"chose_{each}"])
    return Request(
        Reader(
            "me",
            world["org"],
            world["as"],
            authority=world["authority"],
            unit=world["unit"],
            process=world["process"],
            assignment_valid=world["assignment"],
            strong_auth=world["strong"],
            takes_part=world["takes_part"],
        ),
        DAYS[law],
        op=world["op"],
        purpose=world["purpose"],
        patient_requested=world["patient_requested"],
        relevance=world["relevance"],
        active_choice=world["choice"],
        necessary=world["necessary"],
        emergency=Emergency(
            world["danger"],
            world["consent_obtainable"],
            world["can_request_lift"],
            world["absolutely_needed"],
        ),
        registers_reachable=world["registers"],
        chosen=chosen if world["chose"] else None,
        target=Target(
            world["target_owner"],
            world["target_kind"],
            world["across"],
            frozenset() if world["term"] is None else frozenset({world["term"]}),
            world["conveyed"],
        ),
    )


def _facts(world: World, law: str) -> Facts:
    def at(day: int | None) -> datetime | None:
        return _at(law, day)

    def there(letter: str) -> list[dict[str, Any]]:
        prefixes = [f"{letter}{number}_" for number in NUMBERS if world[f"{letter}{number}_on"]]
        return [
            {"id": prefix[:-1]}
            | {key.removeprefix(prefix): world[key] for key in world if key.startswith(prefix)}
            for prefix in prefixes
        ]

    def period(each: dict[str, Any]) -> Period:
        return Period(at(each["from"]), at(each["to"]))

    return Facts(
        organisations={name: _organisation(world, name) for name in ORGANISATIONS},
        person=Person(
            age=world["age"],
            can_consent_self=world["can_consent"],
            capacity=world["ability"],
            lacking_since=at(world["lacking_since"]),
            deceased=at(world["deceased"]),
            protected_identity=ProtectedIdentity.FINGERAD
            if world["protected"]
            else ProtectedIdentity.NONE,
        ),
        relations=tuple(
            Relation(r["org"], r["kind"], r["state"], r["unit"], r["service"], period(r))
            for r in there("r")
        ),
        consents=tuple(
            Samtycke(
                c["giver"],
                c["org"],
                c["answer"],
                c["unit"],
                c["user"],
                c["as"],
                period(c),
                at(c["withdrawn"]),
            )
            for c in there("c")
        ),
        blocks=tuple(
            Sparr(
                b["id"],
                b["kind"],
                b["owner"],
                b["unit"],
                b["process"],
                Period(at(b["info_from"]), at(b["info_to"])),
                frozenset({InfoType(b["excluded"])}) if b["excluded"] else frozenset(),
                at(b["set_at"]),
                b["set_by"],
            )
            for b in there("b")
        ),
        lifts=tuple(
            Lift(
                x["block"],
                x["ground"],
                x["org"],
                x["unit"],
                x["user"],
                period(x),
                frozenset({x["of_unit"]}) if x["of_unit"] else frozenset(),
                frozenset({InfoType(x["of_type"])}) if x["of_type"] else frozenset(),
            )
            for x in there("l")
        ),
        assessments=tuple(Assessment(w["by"], w["clarified"], w["opposed"]) for w in there("w")),
    )


def _organisation(world: World, name: str) -> Organisation:
    kinds = ((Kind.VARDGIVARE, f"{name}_vg"), (Kind.OMSORGSGIVARE, f"{name}_og"))
    return Organisation(
        name,
        frozenset(kind for kind, key in kinds if world[key]),
        part_of=world[f"{name}_part_of"],
        connected=world[f"{name}_connected"],
        offers_own_access=world[f"{name}_offers"],
    )
