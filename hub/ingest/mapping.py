"""Records mapped, checked and made ready for the store, each with its provenance.

Source: DESIGN §2 (from the table to FHIR), P6 (what cannot be mapped or checked is quarantined),
P7. Nothing is written here, so that whatever a document does to a mapping leaves no trace.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.document import Note, Record
from consent.facts import Item
from hub.fhir.check import check
from hub.ingest.identifiers import RecordIds
from hub.ingest.judge import Judged
from hub.ingest.masking import masked
from hub.ingest.provenance import provenance
from hub.store.incoming import Incoming
from mappings.engine import Context
from mappings.tables import load

SOCIAL = "sol/"
"""Where the tables of municipal exports lie."""
_NUMBER = re.compile(r"[0-9]{6,}")
"""What a name that no contract knows may hold of a person; a receipt does not repeat it."""
TAGS = "https://samvy.se/fhir/CodeSystem"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: source, contract, and when they were received (a FHIR instant)."""

    source: str
    contract: str | None
    recorded: str


@dataclass(frozen=True, slots=True)
class Ready:
    """One record on its way into the store: what is asked about it, and its ids."""

    record: Record
    verdict: Judged
    ids: RecordIds


@dataclass(slots=True)
class Mapped:
    """What records became. `wrong` is why they cannot be taken; then nothing of them may be."""

    incoming: list[Incoming] = field(default_factory=list)
    provenances: list[Incoming] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    wrong: list[Note] = field(default_factory=list)
    taken: set[tuple[str, str]] = field(default_factory=set)


def map_records(ready: Sequence[Ready], origin: Origin) -> Mapped:
    """Return what the records become; whatever is wrong with any of them is told for all."""
    done = Mapped()
    links = _links(ready, origin)
    for each in ready:
        try:
            _map(each, origin, done, links)
        except Exception as error:  # noqa: BLE001  # P6: whatever a document does to a mapping
            text = f"the record cannot be mapped ({type(error).__name__}); report it, then retry"
            done.wrong.append(Note("error", "not-mapped", each.record.path, text))
    return done


def _tag(resource: dict[str, Any], item: Item) -> None:
    """Say under which act and by whom it was documented: one export holds several of both."""
    tags = resource["meta"].setdefault("tag", [])
    tags.append({"system": f"{TAGS}/regime", "code": item.regime.value})
    tags.append({"system": f"{TAGS}/owner", "code": item.owner})


Links = dict[tuple[str, str], list[tuple[str, str]]]
"""By kind and own id (or name and key): names and references of what records become."""


def _links(ready: Sequence[Ready], origin: Origin) -> Links:
    """Return what the records of social care become, so that they can refer to each other."""
    found: Links = {}
    for each in ready:
        record = each.record
        kind, _, own = record.header.record_id.partition("/")
        if record.table != f"sol/{kind}":
            continue
        try:
            made = load(record.table).resources_of(record.body(), _context(each, origin, {}))
        except Exception:  # noqa: BLE001, S112  # nosec B112  # told when the record is mapped
            continue
        for name, key, reference in made:
            found.setdefault((kind, own), []).append((name, reference))
            if key is not None:
                found.setdefault((name, key), []).append((name, reference))
    return found


def _map(ready: Ready, origin: Origin, done: Mapped, links: Links) -> None:
    record = ready.record
    mapped = load(record.table).map(record.body(), _context(ready, origin, links))
    if record.table.startswith(SOCIAL):
        for resource in mapped.resources:
            _tag(resource, ready.verdict.item)
    wrong = [
        Note("error", issue.code, f"{record.path} -> {issue.expression}", issue.text)
        for resource in mapped.resources
        for issue in check(resource)
        if issue.severity == "error"
    ]
    if wrong:
        done.wrong += wrong
        return
    made = [_incoming(resource, ready, origin) for resource in mapped.resources]
    keys = [each.key for each in made]
    if len(set(keys) - done.taken) < len(made):
        text = "another record of the part gives the same resource; correct it at the source"
        done.wrong.append(Note("error", "same-id", record.path, text))
        return
    done.incoming += made
    done.taken.update(keys)
    if made:
        done.provenances.append(_provenance(keys, ready, origin))
    paths = (_NUMBER.sub("…", path) for path in mapped.unmapped)
    done.unmapped += [path for path in dict.fromkeys(paths) if path not in done.unmapped]
    done.notes += [
        Note(n.severity, n.code, f"{record.path} {n.place}", n.text) for n in mapped.notes
    ]


def _context(ready: Ready, origin: Origin, links: Links) -> Context:
    header = ready.record.header
    system = header.source_system or origin.source
    return Context(
        patient=f"Patient/{ready.ids.person}",
        mint=ready.ids.mint(),
        identifier_system=f"urn:samvy:source:{origin.source}:{system}",
        source=f"urn:samvy:source:{origin.source}",
        owner=ready.verdict.item.owner,
        unit=ready.verdict.item.unit,
        not_for_patient=header.not_for_patient,
        nullified=header.nullified,
        facts={"received": datetime.fromisoformat(origin.recorded)},
        links=lambda kind, key: links.get((kind, key), ()),
    )


def _incoming(
    resource: dict[str, Any],
    ready: Ready,
    origin: Origin,
    follows: frozenset[tuple[str, str]] | None = None,
) -> Incoming:
    masks = ready.verdict.item.masks
    return Incoming(
        resource=resource,
        item=ready.verdict.item,
        source=origin.source,
        masked=masked(resource, masks) if masks else None,
        record=ready.ids.record,
        contract=origin.contract,
        follows=follows,
    )


def _provenance(targets: Sequence[tuple[str, str]], ready: Ready, origin: Origin) -> Incoming:
    made = provenance(
        ready.ids.mint()("Provenance", ""),
        targets,
        ready.record.header,
        ready.verdict.item,
        source=origin.source,
        contract=origin.contract,
        path=ready.record.path,
        recorded=origin.recorded,
    )
    return _incoming(made, ready, origin, frozenset(targets))
