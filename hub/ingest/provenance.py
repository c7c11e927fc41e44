"""Where a record's resources come from, as one FHIR Provenance for the record (P7).

Source: DESIGN P7; rivta.md §2.3 (custodian is the owner, author the unit). It names source, source
system, the record's own id, contract and path.
"""

from collections.abc import Sequence
from typing import Any

from adapters.document import AccessHeader
from consent.facts import Item

HSA_ID = "urn:oid:1.2.752.29.4.19"
AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
EXTENSION = "https://samvy.se/fhir/StructureDefinition/"


def provenance(
    provenance_id: str,
    targets: Sequence[tuple[str, str]],
    header: AccessHeader,
    item: Item,
    *,
    source: str,
    contract: str | None,
    path: str,
    recorded: str,
) -> dict[str, Any]:
    """Return the Provenance of a record; `recorded` is a FHIR instant."""
    record: dict[str, Any] = {
        "extension": [
            {"url": f"{EXTENSION}source-path", "valueString": path},
            {"url": f"{EXTENSION}regime", "valueCode": item.regime.value},
            *([{"url": f"{EXTENSION}contract", "valueString": contract}] if contract else []),
        ],
        "identifier": {
            "system": f"urn:samvy:source:{source}"
            + (f":{header.source_system}" if header.source_system else ""),
            "value": header.record_id,
        },
    }
    return {
        "resourceType": "Provenance",
        "id": provenance_id,
        "target": [{"reference": f"{kind}/{number}"} for kind, number in targets],
        "recorded": recorded,
        "agent": [
            _agent("custodian", item.owner),
            *([_agent("author", item.unit)] if item.unit else []),
        ],
        "entity": [{"role": "source", "what": record}],
    }


def _agent(role: str, hsa_id: str) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": AGENT, "code": role}]},
        "who": {"type": "Organization", "identifier": {"system": HSA_ID, "value": hsa_id}},
    }
