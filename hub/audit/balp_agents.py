"""Who took part: the agents of an AuditEvent, for each kind of event that BALP has.

Source: IHE ITI BALP 1.1.4: PatientRead, PatientQuery, PatientCreate, PatientUpdate, PatientDelete,
AuthZconsent, PrivacyDisclosure.Source, OAUTHaccessTokenUse.Comprehensive; HSLF-FS 2016:40 4:9
(the organisation). In a read data go from server to client; in all else, also a search, the request
is what goes; a deletion has an application and a custodian.
"""

from typing import Any

from hub.audit.balp_codes import (
    APPLICATION,
    AUTHOR,
    AUTHORIZER,
    CUSTODIAN,
    DESTINATION,
    OURS,
    PROVIDER,
    RECIPIENT,
    RECORD_KEEPER,
    SOURCE,
    concept,
    hsa,
    named,
    purpose,
    token_id,
)
from hub.audit.mandate import OPERATOR
from hub.audit.record import AccessRecord, Action

Agent = dict[str, Any]
Kind = tuple[str, str, str]


def of_request(record: AccessRecord, server: str) -> list[Agent]:
    """Return client, server, user and organisation of a request."""
    client, service = {
        Action.READ: (DESTINATION, SOURCE),
        Action.VREAD: (DESTINATION, SOURCE),
        Action.DELETE: (APPLICATION, CUSTODIAN),
    }.get(record.action, (SOURCE, DESTINATION))
    agents = [_client(record, client), _server(server, service)]
    if record.client and client is not APPLICATION:
        agents.append(_client(record, APPLICATION))
    return _whole([*agents, _user(record), _organisation(record)])


def of_decision(record: AccessRecord, server: str) -> list[Agent]:
    """Return who asked to read, from where, and what decided: the hub itself."""
    decides = {
        "type": concept(*AUTHORIZER),
        "who": named(server),
        "requestor": False,
    }
    client = {**_client(record, APPLICATION), "policy": None}
    return _whole([client, _user(record), _organisation(record), decides])


def of_disclosure(record: AccessRecord, server: str, owners: list[str]) -> list[Agent]:
    """Return who gave data out, to whom, and whose they were."""
    keepers = [
        {"type": concept(*RECORD_KEEPER), "who": hsa(owner), "requestor": False}
        for owner in owners[:1]
    ]
    parties = [_server(server, SOURCE), _client(record, DESTINATION)]
    return _whole([*parties, _user(record), _organisation(record), *keepers])


def _client(record: AccessRecord, kind: Kind) -> Agent:
    return {
        "type": concept(*kind),
        # Without a registered client the organisation whose system called stands for it.
        "who": named(record.client) if record.client else hsa(record.organisation),
        "requestor": record.user is None and kind is not APPLICATION,
        "network": record.network and {"address": record.network, "type": "2"},
    }


def _server(server: str, kind: Kind) -> Agent:
    return {
        "type": concept(*kind),
        "who": named(server),
        "requestor": False,
        "network": {"address": server, "type": "5"},
    }


def _user(record: AccessRecord) -> Agent | None:
    if not record.user:
        return None
    writes = record.action in (Action.CREATE, Action.UPDATE, Action.DELETE)
    capacity = record.capacity
    role = [concept(f"{OURS}CodeSystem/capacity", capacity, capacity)] if capacity else None
    return {
        "type": concept(*(AUTHOR if writes else RECIPIENT)),
        "who": named(record.user, record.issuer) if _no_hsa_id(record) else hsa(record.user),
        "requestor": True,
        "role": role,
        "policy": [found] if (found := token_id(record)) else None,
        "purposeOfUse": purpose(record) or None,
    }


def _organisation(record: AccessRecord) -> Agent | None:
    if not record.organisation:
        return None
    return {"type": concept(*PROVIDER), "who": hsa(record.organisation), "requestor": False}


def _no_hsa_id(record: AccessRecord) -> bool:
    return record.capacity == "individual" or (record.user or "").startswith(OPERATOR)


def _whole(agents: list[Agent | None]) -> list[Agent]:
    return [
        {name: value for name, value in agent.items() if value is not None}
        for agent in agents
        if agent is not None
    ]
