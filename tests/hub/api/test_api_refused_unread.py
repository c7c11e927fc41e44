"""What is refused before it is read has its record, in the mandate of whoever it lies with."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.api.request_body import LARGEST_BODY
from hub.audit.administration import administered
from hub.auth.built_in import TokenRequest
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember
from hub.store.directory import load_organisations
from tests.hub.api.test_api_log import close_the_log
from tests.hub.api.test_api_refused import NARROW, _expired, _forged, after
from tests.worlds import hub_world
from tests.worlds.asgi_client import Reply
from tests.worlds.hub_world import AUDITOR, REGION, SIGNE, SIGNE_HERSELF, WARD_DOCTOR, World
from tests.worlds.usual import fill

LARGE = bytes(LARGEST_BODY + 1)
NUMBERED = f"/fhir/Condition/{SIGNE}"
UNREAD: dict[str, tuple[int, str, Callable[[World, TokenRequest | None], Reply]]] = {
    "a number in a path": (400, "person-number-in-url", lambda w, who: w.get(who, NUMBERED)),
    "a number in a query": (
        400,
        "person-number-in-url",
        lambda w, who: w.get(who, "/fhir/Condition", {"patient.identifier": SIGNE}),
    ),
    "a body too large": (413, "too-large", lambda w, who: w.post(who, "/fhir/Condition", LARGE)),
    "a form of answer that is not there": (
        406,
        "not-acceptable",
        lambda w, who: w.get(who, "/fhir/Condition/ward-1", headers={"Accept": "image/png"}),
    ),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_is_refused_unread_is_logged_with_whoever_sent_it(world: World, name: str) -> None:
    status, why, ask = UNREAD[name]
    answered, (found,) = after(world, lambda w: ask(w, WARD_DOCTOR))
    assert (answered, found["outcome"], found["refusal"]) == (status, "deny", why)
    assert (found["user"], found["organisation"]) == ("ward-doctor", REGION)
    assert SIGNE not in json.dumps(found)


@pytest.mark.parametrize("name", UNREAD)
def test_what_nobody_known_sends_is_refused_alike_and_logged(world: World, name: str) -> None:
    status, why, ask = UNREAD[name]
    answered, (found,) = after(world, lambda w: ask(w, None))
    assert (answered, found["action"], found["refusal"]) == (status, "authenticate", why)
    assert found["times"] == 1
    assert not {"user", "organisation", "person", "flags"} & found.keys()
    assert SIGNE not in json.dumps(found)


def test_a_token_in_a_url_is_refused_and_not_kept(world: World) -> None:
    token = world.token(WARD_DOCTOR)
    status, (found,) = after(
        world, lambda w: w.http.send("GET", f"/fhir/Condition/x?access_token={token}", {})
    )
    assert (status, found["refusal"]) == (400, "token-in-url")
    assert token[-30:] not in json.dumps(found)


def test_nothing_is_refused_unread_while_the_log_is_closed(small_world: World) -> None:
    close_the_log(small_world)
    for name, (_, _, ask) in UNREAD.items():
        for who in (WARD_DOCTOR, None):
            assert ask(small_world, who).status == 503, name


OPERATING = "SE5599999977-0001"
OPERATOR = replace(AUDITOR, user="operator", organisation=OPERATING, unit=None)


def _with_operator(world: World) -> None:
    assignment = Assignment("operator-A", AUDITOR.as_, None, period=hub_world.SINCE)
    staff = (StaffMember("operator", None, (assignment,)),)
    entry = OrganisationEntry(
        OPERATING, "Invented operator", frozenset(), staff=staff, operates_hub=True
    )
    with world.store.write() as connection:
        load_organisations(connection, (*hub_world.ORGANISATIONS, entry), hub_world.FROM)


def test_every_denial_lies_in_one_mandate(world: World) -> None:
    """The organisation's whose staff it was; the person's own; all else is the hub operator's."""
    _with_operator(world)
    fill(world)
    _forged(world)
    _expired(world)
    _expired(world, replace(SIGNE_HERSELF, minutes=1))
    for _, _, ask in UNREAD.values():
        ask(world, None)
    world.get(NARROW, "/fhir/Condition/ward-1")
    world.hub.log.append(administered("issuers/load", world.clock.now))
    world.hub.log.append(administered("facts/load", world.clock.now, person=world.person()))
    world.hub.sequencer.sequence_now()
    readers = (AUDITOR, OPERATOR, replace(SIGNE_HERSELF, scope="patient/*.rs"))
    seen = [_refusals_seen(world, each) for each in readers]
    assert seen[0] == ["expired", "insufficient-scope"]
    assert seen[1] == sorted(["signature", *{why for _, why, _ in UNREAD.values()}, NUMBER_AGAIN])
    assert seen[2] == ["expired"]
    acts = world.get(OPERATOR, "/fhir/AuditEvent", {"action": "administer"}).json["entry"]
    assert len(acts) == 2
    assert (
        world.get(AUDITOR, "/fhir/AuditEvent", {"action": "administer"}).json.get("entry") is None
    )


NUMBER_AGAIN = "person-number-in-url"
"""Asked for by path and by query: the second of its kind is recorded too."""


def _refusals_seen(world: World, who: TokenRequest) -> list[str]:
    found = world.get(who, "/fhir/AuditEvent", {"outcome": "4"}).json.get("entry", ())
    return sorted(each["resource"]["outcomeDesc"].partition(";")[0] for each in found)
