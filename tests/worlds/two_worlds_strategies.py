"""Random worlds for P3: small records of every kind of visibility, and what is asked of them."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from consent.facts import (
    Ability,
    Assessment,
    Availability,
    BlockKind,
    Facts,
    Giver,
    InfoType,
    Lift,
    LiftGround,
    Person,
    ProtectedIdentity,
    Samtycke,
    Sparr,
)
from consent.period import Period
from hub.ingest.judge import EVERY_MASK
from tests.worlds.hub_world import (
    CLINIC,
    FIRM,
    HOME_CARE,
    HOME_HELP,
    KOMMUN,
    NAMND,
    OFFICE,
    OTHER_REGION,
    REGION,
    REGION_SYSTEM,
    SIGNE_HERSELF,
    SINCE,
    STAFF,
    SURGERY,
    TALKS,
    WARD,
    documented,
)
from tests.worlds.two_worlds import OPENINGS, Case, Record, Row, lesser
from tests.worlds.usual import INNER, OUTER, RELATIONS

PLACES = (
    (REGION, WARD),
    (REGION, SURGERY),
    (REGION, None),
    (CLINIC, TALKS),
    (KOMMUN, HOME_CARE),
    (NAMND, OFFICE),
    (FIRM, HOME_HELP),
    (OTHER_REGION, "SE2329999980-1001"),
)
DATES = st.sampled_from(["2019-05-04", "2023-11", "2025-02-03T08:15:00+01:00", "2026-01-09"])
CODES = st.sampled_from(["I10", "J45", "F32"])
BLOCKS = (
    OUTER,
    INNER,
    Sparr("kommun", BlockKind.OUTER, KOMMUN, set_at=SINCE.start),
    Sparr(
        "old",
        BlockKind.OUTER,
        REGION,
        information=Period(None, datetime(2024, 1, 1, tzinfo=UTC)),
        set_at=SINCE.start,
    ),
    Sparr("inner-all", BlockKind.INNER, OTHER_REGION, set_at=SINCE.start),
)
CONSENTS = tuple(
    Samtycke(Giver.SELF, each, answer=answer)
    for each, answer in ((REGION, True), (OTHER_REGION, True), (FIRM, True), (KOMMUN, False))
)
PARAMETERS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Condition", (("_count", "1"),)),
    ("Condition", (("_count", "1"), ("_sort", "-recorded-date"))),
    ("Condition", (("_count", "2"), ("_sort", "recorded-date,_id"))),
    ("Condition", (("_sort", "-_id"),)),
    ("Condition", (("code", "I10"),)),
    ("Condition", (("code:not", "I10"),)),
    ("Condition", (("code:text", "zqx"),)),
    ("Condition", (("code:missing", "true"),)),
    ("Condition", (("recorded-date", "ge2024"),)),
    ("Condition", (("evidence-detail", "Observation/none"),)),
    ("Condition", (("subject:missing", "false"), ("_lastUpdated", "le2027"))),
    ("Observation", (("_count", "1"),)),
    ("Observation", (("value-quantity", "gt5"),)),
    ("Observation", (("code", "I10,J45"), ("date", "lt2024"))),
    ("Observation", (("_total", "accurate"), ("_summary", "count"))),
    ("DocumentReference", (("_count", "1"), ("status", "current"))),
    ("DocumentReference", (("description:contains", "zqx"),)),
    ("Provenance", ()),
    # chains and _has, which must not look at what is hidden
    ("Condition", (("evidence-detail:Observation.code", "I10"),)),
    ("Condition", (("evidence-detail:Observation.value-quantity", "gt5"),)),
    ("Condition", (("evidence-detail:Condition.code:text", "zqx"),)),
    ("Condition", (("evidence-detail:Condition.recorded-date:missing", "false"),)),
    ("Condition", (("evidence-detail:Condition.code:not", "I10"),)),
    ("Condition", (("evidence-detail:Condition.evidence-detail:Condition.code:text", "zqx"),)),
    ("Condition", (("_has:Condition:evidence-detail:code:text", "zqx"),)),
    ("Condition", (("_has:Condition:evidence-detail:_has:Observation:focus:code", "I10"),)),
    ("Condition", (("_has:Observation:focus:value-quantity", "gt5"),)),
    ("Observation", (("_has:DocumentReference:related:description:contains", "zqx"),)),
    ("Observation", (("focus:Condition.code", "I10,J45"), ("_total", "accurate"))),
    ("Condition", (("subject:Patient.family", "zqx"),)),
    ("Condition", (("subject:Patient.address-city:missing", "false"),)),
    # what is brought along
    ("Condition", (("_include", "*"), ("_revinclude", "*"), ("_count", "1"))),
    ("Condition", (("_include", "Condition:evidence-detail"), ("_count", "2"))),
    (
        "Condition",
        (
            ("_include", "Condition:evidence-detail"),
            ("_include:iterate", "Condition:evidence-detail"),
            ("_revinclude:iterate", "Observation:focus"),
        ),
    ),
    ("Condition", (("_include", "Condition:subject:Patient"), ("_count", "1"))),
    ("Observation", (("_revinclude", "DocumentReference:related"),)),
    # value sets, hierarchies, lists
    ("Observation", (("status:in", "http://hl7.org/fhir/ValueSet/observation-status"),)),
    ("Condition", (("clinical-status:not-in", "http://hl7.org/fhir/ValueSet/condition-clinical"),)),
    ("Condition", (("code:below", "http://hl7.org/fhir/sid/icd-10|I10"),)),
    ("Condition", (("evidence-detail:Condition._list", "none"),)),
    # order, totals, composites
    ("Observation", (("_sort", "-value-quantity"), ("_count", "1"))),
    ("Observation", (("_sort", "focus,-code"), ("_count", "2"))),
    ("Condition", (("_sort", "-evidence-detail,recorded-date"), ("_count", "1"))),
    ("DocumentReference", (("_sort", "description"), ("_count", "1"))),
    ("Observation", (("code-value-quantity", "I10$gt5"),)),
    ("Condition", (("_count", "0"),)),
    ("Condition", (("_total", "none"), ("_count", "1"))),
    # mistakes
    ("Condition", (("evidence-detail:Encounter.colour", "x"),)),
    ("Condition", (("_include", "Condition:colour"),)),
    ("Condition", (("_has:Condition:evidence-detail:code", ""),)),
    ("Observation", (("code-value-quantity", "I10"),)),
)


@st.composite
def _rows(draw: st.DrawFn, name: str, at_most: int, *, protected: bool = False) -> tuple[Row, ...]:
    numbers = range(draw(st.integers(1, at_most)))
    rows = [draw(_row(f"{name}{number}", protected=protected)) for number in numbers]
    return tuple(_referring(row, draw(st.none() | st.sampled_from(rows))) for row in rows)


def _referring(row: Row, target: Row | None) -> Row:
    """The row with a reference to another, whichever of them is hidden."""
    if target is None or row.resource["resourceType"] not in _REFERENCES:
        return row
    kind = target.resource["resourceType"]
    if kind == "Binary":  # named as content, which only a document does
        content = [{"attachment": {"url": f"Binary/@{target.resource['id']}"}}]
        document = row.resource["resourceType"] == "DocumentReference"
        return replace(row, resource={**row.resource, "content": content}) if document else row
    reference = {"reference": f"{kind}/@{target.resource['id']}"}
    return replace(
        row, resource={**row.resource, **_REFERENCES[row.resource["resourceType"]](reference)}
    )


_REFERENCES: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "Condition": lambda to: {"evidence": [{"detail": [to]}]},
    "Observation": lambda to: {"focus": [to]},
    "DocumentReference": lambda to: {"context": {"related": [to]}},
}


@st.composite
def _row(draw: st.DrawFn, number: str, *, protected: bool) -> Row:
    text = f"zqx{number}x"
    owner, unit = draw(st.sampled_from(PLACES))
    kind = draw(
        st.sampled_from(
            ["Condition"] * 3 + ["Observation", "DocumentReference", "Binary", "Patient"]
        )
    )
    mostly = st.sampled_from([False, False, False, True])
    columns: dict[str, Any] = {
        "withdrawn": draw(mostly),
        "informed": not draw(mostly),
        "secret_from_person": draw(mostly),
        "availability": draw(
            st.sampled_from([Availability.GROUND_2_4] * 3 + [Availability.GROUND_2_6])
        ),
        "date": draw(st.sampled_from([Period(), SINCE])),
        "masks": EVERY_MASK if protected else frozenset(),
    }
    if unit is None:
        columns |= {"availability": Availability.NONE, "informed": False}
    if kind == "Patient":
        columns["info_type"] = InfoType.DEMOGRAPHICS
    resource = {"resourceType": kind, "id": number, **draw(_ELEMENTS[kind](text))}
    return Row(resource, documented(owner, unit, **columns))


def _condition(text: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda code, at: {"code": {"coding": [{"code": code}], "text": text}, "recordedDate": at},
        CODES,
        DATES,
    )


def _observation(text: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda code, at, value: {
            "status": "final",
            "code": {"coding": [{"code": code}], "text": text},
            "effectiveDateTime": at,
            "valueQuantity": {"value": value, "unit": "g"},
        },
        CODES,
        DATES,
        st.integers(1, 9),
    )


def _document(text: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda at: {
            "status": "current",
            "description": text,
            "date": at,
            "content": [{"attachment": {"title": text}}],
        },
        st.just("2025-02-03T08:15:00+01:00"),
    )


def _content(text: str) -> st.SearchStrategy[dict[str, Any]]:
    data = base64.b64encode(text.encode()).decode()
    return st.just({"contentType": "text/plain", "data": data})


def _demographics(text: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.just({"name": [{"family": text}], "address": [{"city": f"{text}stad"}]})


_ELEMENTS = {
    "Condition": _condition,
    "Observation": _observation,
    "DocumentReference": _document,
    "Binary": _content,
    "Patient": _demographics,
}


def _some(of: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(of), unique_by=id, max_size=len(of)).map(tuple)


PERSONS = st.builds(
    Person,
    can_consent_self=st.sampled_from([True, True, True, False]),
    capacity=st.sampled_from([Ability.FULL] * 3 + [Ability.LASTING_LACK]),
    lacking_since=st.sampled_from([None, datetime(2025, 1, 1, tzinfo=UTC)]),
    protected_identity=st.sampled_from(
        [ProtectedIdentity.NONE] * 3 + [ProtectedIdentity.SKYDDAD_FOLKBOKFORING]
    ),
)
FACTS = st.builds(
    Facts,
    person=PERSONS,
    relations=_some(RELATIONS),
    consents=_some(CONSENTS),
    blocks=_some(BLOCKS),
    lifts=_some((Lift("outer", LiftGround.CONSENT, REGION), Lift("inner", LiftGround.EMERGENCY))),
    assessments=_some(
        tuple(
            Assessment(each, clarified=True, reason_to_think_opposed=False)
            for each in (REGION, OTHER_REGION, CLINIC)
        )
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A reader, a world in which something is hidden from them, and the same without that."""
    reader = draw(st.sampled_from((*STAFF, SIGNE_HERSELF, REGION_SYSTEM)))
    facts = draw(FACTS)
    protected = facts.person.protected_identity is not ProtectedIdentity.NONE
    more = Record(facts, draw(_rows("r", 7, protected=protected)), draw(_rows("o", 2)))
    less = lesser(reader, more, of_facts=draw(st.booleans()))
    openings = draw(st.lists(st.sampled_from(OPENINGS), min_size=1, max_size=2, unique_by=id))
    searches = draw(st.lists(st.sampled_from(PARAMETERS), min_size=6, max_size=10, unique_by=id))
    return Case(reader, more, less, tuple(openings), tuple(searches))
