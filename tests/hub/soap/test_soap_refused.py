"""A message that is refused leaves a record, with whose source it was told of, and none of its own.

Source: docs/decisions/0019.
"""

import json
from typing import Any

import pytest
from sqlalchemy import text

from tests.adapters.rivta.mock_source import Reply
from tests.hub.ingest.documents import REGION, SIGNE, SYSTEM
from tests.hub.soap.conftest import TOKEN, Told, message, post
from tests.hub.soap.test_soap_endpoint import HOSTILE, _certificate

UNHEARD = (
    {},
    {"Authorization": "Bearer wrong-and-secret"},
    {"Client-Cert": ":AAAA:"},
)


@pytest.fixture(autouse=True)
def quiet(idle: Told) -> None:
    """The source answers nothing."""
    idle.source.answering = lambda _: Reply(b"", 503)


def refusals(told: Told) -> list[dict[str, Any]]:
    with told.store.read() as connection:
        query = "SELECT payload FROM audit_record WHERE outcome = 'deny' ORDER BY recorded"
        return [json.loads(bytes(each)) for (each,) in connection.execute(text(query))]


def test_who_is_not_known_is_logged_by_address_and_counted(told: Told) -> None:
    for number, headers in enumerate(UNHEARD, 1):
        assert told.tell(message(post()), headers=headers).status_code == 401
        found = refusals(told)
        assert len(found) == min(number, 2)  # the first, the second, the fourth ...
    other = {"Client-Cert": _certificate(told, "somebody")}
    assert told.tell(message(post()), headers=other).status_code == 401
    assert [each["times"] for each in refusals(told)] == [1, 2, 4]
    for each in refusals(told):
        assert (each["action"], each["refusal"]) == ("authenticate", "not-authenticated")
        assert each["network"] == "127.0.0.1"
        assert each["query"] == "POST /soap/Update"
        assert not {"user", "organisation", "person", "client"} & each.keys()
    assert "secret" not in json.dumps(refusals(told))


WHY = {
    **dict.fromkeys(HOSTILE, "unreadable"),
    **dict.fromkeys(("no-posts", "too-many", "wrong-number", "long-name"), "invalid"),
    "too-large": "too-large",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_damaged_message_is_logged_with_the_sources_organisation(told: Told, name: str) -> None:
    assert told.tell(HOSTILE[name]).status_code == 500
    (found,) = refusals(told)
    assert (found["action"], found["outcome"]) == ("create", "deny")
    assert (found["client"], found["organisation"]) == ("journal", REGION)
    assert found["refusal"] in (WHY[name], "invalid"), name
    kept = json.dumps(found)
    for value in (SIGNE, SIGNE[2:], TOKEN, SYSTEM, "19420317-2384"):
        assert value not in kept


def test_what_was_taken_and_what_is_no_service_is_no_refusal(told: Told) -> None:
    assert told.tell(message(post())).status_code == 200
    assert told.tell(message(post()), operation="FindContent").status_code == 404
    assert refusals(told) == []


def test_nobody_is_refused_in_silence_while_the_log_cannot_be_written(told: Told) -> None:
    with told.store.write() as connection:
        connection.execute(text("DROP TABLE audit_record"))
    unknown = told.tell(message(post()), headers={})
    damaged = told.tell(b"no")
    assert (unknown.status_code, damaged.status_code) == (500, 500)
    assert unknown.content == damaged.content
    assert b"cannot be reached" in unknown.content
