"""A small world around a hub: organisations, staff, persons' facts and documents, and requests.

Everything is put there by the hub's own functions: what a test sees is what would be served. The
persons are invented, and their numbers are of Skatteverket's series of test numbers.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from consent.facts import (
    Capacity,
    Facts,
    Item,
    Kind,
    Person,
    ProtectedIdentity,
    Purpose,
    Regime,
)
from consent.period import Period
from hub.application import application
from hub.audit import key as log_key
from hub.auth.built_in import TokenRequest, issue_token, issuer_key
from hub.config.organisation import Assignment, OrganisationEntry, StaffMember, Unit
from hub.config.source import Source
from hub.ingest.judge import EVERY_MASK
from hub.ingest.masking import masked
from hub.running import Hub
from hub.serving import running
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import load_organisations, load_sources
from hub.store.facts import load_facts
from hub.store.identity import person_key, record_identity
from hub.store.incoming import Incoming
from hub.store.migrate import upgrade
from hub.store.writing import put
from mappings.personal_identity import PERSONNUMMER, Identity
from tests.worlds.asgi_client import FHIR, FORM, AsgiClient, Reply

NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)
FROM = datetime(2024, 1, 1, tzinfo=UTC)
SINCE = Period(FROM, None)
SIGNE, OLOF = "194203172384", "193108142382"

REGION, CLINIC, OTHER_REGION = "SE2329999990-0001", "SE5599999988-0001", "SE2329999980-0001"
KOMMUN, NAMND, FIRM = "SE2329999999-0001", "SE2329999999-NAMND", "SE5599999999-0001"
WARD, SURGERY, EMERGENCY = "SE2329999990-1001", "SE2329999990-1002", "SE2329999980-1001"
TALKS, HOME_CARE, OFFICE, HOME_HELP = (
    "SE5599999988-1001",
    "SE2329999999-2001",
    "SE2329999999-1001",
    "SE5599999999-1001",
)
CARE, SERVICE = frozenset({Kind.VARDGIVARE}), frozenset({Kind.OMSORGSGIVARE})
HELP_AT_HOME = "SoL 8:1"


def _staff(user: str, unit: str, as_: Capacity, *purposes: Purpose) -> StaffMember:
    assignment = Assignment(f"{user}-A", as_, unit, purposes=frozenset(purposes), period=SINCE)
    return StaffMember(user, "Invented", (assignment,))


def _entry(
    name: str, kind: frozenset[Kind], units: Sequence[str], *staff: StaffMember, part_of: str = ""
) -> OrganisationEntry:
    return OrganisationEntry(
        id=name,
        name=f"Name of {name}",
        kind=kind,
        part_of=part_of or None,
        informs_from=FROM,
        makes_available_from=FROM,
        units=tuple(Unit(each, f"Name of {each}") for each in units),
        staff=staff,
    )


_VARD, _OMSORG = Capacity.VARDPERSONAL, Capacity.OMSORGSPERSONAL
ORGANISATIONS = (
    _entry(
        REGION,
        CARE,
        (WARD, SURGERY),
        _staff("ward-doctor", WARD, _VARD, Purpose.VARD),
        _staff("surgeon", SURGERY, _VARD, Purpose.VARD),
        _staff("auditor", WARD, Capacity.AUDITOR),
    ),
    _entry(
        OTHER_REGION,
        CARE,
        (EMERGENCY,),
        _staff("emergency-doctor", EMERGENCY, _VARD, Purpose.VARD, Purpose.KVALITET),
    ),
    _entry(
        CLINIC,
        CARE,
        (TALKS,),
        _staff("therapist", TALKS, _VARD, Purpose.VARD),
        _staff("officer", TALKS, Capacity.OFFICER, Purpose.VARD),
    ),
    _entry(KOMMUN, CARE, (HOME_CARE,), _staff("nurse", HOME_CARE, _VARD, Purpose.VARD)),
    _entry(
        NAMND,
        SERVICE,
        (OFFICE,),
        _staff("case-worker", OFFICE, _OMSORG, Purpose.INSATS, Purpose.UTREDNING_INSATS),
        part_of=KOMMUN,
    ),
    _entry(FIRM, SERVICE, (HOME_HELP,), _staff("home-help", HOME_HELP, _OMSORG, Purpose.INSATS)),
)
SOURCES = (Source("region-journal", "rivta", (REGION,), client="region-integration"),)

WARD_DOCTOR = TokenRequest("ward-doctor", REGION, _VARD, WARD)
SURGEON = TokenRequest("surgeon", REGION, _VARD, SURGERY)
EMERGENCY_DOCTOR = TokenRequest("emergency-doctor", OTHER_REGION, _VARD, EMERGENCY)
THERAPIST = TokenRequest("therapist", CLINIC, _VARD, TALKS)
OFFICER = TokenRequest("officer", CLINIC, Capacity.OFFICER, TALKS, scope="user/*.cruds")
NURSE = TokenRequest("nurse", KOMMUN, _VARD, HOME_CARE)
CASE_WORKER = TokenRequest("case-worker", NAMND, _OMSORG, OFFICE)
HOME_HELPER = TokenRequest("home-help", FIRM, _OMSORG, HOME_HELP)
AUDITOR = TokenRequest("auditor", REGION, Capacity.AUDITOR, WARD, scope="user/*.rs")
SIGNE_HERSELF = TokenRequest("signe", "-", Capacity.INDIVIDUAL, person=f"{PERSONNUMMER}|{SIGNE}")
REGION_SYSTEM = TokenRequest("region-integration", REGION, Capacity.SYSTEM, WARD)
STAFF = (WARD_DOCTOR, SURGEON, EMERGENCY_DOCTOR, THERAPIST, NURSE, CASE_WORKER, HOME_HELPER)

Json = dict[str, Any]


@dataclass(slots=True)
class Clock:
    """The hub's clock, which a test may set."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


def condition(person: str, number: str, text: str = "Hypertoni", **elements: object) -> Json:
    """A Condition that the strict check takes."""
    return {
        "resourceType": "Condition",
        "id": number,
        "subject": {"reference": f"Patient/{person}"},
        "code": {"text": text},
        **elements,
    }


def documented(owner: str, unit: str | None, **columns: Any) -> Item:  # noqa: ANN401
    """An item of one of the world's organisations, in the capacity that the owner has."""
    social = owner in (NAMND, FIRM)
    usual: dict[str, Any] = {
        "regime": Regime.SOL if social else Regime.HSL,
        "service": HELP_AT_HOME if social else None,
        "available_since": FROM,
    }
    return Item("", owner, unit=unit, **{**usual, **columns})


@dataclass(slots=True)
class World:
    """A running hub with a clock and a client."""

    hub: Hub
    clock: Clock
    http: AsgiClient
    tokens: dict[TokenRequest, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.hub.store

    def person(self, number: str = SIGNE) -> str:
        return person_key(self.hub.identity_key, PERSONNUMMER, number)

    def know(self, facts: Facts, number: str = SIGNE) -> None:
        """Make these the facts that are known about a person."""
        with self.store.write() as connection:
            record_identity(connection, self.hub.identity_key, Identity(PERSONNUMMER, number))
            load_facts(connection, self.person(number), facts, self.clock.now)

    def hold(
        self, resources: Iterable[tuple[Mapping[str, Any], Item]], number: str = SIGNE
    ) -> None:
        """Put documents into the store, as an adapter's delivery would."""
        with self.store.write() as connection:
            incoming = [_incoming(resource, item) for resource, item in resources]
            now = int(self.clock.now.timestamp() * 1_000_000)
            put(connection, self.person(number), incoming, now)

    def token(self, asked: TokenRequest) -> str:
        """A token of the built-in issuer; the same reader keeps theirs."""
        if asked not in self.tokens:
            with self.store.read() as connection:
                key = issuer_key(connection)
            self.tokens[asked] = issue_token(key, asked, self.clock.now)
        return self.tokens[asked]

    def headers(self, asked: TokenRequest | None, session: str | None = None) -> dict[str, str]:
        found = {} if asked is None else {"Authorization": f"Bearer {self.token(asked)}"}
        return found if session is None else {**found, "X-Samvy-Session": session}

    def get(
        self,
        asked: TokenRequest | None,
        path: str,
        parameters: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        *,
        session: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        query = f"?{urlencode(parameters)}" if parameters else ""
        given = {**self.headers(asked, session), **(headers or {})}
        return self.http.send("GET", f"{path}{query}", given)

    def send(
        self,
        asked: TokenRequest | None,
        method: str,
        path: str,
        body: object = None,
        *,
        content_type: str = FHIR,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Any method, with a body as bytes or to be written as JSON."""
        given = {**self.headers(asked), **(headers or {})}
        if body is None:
            return self.http.send(method, path, given)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.send(method, path, {**given, "Content-Type": content_type}, content)

    def form(
        self,
        asked: TokenRequest | None,
        path: str,
        parameters: Mapping[str, str],
        session: str | None = None,
    ) -> Reply:
        headers = {**self.headers(asked, session), "Content-Type": FORM}
        return self.http.send("POST", path, headers, urlencode(parameters).encode())

    def post(
        self,
        asked: TokenRequest | None,
        path: str,
        body: object,
        *,
        session: str | None = None,
        content_type: str = FHIR,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {**self.headers(asked, session), "Content-Type": content_type, **(headers or {})}
        return self.http.send("POST", path, given, content)

    def look_up(self, asked: TokenRequest, number: str = SIGNE) -> Reply:
        identifier = {"identifier": f"{PERSONNUMMER}|{number}"}
        return self.form(asked, "/fhir/Patient/_search", identifier)

    def open(self, asked: TokenRequest, *stated: Json, number: str = SIGNE) -> Reply:
        body = {"resourceType": "Parameters", "parameter": list(stated)}
        return self.post(asked, f"/fhir/Patient/{self.person(number)}/$open", body)

    def session(self, asked: TokenRequest, *stated: Json, number: str = SIGNE) -> str:
        opened = Opened.of(self.open(asked, *stated, number=number))
        return opened.session


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer of `$open`; `names` by rung."""

    session: str
    shows: frozenset[str]
    names: Mapping[str, tuple[str, ...]]
    basis: tuple[str, ...]
    obligations: frozenset[str]

    @classmethod
    def of(cls, reply: Reply) -> "Opened":
        assert reply.status == 200, reply.body
        given = reply.json["parameter"]
        shows, names = set(), {}
        for each in given:
            if each["name"] == "shows":
                parts = each.get("part", [])
                rung = each.get("valueCode") or parts[0]["valueCode"]
                shows.add(rung)
                names[rung] = tuple(part["valueString"] for part in parts[1:])
        return cls(
            next(each["valueString"] for each in given if each["name"] == "session"),
            frozenset(shows),
            names,
            tuple(each["valueString"] for each in given if each["name"] == "basis"),
            frozenset(each["valueCode"] for each in given if each["name"] == "obligation"),
        )


def stated(**values: object) -> list[Json]:
    """The parameters of `$open`, by FHIR's type of each value."""
    return [
        found
        for name, value in values.items()
        for each in (value if isinstance(value, list) else [value])
        for found in [_parameter(name, each)]
    ]


def _parameter(name: str, value: object) -> Json:
    if isinstance(value, Mapping):
        return {"name": name, "part": stated(**value)}
    if isinstance(value, bool):
        return {"name": name, "valueBoolean": value}
    coded = name in ("purpose", "activeChoice", "danger")
    return {"name": name, "valueCode" if coded else "valueString": str(value)}


UNCONSCIOUS = {
    "danger": "life",
    "consentObtainable": False,
    "canRequestLift": False,
    "absolutelyNeeded": True,
}


def protected(facts: Facts) -> Facts:
    """The same facts about somebody whose identity is protected."""
    shielded = ProtectedIdentity.SKYDDAD_FOLKBOKFORING
    return replace(facts, person=replace(facts.person or Person(), protected_identity=shielded))


def _incoming(resource: Mapping[str, Any], item: Item) -> Incoming:
    own = replace(item, id=str(resource["id"]))
    if not own.masks:
        return Incoming(resource, own, "test")
    return Incoming(resource, own, "test", masked=masked(resource, EVERY_MASK))


@contextmanager
def opened_world(
    url: str,
    folder: Path,
    *,
    key: str | None = None,
    app: Callable[[Hub], Any] = application,
) -> Iterator[World]:
    """Yield a world in an empty store; two with the same `key` (hexadecimal) give the same ids."""
    store, clock = Store(url, pool_size=8), Clock()
    if key is not None:
        (folder / "identity.key").write_text(key, encoding="ascii")
    try:
        upgrade(store)
        with _environment(folder), running(store, dev=True, clock=clock) as hub:
            with store.write() as connection:
                load_organisations(connection, ORGANISATIONS, FROM)
                load_sources(connection, SOURCES, FROM)
            http = AsgiClient(app(hub))
            try:
                yield World(hub, clock, http)
            finally:
                http.close()
    finally:
        store.close()


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """Name key files in `folder`, as a store on PostgreSQL needs; put back what was there."""
    wanted = key_files(folder)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def key_files(folder: Path) -> dict[str, str]:
    """The settings that name a world's key files, for a process of its own."""
    return {
        identity_key.VARIABLE: str(folder / "identity.key"),
        log_key.SETTING: str(folder / "log.key"),
    }
