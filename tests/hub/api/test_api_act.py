"""An act is judged and written in one transaction: what has changed since it was logged decides."""

from collections.abc import Callable
from dataclasses import replace

import pytest

import hub.api.act.act
from consent.facts import Sparr
from hub.audit.record import AccessRecord, Outcome
from hub.audit.writer import AuditWriter
from hub.store.facts import known_of
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import THERAPIST, World, stated
from tests.worlds.usual import OUTER, RELATIONS, facts, fill

WRITING = replace(THERAPIST, scope="user/*.cruds")
WITHOUT_CLINIC = tuple(each for each in RELATIONS if each.organisation != WRITING.organisation)


def _between(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> list[Outcome]:
    """Let something happen after an act is logged, before it is written; return what is logged."""
    logged: list[Outcome] = []

    def then(log: AuditWriter, *records: AccessRecord) -> None:
        log.append_all(records)
        logged.extend(each.outcome for each in records)
        if len(logged) == 1:
            change()

    monkeypatch.setattr(hub.api.act.act, "write", then)
    return logged


def _act(world: World, name: str, **given: object) -> Reply:
    body = {"resourceType": "Parameters", "parameter": stated(**given)}
    return world.post(WRITING, f"/fhir/Patient/{world.person()}/${name}", body)


def _blocks(world: World) -> list[str]:
    with world.store.read() as connection:
        known = known_of(connection, [world.person()])
    return [each.id for each in known.of(Sparr)]


def test_a_block_by_somebody_whose_part_has_ended_meanwhile_is_not_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    ended = facts(relations=WITHOUT_CLINIC)
    logged = _between(monkeypatch, lambda: world.know(ended))
    reply = _act(world, "register-block")
    assert (reply.status, reply.codes) == (403, ["not-for-the-person"])
    assert logged == [Outcome.PERMIT, Outcome.DENY]
    assert _blocks(world) == []


def test_a_block_that_is_lifted_twice_at_once_is_lifted_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    world.know(facts(blocks=(OUTER,)))
    logged = _between(monkeypatch, lambda: world.know(facts(blocks=())))
    assert _act(world, "lift-block", block=OUTER.id).status == 404
    assert logged == [Outcome.PERMIT, Outcome.DENY]


def test_an_act_that_nothing_disturbs_is_logged_once(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small_world)
    logged = _between(monkeypatch, lambda: None)
    assert _act(small_world, "register-block").status == 200
    assert logged == [Outcome.PERMIT]
    assert len(_blocks(small_world)) == 1


def test_a_unit_that_the_organisation_does_not_have_is_refused(small_world: World) -> None:
    fill(small_world)
    reply = _act(small_world, "register-block", unit="SE2329999990-1001")
    assert (reply.status, reply.codes) == (422, ["unknown-unit"])
