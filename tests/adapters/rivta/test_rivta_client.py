"""The client against a source on a real socket with mutual TLS."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from adapters.rivta import pages
from adapters.rivta.client import Client, Endpoint, NotAnswered, opened
from adapters.rivta.contracts import CONTRACTS, Contract
from adapters.rivta.pages import More, gathered
from adapters.rivta.request import CannotBeAsked, Question, envelope
from mappings.personal_identity import LMA_NUMMER, PERSONNUMMER, SAMORDNINGSNUMMER, Identity
from tests.adapters.rivta.certificates import Authority
from tests.adapters.rivta.mock_source import MockSource, Reply, fault, source_up
from tests.hub.ingest.documents import SIGNE, SYSTEM, Doc, diagnoses, notes_3

PERSON = Identity(PERSONNUMMER, SIGNE)
BY_NAME = {each.name: each for each in CONTRACTS}
DIAGNOSIS = BY_NAME["GetDiagnosis 2.0"]
NOTES = BY_NAME["GetCareDocumentation 3.0"]
AGREEMENT = "6f1f0a0e-5d1c-4c55-9f42-0f6f7b6f2b11"


def question(contract: Contract = DIAGNOSIS, person: Identity = PERSON) -> Question:
    return Question(contract, person, SYSTEM, agreement=AGREEMENT)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def source(authority: Authority) -> Iterator[MockSource]:
    with source_up(authority.issue("source"), authority) as up:
        yield up


@pytest.fixture
def client(source: MockSource, authority: Authority) -> Iterator[Client]:
    with opened(_endpoint(source, authority), pause=0.01) as client:
        yield client


def _endpoint(source: MockSource, authority: Authority, **how: object) -> Endpoint:
    function = authority.issue("function")
    files = {"certificate": str(function.certificate), "key": str(function.key)}
    return Endpoint(source.url, ca=str(authority.path), **{**files, **how})  # type: ignore[arg-type]


def test_a_question_has_the_form_of_the_basic_profile(client: Client, source: MockSource) -> None:
    source.answers(diagnoses(Doc()))
    assert client.ask(question()) == diagnoses(Doc())
    (heard,) = source.heard
    assert heard.path == "/clinicalprocess/healthcond/description/GetDiagnosis/2"
    assert heard.headers["SOAPAction"] == (
        '"urn:riv:clinicalprocess:healthcond:description:GetDiagnosisResponder:2:GetDiagnosis"'
    )
    assert heard.headers["Content-Type"] == "text/xml;charset=UTF-8"
    assert (heard.logical_address, heard.value("id")) == (SYSTEM, SIGNE)
    assert heard.value("type") == "1.2.752.129.2.1.3.1"


def test_the_original_consumer_is_named_when_it_is_configured(
    source: MockSource, authority: Authority
) -> None:
    source.answers(diagnoses())
    with opened(_endpoint(source, authority, original_consumer="SE1-C")) as client:
        client.ask(question())
    headers = {name.lower(): value for name, value in source.heard[0].headers.items()}
    assert headers["x-rivta-original-serviceconsumer-hsaid"] == "SE1-C"
    assert not any(name.startswith("x-vp-") for name in headers)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda each: each.name)
@pytest.mark.parametrize(
    "person",
    [
        PERSON,
        Identity(SAMORDNINGSNUMMER, "194203772381"),
        Identity("urn:oid:1.2.752.97.3.1.3", "9"),
    ],
    ids=["personnummer", "samordningsnummer", "local"],
)
def test_each_question_is_valid_by_the_published_schema(
    shared: Path, contract: Contract, person: Identity
) -> None:
    schemas = [
        path
        for path in sorted((shared / "rivta").rglob(f"{contract.operation}Responder_*.xsd"))
        if etree.parse(path).getroot().get("targetNamespace") == contract.namespace
    ]
    assert schemas
    body = etree.fromstring(envelope(question(contract, person)))[1][0]
    for path in schemas:
        etree.XMLSchema(etree.parse(path)).assertValid(body)


def test_a_number_that_has_no_type_there_cannot_be_asked_about() -> None:
    with pytest.raises(CannotBeAsked, match="no type"):
        envelope(question(person=Identity(LMA_NUMMER, "12-345678/9")))


@pytest.mark.parametrize("code", ["VP008", "VP009", "VP012"])
def test_what_may_pass_by_itself_is_tried_again(
    client: Client, source: MockSource, code: str
) -> None:
    source.answers(fault(f"{code} try later"), fault(code), diagnoses(Doc()))
    assert client.ask(question()) == diagnoses(Doc())
    assert len(source.heard) == 3
    assert len({each.body for each in source.heard}) == 1


def test_trying_again_ends_with_the_fault(client: Client, source: MockSource) -> None:
    source.answers(fault("VP009"))
    assert b"VP009" in client.ask(question())
    assert len(source.heard) == 4


@pytest.mark.parametrize("text", ["VP001", "VP002", "VP007", "VP015", "an error of the source"])
def test_other_faults_are_not_tried_again(client: Client, source: MockSource, text: str) -> None:
    source.answers(fault(text))
    assert text.encode() in client.ask(question())
    assert len(source.heard) == 1


def test_an_answer_that_breaks_off_is_no_answer(client: Client, source: MockSource) -> None:
    source.answers(Reply(diagnoses(Doc()), cut=200))
    assert _said(client) == "half-answer"
    assert len(source.heard) == 1


def test_an_error_page_is_no_answer(client: Client, source: MockSource) -> None:
    for status in (301, 403, 500, 503):
        source.answers(Reply(b"<html>no</html>", status))
        assert _said(client) == "http-status"


def test_a_source_has_so_long_and_no_longer(source: MockSource, authority: Authority) -> None:
    never = threading.Event()
    source.answers(Reply(diagnoses(), slow=never))
    with opened(_endpoint(source, authority, seconds=0.3)) as client:
        assert _said(client) == "timed-out"
    never.set()


def test_an_answer_has_a_largest_size(source: MockSource, authority: Authority) -> None:
    source.answers(b"x" * 200_000)
    with opened(_endpoint(source, authority, size=100_000)) as client:
        assert _said(client) == "too-large"


def test_a_source_that_nobody_vouches_for_is_not_asked(
    authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    with (
        source_up(other.issue("source"), authority) as source,
        opened(_endpoint(source, authority)) as client,
    ):
        assert _said(client) == "tls-refused"
        assert source.heard == []


def test_a_source_that_does_not_let_us_in_is_told_of(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    with (
        source_up(authority.issue("source"), other) as source,
        opened(_endpoint(source, authority)) as client,
    ):
        assert _said(client) == "tls-refused"
        assert source.heard == []


def test_a_source_that_is_down_is_told_of(authority: Authority) -> None:
    with source_up(authority.issue("source"), authority) as source:
        endpoint = _endpoint(source, authority)
    with opened(endpoint) as client:
        assert _said(client) == "no-contact"


def test_a_key_that_is_not_the_certificates_is_told_of(
    source: MockSource, authority: Authority
) -> None:
    endpoint = _endpoint(source, authority, key=str(authority.issue("another").key))
    with pytest.raises(NotAnswered, match="do not belong together"), opened(endpoint):
        pass


def _said(client: Client) -> str:
    with pytest.raises(NotAnswered) as caught:
        client.ask(question())
    assert SIGNE not in str(caught.value)
    return caught.value.note.code


def _more(content: bytes, *where: tuple[str, str]) -> bytes:
    pointers = "".join(
        f"<r:hasMore><d:logicalAddress>{address}</d:logicalAddress>"
        f"<d:reference>{reference}</d:reference></r:hasMore>"
        for address, reference in where
    )
    return content.replace(b"<r:result>", pointers.encode() + b"<r:result>")


def _ids(content: bytes) -> list[str | None]:
    return [e.text for e in etree.fromstring(content).iterfind(".//{*}record/{*}id/{*}root")]


def test_the_rest_is_fetched_by_direct_addressing(client: Client, source: MockSource) -> None:
    source.answers(
        _more(notes_3(Doc("1")), ("SYS-A", "ref-1"), ("SYS-B", "ref-2")),
        _more(notes_3(Doc("2")), ("SYS-A", "ref-3")),
        notes_3(Doc("3")),
        notes_3(Doc("4")),
    )
    first = client.ask(question(NOTES))
    whole = gathered(
        first,
        NOTES,
        lambda more: client.ask(Question(NOTES, PERSON, more.address, more.reference)),
    )
    assert sorted(map(str, _ids(whole))) == ["1", "2", "3", "4"]
    assert b"hasMore" not in whole
    asked = [(each.logical_address, each.value("hasMoreReference")) for each in source.heard]
    assert asked == [
        (SYSTEM, None),
        ("SYS-A", "ref-1"),
        ("SYS-B", "ref-2"),
        ("SYS-A", "ref-3"),
    ]


def test_of_a_record_that_comes_twice_the_newest_stays() -> None:
    first = _more(notes_3(Doc("1", "old", time="20260101000000")), ("A", "x"))
    rest = notes_3(Doc("1", "new", time="20260201000000"), Doc("2", time="20250101000000"))
    whole = gathered(first, NOTES, lambda _: rest)
    assert _ids(whole) == ["1", "2"]
    assert b"new" in whole
    assert b"old" not in whole


def test_what_cannot_be_fetched_still_says_that_something_is_lacking() -> None:
    first = _more(notes_3(Doc("1")), ("A", "x"), ("B", "y"))
    whole = gathered(first, NOTES, lambda more: notes_3(Doc("2")) if more.address == "B" else None)
    assert whole.count(b"<r:hasMore>") == 1
    assert b">A<" in whole
    assert _ids(whole) == ["1", "2"]


def test_an_answer_may_go_on_for_hundreds_of_pages() -> None:
    def fetch(more: More) -> bytes:
        page = int(more.reference)
        following = notes_3(Doc(f"{page}"))
        return following if page == 300 else _more(following, ("A", str(page + 1)))

    whole = gathered(_more(notes_3(Doc("0")), ("A", "1")), NOTES, fetch)
    assert _ids(whole) == [str(page) for page in range(301)]
    assert b"hasMore" not in whole


def test_an_answer_without_end_stops_where_it_is_too_large_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "LARGEST", 20_000)

    def fetch(more: More) -> bytes:
        return _more(notes_3(Doc(more.reference)), ("A", f"{more.reference}x"))

    whole = gathered(_more(notes_3(Doc("0")), ("A", "x")), NOTES, fetch)
    assert len(whole) < 40_000
    assert whole.count(b"<r:hasMore>") == 1


def test_answers_that_lead_in_a_ring_come_to_an_end() -> None:
    asked: list[str] = []

    def fetch(more: object) -> bytes:
        asked.append(str(more))
        return _more(notes_3(Doc("2")), ("A", "x"))

    assert _ids(gathered(_more(notes_3(Doc("1")), ("A", "x")), NOTES, fetch)) == ["1", "2"]
    assert len(asked) == 1


def test_an_answer_without_more_is_kept_as_it_came() -> None:
    content = notes_3(Doc("1"))
    assert gathered(content, NOTES, lambda _: b"") is content
