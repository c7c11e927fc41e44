"""A decision receipt with the answer, where the request asks for one: `Prefer: receipt`.

Source: docs/receipts.md, docs/decisions/0008; RFC 7240. Made of what the answer itself says and of
hashes that tell nothing, so that a receipt never says what the answer hides (P3).
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from consent.facts import Facts
from hub.api.call import Answer, Call
from hub.api.log import record, write
from hub.api.weighed import Access
from hub.audit.course import Course
from hub.audit.errors import LogKeyProblem
from hub.audit.merkle import root_of
from hub.audit.receipt import Logged, commitments, facts_hashed, receipt
from hub.audit.record import Action, Outcome
from hub.audit.words import Names, in_words
from hub.errors import Unavailable
from hub.running import Hub
from hub.store.directory import directory

HEADER = "X-Samvy-Receipt"
MOST_RECORDS = 20
"""Of an answer with more (a large batch, a file of $export) one record more commits to all."""
_ASKED = re.compile(r"(?:^|[,;])\s*receipt\s*(?:$|[,;])")
KINDS = ("person", "relations", "consents", "blocks", "lifts", "assessments")
"""The kinds of facts, each hashed apart; all are always there, whatever is known."""


def wants_receipt(call: Call) -> bool:
    """Tell whether the request prefers an answer with a receipt."""
    return _ASKED.search(call.prefer) is not None


def with_receipt(hub: Hub, call: Call, answer: Answer, course: Course) -> Answer:
    """Return the answer with the receipt of what was logged of it; `$open`'s also in its body."""
    if not course.logged:
        return answer
    logged = [Logged(record, place) for record, place in course.logged]
    if len(logged) > MOST_RECORDS:
        logged = [_of_them_all(hub, call, logged, course)]
    content = _made(hub, call, logged)
    headers = {**answer.headers, **_as_headers(content)}
    body = answer.body
    if logged[0].record.action is Action.OPEN:
        body = _in_open(body, content.decode())
    return replace(answer, headers=headers, body=body)


def refusals_receipt(hub: Hub, call: Call, refusal: Logged) -> dict[str, str]:
    """Return the headers of a refusal's receipt.

    It says who asked for what, when, and that nothing was shown: no more than the refusal itself,
    whatever it was refused for and whether there was anything (P3).
    """
    about_nothing = replace(
        refusal.record,
        outcome=Outcome.DENY,
        purpose=None,
        grounds=(),
        shown=(),
        rungs=(),
        law_version=None,
    )
    return _as_headers(_made(hub, call, [Logged(about_nothing, refusal.place)]))


def _as_headers(content: bytes) -> dict[str, str]:
    return {HEADER: base64.b64encode(content).decode(), "Preference-Applied": "receipt"}


def _made(hub: Hub, call: Call, logged: Sequence[Logged]) -> bytes:
    try:
        signer = hub.sequencer.key()
    except LogKeyProblem as problem:
        raise Unavailable("no receipt can be signed; the log's key is not there") from problem
    with hub.store.read() as connection:
        known = directory(connection)
        names = Names(known.organisation_names, known.unit_names)
        sentence = in_words(logged[0].record, names)
        facts = _facts(hub, call.weighed.access, logged[0].record.id)
        return msgspec.json.encode(receipt(connection, signer, logged, sentence, facts))


def _of_them_all(hub: Hub, call: Call, logged: Sequence[Logged], course: Course) -> Logged:
    """Return one more record, which commits to all that were made of an answer.

    No header holds them all. Whoever has the log finds them by the request, and makes the root.
    """
    first = logged[0].record
    with hub.store.read() as connection:
        root = base64.b64encode(root_of(commitments(connection, logged))).decode()
    whole = replace(
        record(call, first.action, first.outcome, query=f"receipt {len(logged)} records {root}"),
        grounds=tuple(dict.fromkeys(g for each in logged for g in each.record.grounds)),
        law_version=first.law_version,
    )
    write(course, whole)
    return Logged(*course.logged[-1])


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
