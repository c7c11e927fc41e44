"""What an engagement index tells is noted and answered at once; nobody else is heard."""

import base64
import hashlib
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import zeep
from lxml import etree
from requests import Session

from hub.auth.client_certificate import Peer
from hub.serving import Tls
from hub.soap.description import schema
from hub.soap.notifier import told_sources
from hub.store.directory import directory, load_sources
from tests.adapters.rivta.certificates import Authority, Identity
from tests.adapters.rivta.mock_source import Reply
from tests.hub.ingest.documents import AINA, SIGNE, SYSTEM, Doc, diagnoses
from tests.hub.soap.conftest import BEHIND, TOKEN, Told, message, post, served

QUIET = Reply(b"", 503)
DIAGNOSIS = (SYSTEM, "GetDiagnosis 2.0", "waiting", 0)


def _code(content: bytes) -> str | None:
    found = etree.fromstring(content).find(".//{*}ResultCode")
    return None if found is None else found.text


def _fault(content: bytes) -> str:
    return etree.fromstring(content).findtext(".//faultstring") or ""


@pytest.fixture(autouse=True)
def quiet(idle: Told) -> None:
    """The source answers nothing, so that what was noted can be seen."""
    idle.source.answering = lambda _: QUIET


def _client(told: Told, operation: str) -> Any:  # noqa: ANN401 - zeep makes its own types
    session = Session()
    session.headers["Authorization"] = f"Bearer {TOKEN}"
    session.trust_env = False
    transport = zeep.Transport(session=session)
    return zeep.Client(f"{told.base}/soap/{operation}?wsdl", transport=transport)


@pytest.mark.parametrize("operation", ["Update", "ProcessNotification"])
def test_a_client_made_of_our_description_is_answered(told: Told, operation: str) -> None:
    client = _client(told, operation)
    engagement = {
        "registeredResidentIdentification": SIGNE,
        "serviceDomain": "riv:clinicalprocess:healthcond:description",
        "categorization": "dia",
        "logicalAddress": SYSTEM,
        "businessObjectInstanceIdentifier": "NA",
        "clinicalProcessInterestId": "NA",
        "sourceSystem": SYSTEM,
        "dataController": "SE1",
    }
    call = getattr(client.service, operation)
    answer = call(
        engagementTransaction=[{"deleteFlag": False, "engagement": engagement}],
        _soapheaders={"LogicalAddress": "HUB"},
    )
    assert answer.ResultCode == "OK"
    assert [each[:3] for each in told.tasks()] == [DIAGNOSIS[:3]]
    with pytest.raises(zeep.exceptions.Fault, match="PATTERN"):
        call(
            engagementTransaction=[
                {
                    "deleteFlag": False,
                    "engagement": {**engagement, "registeredResidentIdentification": "abc"},
                }
            ],
            _soapheaders={"LogicalAddress": "HUB"},
        )


def test_published_messages_are_valid_by_our_description(shared: Path) -> None:
    folder = shared / "rivta" / "itintegration_engagementindex_1.0.10"
    for path in sorted(folder.rglob("samples/Update/UpdateResponder_1.0.xml")):
        message = etree.parse(path)
        checked = schema("Update")
        assert checked.validate(message), [each.message for each in iter(checked.error_log)]


def test_a_post_is_about_a_system_and_a_category(told: Told) -> None:
    posts = [
        post(),
        post(),
        post(category="voo", delete="true"),
        post(system=BEHIND),
        post(person=AINA),
    ]
    assert _code(told.tell(message(*posts)).content) == "OK"
    assert sorted(told.tasks()) == sorted(
        [
            DIAGNOSIS,
            DIAGNOSIS,
            (SYSTEM, "GetCareDocumentation 3.0", "waiting", 0),
            (BEHIND, "GetDiagnosis 2.0", "waiting", 0),
        ]
    )


def test_what_is_not_asked_for_is_passed_over_and_said(told: Told) -> None:
    posts = [post(category="upp"), post(system="SE1-ELSE"), post(person="000000000000"), post()]
    answer = told.tell(message(*posts))
    assert (answer.status_code, _code(answer.content)) == (200, "INFO")
    assert b"3 posts" in answer.content
    assert told.tasks() == [DIAGNOSIS]
    assert _code(told.tell(message(post(category="upp"))).content) == "INFO"


def test_what_came_from_here_is_not_fetched_back(told: Told) -> None:
    answer = told.tell(message(post(owner="SE1-HUB"), post(category="voo", owner="SE1-INDEX")))
    assert (answer.status_code, _code(answer.content)) == (200, "INFO")
    assert told.tasks() == [(SYSTEM, "GetCareDocumentation 3.0", "waiting", 0)]


HOSTILE = {
    "doctype": b'<!DOCTYPE x [<!ENTITY a "b">]>' + message(post()),
    "not-xml": b"no",
    "empty": b"",
    "cut": message(post())[:-30],
    "another-message": diagnoses(Doc()),
    "another-operation": message(post(), operation="ProcessNotification"),
    "no-posts": message(),
    "too-many": message(*[post()] * 1001),
    "too-large": b" " * (3 * 1024 * 1024),
    "deep": message("<u:x>" * 400 + "</u:x>" * 400),
    "wrong-number": message(post(person="19420317-2384")),
    "long-name": message(post(system="S" * 300)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_or_damaged_messages_are_faults_and_nothing_is_noted(told: Told, name: str) -> None:
    answer = told.tell(HOSTILE[name])
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/xml")
    assert _fault(answer.content)
    assert SIGNE not in answer.text
    assert told.tasks() == []
    assert _code(told.tell(message(post())).content) == "OK"


def _certificate(told: Told, name: str) -> str:
    found = told.authority.issue(name) if name != "index" else None
    path = told.authority.folder / "index.pem" if found is None else found.certificate
    body = "".join(path.read_text().splitlines()[1:-1])
    return f":{body}:"


def test_a_certificate_that_a_configured_proxy_shows_is_heard(told: Told) -> None:
    shown = {"Client-Cert": _certificate(told, "index")}
    assert told.tell(message(post()), headers=shown).status_code == 200
    assert told.tasks() == [DIAGNOSIS]


def test_anybody_else_is_not_heard(told: Told) -> None:
    index = _certificate(told, "index")
    refused: list[Any] = [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {hashlib.sha256(TOKEN.encode()).hexdigest()}"},
        {"Client-Cert": _certificate(told, "somebody")},
        {"Client-Cert": index.strip(":")},
        {"Client-Cert": ":AAAA:"},
        {"Client-Cert": ":" + base64.b64encode(b"x" * 500).decode() + ":"},
        [("Client-Cert", index), ("Client-Cert", index)],
        {"x-vp-auth-cert": index, "x-forwarded-tls-client-cert": index},
    ]
    for headers in refused:
        answer = told.tell(message(post()), headers=headers)
        assert (answer.status_code, told.tasks()) == (401, []), headers


def test_a_certificate_from_another_address_than_the_proxys_is_not_heard(told: Told) -> None:
    with told.store.read() as connection:
        sources = list(directory(connection).sources.values())
    header = [_certificate(told, "index")]
    assert told_sources(sources, None, header, Peer("127.0.0.1")) == sources
    for address in ("10.0.0.1", None, ""):
        assert told_sources(sources, None, header, Peer(address)) == []


def test_a_certificate_that_the_hubs_own_tls_has_checked_is_heard(idle: Told) -> None:
    with idle.store.write() as connection:
        sources = directory(connection).sources.values()
        own = [
            replace(each, notified=replace(each.notified, proxies=()))
            for each in sources
            if each.notified is not None
        ]
        load_sources(connection, own, datetime.now(UTC))
    index = Identity(idle.authority.folder / "index.pem", idle.authority.folder / "index.key")
    server, somebody = idle.authority.issue("server"), idle.authority.issue("somebody")
    stranger = Authority(idle.authority.folder, "strange-ca").issue("stranger")
    tls = Tls(server.certificate, server.key, idle.authority.path)

    def answered(shown: Identity | None, headers: dict[str, str]) -> int:
        trusted = ssl.create_default_context(cafile=str(idle.authority.path))
        if shown is not None:
            trusted.load_cert_chain(shown.certificate, shown.key)
        with httpx.Client(verify=trusted, timeout=60) as client:
            url = f"{idle.base}/soap/Update"
            return client.post(url, content=message(post()), headers=headers).status_code

    told_by_header = {"Client-Cert": _certificate(idle, "index")}
    with served(idle, tls):
        assert answered(None, {}) == answered(None, told_by_header) == 401
        assert answered(somebody, {}) == answered(somebody, told_by_header) == 401
        with pytest.raises(httpx.TransportError):
            answered(stranger, {})
        assert idle.tasks() == []
        assert answered(index, {}) == 200
        assert idle.tasks() == [DIAGNOSIS]


def test_who_is_not_heard_learns_nothing_of_the_message(told: Told) -> None:
    bad = told.tell(b"<broken", headers={})
    good = told.tell(message(post()), headers={})
    assert (bad.status_code, bad.content) == (good.status_code, good.content)


def test_another_service_and_a_get_say_what_there_is(told: Told) -> None:
    assert told.tell(message(post()), operation="FindContent").status_code == 404
    assert httpx.get(f"{told.base}/soap/Update").status_code == 400
    described = httpx.get(f"{told.base}/soap/Update?wsdl")
    assert described.status_code == 200
    assert f'location="{told.base}/soap/Update"'.encode() in described.content


def test_an_answer_is_the_same_whether_anything_is_held_of_a_person(told: Told) -> None:
    told.source.answers(diagnoses(Doc()))
    told.tell(message(post()))
    told.until(lambda: told.versions() == 1 and told.tasks() == [])
    held, unknown = (told.tell(message(post(person=each))) for each in (SIGNE, AINA))
    assert (held.status_code, held.content) == (unknown.status_code, unknown.content)
