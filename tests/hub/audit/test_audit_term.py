"""A record is filed under each reader by what that reader may read of it, and by nothing else."""

import json

from hypothesis import given
from hypothesis import strategies as st

from hub.audit.kind import kind_of
from hub.audit.mandate import HUB, Mandate
from hub.audit.record import AccessRecord, Action, Outcome, Rung, Shown, payload_of
from hub.audit.term import Term, key, readers_of, rows_of, terms_of
from tests.hub.audit.audit_log import NOON

NAMES = ("org-1", "org-2", "org-3", HUB)
names = st.sampled_from(NAMES)
records = st.builds(
    AccessRecord,
    id=st.just("r"),
    recorded=st.just(NOON),
    action=st.sampled_from(Action),
    outcome=st.sampled_from(Outcome),
    user=st.none() | st.sampled_from(("u", "os:root")),
    organisation=st.none() | names,
    person=st.none() | st.just("p"),
    shown=st.lists(st.builds(Shown, names, st.none(), st.just(("Condition/c",)))).map(tuple),
    rungs=st.lists(st.builds(Rung, st.just("U1"), st.lists(names, unique=True).map(tuple))).map(
        tuple
    ),
    grounds=st.lists(st.sampled_from(("SVOD 3:1", "PDL 4:1")), unique=True).map(tuple),
    flags=st.just(()) | st.just(("no-relation",)),
)


def _payload(record: AccessRecord) -> dict[str, object]:
    return dict(json.loads(payload_of(record)))


@given(records)
def test_the_terms_are_those_of_the_part_that_may_be_read(record: AccessRecord) -> None:
    for reader in (*NAMES, "p"):
        mandate = Mandate(organisations=frozenset({reader}), persons=frozenset({reader}))
        if mandate.covers(record):
            part = mandate.part_of(record)
            assert terms_of(_payload(record), reader) == terms_of(_payload(part), reader)


@given(records)
def test_a_record_is_filed_under_those_who_may_read_it(record: AccessRecord) -> None:
    payload = _payload(record)
    kind = kind_of(payload)
    filed = {term for term, _, _ in rows_of(payload, 7, kind)}
    for reader in (*NAMES, "p"):
        mandate = Mandate(organisations=frozenset({reader} - {"p"}), persons=frozenset({reader}))
        everything = (
            key(reader, Term.RECORD) if reader == "p" else key(reader, Term.RECORD, "", kind)
        )
        assert (everything in filed) is mandate.covers(record)
        assert (reader in readers_of(payload)) is (reader != "p" and mandate.covers(record))
