"""A desk that takes documents in, and readers who ask for what became of them.

Real parts: a store on either database, the ingest that the commands use, and reading through a
scope that the law made of facts.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text, true

from consent.facts import (
    ActiveChoice,
    Capacity,
    Facts,
    Giver,
    Kind,
    Purpose,
    Reader,
    Relation,
    RelationKind,
    RelationState,
    Request,
    Samtycke,
)
from consent.period import Period
from consent.scope import scope
from consent.situation import Situation
from hub.config.organisation import OrganisationEntry, Unit
from hub.config.source import OwnerRule, Source
from hub.fhir.json_codec import decode
from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import Receipt
from hub.ingest.restamp import restamp
from hub.store import identity_key
from hub.store.connect import Store
from hub.store.directory import directory, load_organisations, load_sources
from hub.store.facts import facts_of, linked, load_facts
from hub.store.identity import person_key
from hub.store.migrate import upgrade
from hub.store.reading import Found, find
from hub.store.schema.metadata import METADATA
from hub.store.schema.resource import RESOURCE
from mappings.personal_identity import PERSONNUMMER, SAMORDNINGSNUMMER
from tests.hub.ingest.documents import (
    CLINIC,
    EMERGENCY,
    KOMMUN,
    NAMND,
    OFFICE,
    OTHER_REGION,
    REGION,
    SIGNE,
    WARD,
)

NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)
FROM = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
_CARE, _SERVICE = frozenset({Kind.VARDGIVARE}), frozenset({Kind.OMSORGSGIVARE})


def organisation(
    name: str,
    kind: frozenset[Kind] = _CARE,
    units: Sequence[str] = (),
    **changes: Any,  # noqa: ANN401
) -> OrganisationEntry:
    """One that has always informed and made available."""
    entry = OrganisationEntry(
        id=name,
        name=f"Name of {name}",
        kind=kind,
        informs_from=FROM,
        makes_available_from=FROM,
        units=tuple(Unit(each, f"Name of {each}") for each in units),
    )
    return replace(entry, **changes)


ORGANISATIONS = (
    organisation(REGION, units=[WARD]),
    organisation(OTHER_REGION, units=[EMERGENCY]),
    organisation(CLINIC),
    organisation(KOMMUN),
    organisation(NAMND, _SERVICE, [OFFICE]),
)
JOURNAL = Source("journal", "rivta", (REGION,), client="journal-client")
FALLING_BACK = Source("falling-back", "rivta", (REGION,), fallback_owner=REGION)
COMPLETE = Source("complete", "rivta", (REGION,), complete=True)
SOCIAL = Source(
    "social",
    "xml_export",
    (NAMND, KOMMUN),
    owner_of=(OwnerRule(OFFICE, NAMND, None),),
    profile="lifecare_like",
    client="social-client",
)
ALL_SOCIAL = replace(SOCIAL, id="all-social", complete=True, client=None)
SOURCES = (JOURNAL, FALLING_BACK, COMPLETE, SOCIAL, ALL_SOCIAL)

OWN = Reader("own-doctor", REGION, Capacity.VARDPERSONAL, unit=WARD)
OTHER = Reader("other-doctor", OTHER_REGION, Capacity.VARDPERSONAL, unit=EMERGENCY)
HERSELF = Reader("signe", None, Capacity.INDIVIDUAL)
CASE_WORKER = Reader("case-worker", NAMND, Capacity.OMSORGSPERSONAL, unit=OFFICE)
ALWAYS = Period(FROM, None)
KNOWN = Facts(
    relations=(
        Relation(REGION, RelationKind.PATIENT, RelationState.CURRENT, WARD, period=ALWAYS),
        Relation(
            OTHER_REGION, RelationKind.PATIENT, RelationState.CURRENT, EMERGENCY, period=ALWAYS
        ),
        Relation(NAMND, RelationKind.SERVICE, RelationState.ONGOING, period=ALWAYS),
    ),
    consents=(Samtycke(Giver.SELF, OTHER_REGION, answer=True, period=ALWAYS),),
)
_PURPOSE = {
    Capacity.INDIVIDUAL: Purpose.EGEN,
    Capacity.OMSORGSPERSONAL: Purpose.INSATS,
}


@dataclass(slots=True)
class Desk:
    """A store, its key, and a clock that moves an hour with every delivery."""

    store: Store
    key: bytes
    url: str
    folder: Path
    now: datetime = NOON
    given: dict[str, bytes] = field(default_factory=dict)

    def take(
        self,
        content: bytes,
        source: Source = JOURNAL,
        name: str = "answer.xml",
        **how: Any,  # noqa: ANN401
    ) -> list[Receipt]:
        """Take a document in and return its receipts."""
        self.now += HOUR
        document = Document(name, content, source, self.now, **how)
        return list(ingest_document(self.store, self.key, document))

    def taken(self, content: bytes, source: Source = JOURNAL) -> Receipt:
        """Take in a document that has one receipt."""
        (receipt,) = self.take(content, source)
        return receipt

    def person(self, number: str = SIGNE) -> str:
        system = SAMORDNINGSNUMMER if int(number[6:8]) > 60 else PERSONNUMMER
        return person_key(self.key, system, number)

    def know(self, facts: Facts = KNOWN, number: str = SIGNE) -> None:
        with self.store.write() as connection:
            load_facts(connection, self.person(number), facts, self.now)

    def load(self, *entries: OrganisationEntry) -> None:
        """Load organisations as the command does."""
        self.now += HOUR
        with self.store.write() as connection:
            loaded = load_organisations(connection, entries, self.now)
            restamp(connection, directory(connection), [*loaded.added, *loaded.changed])

    def read(self, reader: Reader, number: str = SIGNE) -> list[Found]:
        """Return what a reader who takes part in the care may read of a person."""
        with self.store.read() as connection:
            persons = linked(connection, [self.person(number)])
            known = directory(connection).organisations
            facts = replace(facts_of(connection, persons), organisations=known)
            request = Request(
                replace(reader, takes_part=True),
                self.now,
                purpose=_PURPOSE.get(reader.as_, Purpose.VARD),
                active_choice=ActiveChoice.CONTENT,
            )
            found = find(connection, scope(Situation(facts, request)), persons, true())
        return [each for each in found if each.type != "Provenance"]

    def texts(self, reader: Reader, number: str = SIGNE) -> list[str]:
        """Return the texts of the diagnoses that a reader may read, in order."""
        bodies = [decode(each.body) for each in self.read(reader, number)]
        return sorted(
            each["code"]["coding"][0]["display"]
            for each in bodies
            if each["resourceType"] == "Condition"
        )

    def rows(self, table: str, where: str = "1 = 1") -> list[Any]:
        """Return a table's rows, from behind the hub's back."""
        with self.store.engine.connect() as connection:
            return list(connection.execute(text(f"SELECT * FROM {table} WHERE {where}")))  # noqa: S608

    def resources(self) -> list[Any]:
        """Return the rows of resources but for their provenance, from behind the hub's back."""
        return self.rows("resource", "type <> 'Provenance'")

    def whole(self) -> dict[str, list[Any]]:
        """Return everything in the store, to be compared with later."""
        with self.store.engine.connect() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table))))
                for table in METADATA.sorted_tables
            }

    def count(self, table: str) -> int:
        with self.store.engine.connect() as connection:
            counted = select(func.count()).select_from(METADATA.tables[table])
            return connection.execute(counted).scalar_one()

    def withdrawn(self) -> set[str]:
        """Return the ids of resources that only their owner may read."""
        with self.store.engine.connect() as connection:
            gone = select(RESOURCE.c.id).where(
                RESOURCE.c.withdrawn, RESOURCE.c.type != "Provenance"
            )
            return set(connection.execute(gone).scalars())


@contextmanager
def opened_desk(url: str, folder: Path) -> Iterator[Desk]:
    """Yield a desk on an empty store with organisations, sources and what is known about Signe."""
    os.environ[identity_key.VARIABLE] = str(folder / "identity.key")
    store = Store(url, pool_size=8)
    try:
        upgrade(store)
        desk = Desk(store, identity_key.identity_key(store), url, folder)
        with store.write() as connection:
            load_organisations(connection, ORGANISATIONS, FROM)
            load_sources(connection, SOURCES, FROM)
        desk.know()
        yield desk
    finally:
        store.close()
