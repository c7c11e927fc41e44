"""POST /ingest/{adapter}: a document from a source's own client, answered with its receipts.

Source: INTERFACES. The source is the one whose `client` is the token's user; a client of several
sources names one with ?source=.
"""

import msgspec

from consent.facts import Capacity
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.audit.record import Action, Outcome
from hub.config.source import Source
from hub.errors import BadRequest, NotAllowed, NotFound
from hub.ingest.adapters import ADAPTERS
from hub.ingest.delivery import Document, ingest_document
from hub.running import Hub
from hub.store.directory import Directory, directory


def ingest(hub: Hub, call: Call, segments: list[str]) -> Answer:
    """Return the receipts as a JSON list; 422 when any part was not taken.

    Raises:
        NotFound: there is no such adapter.
        NotAllowed: the token is not of a client that may deliver for a source of that adapter.
        Unavailable: the delivery cannot be logged; nothing was taken.
    """
    if len(segments) != 1 or segments[0] not in ADAPTERS:
        raise NotFound
    with hub.store.read() as connection:
        source = _source(call, directory(connection), segments[0])
    name = next(iter(call.values("name")), "request body")
    write(hub.log, record(call, Action.CREATE, Outcome.PERMIT, query=f"ingest/{source.id}"))
    document = Document(name[:200], call.body, source, call.at, adapter=segments[0])
    receipts = list(ingest_document(hub.store, hub.identity_key, document))
    body = msgspec.json.encode([receipt.as_json() for receipt in receipts])
    taken = all(not receipt.state.failed for receipt in receipts)
    return Answer(200 if taken else 422, body, media_type="application/json")


def _source(call: Call, known: Directory, adapter: str) -> Source:
    caller = call.caller
    mine = [
        each
        for each in known.sources.values()
        if each.adapter == adapter and each.client is not None and each.client == caller.user
    ]
    asked = call.values("source")
    if asked:
        mine = [each for each in mine if each.id == asked[0]]
    if caller.capacity is not Capacity.SYSTEM or not mine:
        raise NotAllowed(
            "the token is not of a client that delivers for such a source; see client in the"
            " sources file",
            code="not-a-source",
        )
    if len(mine) > 1:
        raise BadRequest("the client delivers for several sources; name one with ?source=")
    return mine[0]
