"""A hub that is told of changes, and a source that it asks: both on real sockets."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import text

from hub.application import application
from hub.audit import key as log_key
from hub.cli.serve import listening
from hub.config.notified import Notified
from hub.config.pull import Pull
from hub.config.source import Source
from hub.serving import Tls, configuration, running
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import load_organisations, load_sources
from hub.store.migrate import upgrade
from tests.adapters.rivta.certificates import Authority
from tests.adapters.rivta.mock_source import MockSource, source_up
from tests.hub.ingest.desk import ORGANISATIONS
from tests.hub.ingest.documents import REGION, SIGNE, SYSTEM

TOKEN = "a-token-of-64-random-digits"
BEHIND = "SE2329999990-E777"
INDEX = "urn:riv:itintegration:engagementindex:"


def post(
    *,
    person: str = SIGNE,
    category: str = "dia",
    system: str = SYSTEM,
    delete: str = "false",
    owner: str = "",
) -> str:
    """One engagementTransaction."""
    made_by = f"<c:owner>{owner}</c:owner>" if owner else ""
    return f"""<u:engagementTransaction><c:deleteFlag>{delete}</c:deleteFlag><c:engagement>
      <c:registeredResidentIdentification>{person}</c:registeredResidentIdentification>
      <c:serviceDomain>riv:clinicalprocess:healthcond:description</c:serviceDomain>
      <c:categorization>{category}</c:categorization><c:logicalAddress>{system}</c:logicalAddress>
      <c:businessObjectInstanceIdentifier>NA</c:businessObjectInstanceIdentifier>
      <c:clinicalProcessInterestId>NA</c:clinicalProcessInterestId>
      <c:sourceSystem>{system}</c:sourceSystem><c:dataController>SE1</c:dataController>{made_by}
      </c:engagement></u:engagementTransaction>"""


def message(*posts: str, operation: str = "Update") -> bytes:
    """A SOAP message of the engagement index."""
    return f"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>
      <LogicalAddress xmlns="urn:riv:itintegration:registry:1">HUB</LogicalAddress></s:Header>
      <s:Body><u:{operation} xmlns:u="{INDEX}{operation}Responder:1" xmlns:c="{INDEX}1">
      {"".join(posts)}</u:{operation}></s:Body></s:Envelope>""".encode()


@dataclass(slots=True)
class Told:
    """A store, the source that it asks, and how to tell a hub on it of changes."""

    url: str
    store: Store
    source: MockSource
    authority: Authority
    base: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {TOKEN}"})

    def tell(
        self,
        content: bytes,
        operation: str = "Update",
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
    ) -> httpx.Response:
        given = self.headers if headers is None else headers
        return httpx.post(f"{self.base}/soap/{operation}", content=content, headers=given)

    def tasks(self) -> list[tuple[str, str, str, int]]:
        with self.store.read() as connection:
            rows = connection.execute(
                text("SELECT address, contract, state, generation FROM pull_task ORDER BY id")
            )
            return [(str(a), str(b), str(c), int(d)) for a, b, c, d in rows]

    def versions(self) -> int:
        with self.store.read() as connection:
            query = "SELECT count(*) FROM resource_version WHERE type = 'Condition'"
            return int(connection.execute(text(query)).scalar_one())

    def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something holds; a minute is the promise, and a failure says so."""
        ends = threading.Event()
        timer = threading.Timer(seconds, ends.set)
        timer.start()
        while not condition():
            assert not ends.wait(0.05), "not within the time that was promised"
        timer.cancel()


@contextmanager
def served(told: Told, tls: Tls | None = None) -> Iterator[None]:
    """Serve a hub on the store, as `samvy serve` does."""
    listener = listening("127.0.0.1", 0)
    told.base = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    with running(told.store, dev=False) as hub:
        server = uvicorn.Server(configuration(application(hub), tls=tls))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            told.until(lambda: server.started)
            yield
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def idle(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """A store and a source; no hub is up yet."""
    monkeypatch.setenv(identity_key.VARIABLE, str(tmp_path / "identity.key"))
    monkeypatch.setenv(log_key.SETTING, str(tmp_path / "log.key"))
    store = Store(store_url, pool_size=8)
    upgrade(store)
    authority = Authority(tmp_path)
    seen = authority.issue("index").loaded.public_bytes(Encoding.DER)
    with source_up() as source:
        identity_key.identity_key(store)
        with store.write() as connection:
            load_organisations(connection, ORGANISATIONS, datetime.now(UTC))
            load_sources(connection, [_source(source, seen)], datetime.now(UTC))
        yield Told(store_url, store, source, authority)
    store.close()


def _source(source: MockSource, seen: bytes) -> Source:
    return Source(
        "journal",
        "rivta",
        (REGION,),
        complete=True,
        pull=Pull(
            source.url,
            SYSTEM,
            ("GetDiagnosis 2.0", "GetCareDocumentation 3.0"),
            systems=(BEHIND,),
            seconds=20,
        ),
        notified=Notified(
            tokens=(hashlib.sha256(TOKEN.encode()).hexdigest(),),
            certificates=(hashlib.sha256(seen).hexdigest(),),
            proxies=("127.0.0.1",),
            own=("SE1-HUB",),
        ),
    )


@pytest.fixture
def told(idle: Told) -> Iterator[Told]:
    """A hub that is up."""
    with served(idle):
        yield idle
