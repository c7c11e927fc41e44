"""A decision receipt with the answer, where the request asks for one: `Prefer: receipt`.

Source: docs/receipts.md, docs/decisions/0008; RFC 7240. Made of what the answer itself says and of
hashes that tell nothing, so that a receipt never says what the answer hides (P3).
"""

import base64
import re
from dataclasses import replace

import msgspec

from consent.facts import Facts
from hub.api.call import Answer, Call
from hub.api.weighed import Access
from hub.audit.course import Course
from hub.audit.receipt import Logged, facts_hashed, receipt
from hub.audit.record import Action
from hub.audit.words import Names, in_words
from hub.running import Hub
from hub.store.directory import directory

HEADER = "X-Samvy-Receipt"
MOST_RECORDS = 20
"""An answer with more records (a large batch) has no receipt: no header can hold it."""
_ASKED = re.compile(r"(?:^|[,;])\s*receipt\s*(?:$|[,;])")
KINDS = ("person", "relations", "consents", "blocks", "lifts", "assessments")
"""The kinds of facts, each hashed apart; all are always there, whatever is known."""


def wants_receipt(call: Call) -> bool:
    """Tell whether the request prefers an answer with a receipt."""
    return _ASKED.search(call.prefer) is not None


def with_receipt(hub: Hub, call: Call, answer: Answer, course: Course) -> Answer:
    """Return the answer with the receipt of what was logged of it; `$open`'s also in its body."""
    if not 0 < len(course.logged) <= MOST_RECORDS:
        return answer
    logged = [Logged(record, place) for record, place in course.logged]
    with hub.store.read() as connection:
        known = directory(connection)
        names = Names(known.organisation_names, known.unit_names)
        sentence = in_words(logged[0].record, names)
        facts = _facts(hub, call.weighed.access, logged[0].record.id)
        made = receipt(connection, hub.sequencer.signer, logged, sentence, facts)
    content = msgspec.json.encode(made)
    headers = {
        **answer.headers,
        HEADER: base64.b64encode(content).decode(),
        "Preference-Applied": "receipt",
    }
    body = answer.body
    if logged[0].record.action is Action.OPEN:
        body = _in_open(body, content.decode())
    return replace(answer, headers=headers, body=body)


def _facts(hub: Hub, access: Access | None, record_id: str) -> dict[str, str]:
    """The hashes of what was known and asked when it was decided."""
    facts = access.situation.facts if access else Facts()
    used: dict[str, object] = {kind: getattr(facts, kind) for kind in KINDS}
    used["request"] = access.request if access else None
    return facts_hashed(hub.identity_key, record_id, used)


def _in_open(body: bytes, content: str) -> bytes:
    parameters = msgspec.json.decode(body)
    for each in parameters.get("parameter", ()):
        if each["name"] == "receipt":
            each["valueString"] = content
    return msgspec.json.encode(parameters)
