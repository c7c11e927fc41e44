"""A system's search across persons rests on no person's facts: one scope serves for all of them.

Source: PDL 2:4, 2:8; SoLPuL 7 a. `hub.api.search.reach` makes the scope without any person's facts.
"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.decide import decide
from consent.decision import Outcome
from consent.facts import Capacity, Facts, Item, Operation, Target
from consent.scope import scope
from consent.search_term import SearchTerm
from consent.situation import Situation
from tests.worlds.strategies import RECORDS, SITUATIONS

TERMS = st.sampled_from([frozenset[SearchTerm](), *(frozenset({each}) for each in SearchTerm)])


@settings(max_examples=400)
@given(
    situation=SITUATIONS,
    record=RECORDS,
    terms=TERMS,
    op=st.sampled_from([Operation.READ, Operation.SEARCH]),
)
def test_no_fact_about_a_person_changes_what_a_system_reads_of_its_own(
    situation: Situation, record: list[Item], terms: frozenset[SearchTerm], op: Operation
) -> None:
    reader = replace(situation.request.reader, as_=Capacity.SYSTEM)
    target = Target(across_persons=op is Operation.SEARCH, terms=terms)
    request = replace(situation.request, reader=reader, op=op, target=target)
    nobody = Facts(organisations=situation.facts.organisations)
    made = scope(Situation(nobody, request))
    for item in record:
        decision = decide(Situation(situation.facts, request), item)
        assert (made.ground(item) is not None) == (decision.outcome is Outcome.PERMIT)
        if decision.outcome is Outcome.PERMIT:
            assert item.owner == reader.organisation
