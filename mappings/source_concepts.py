"""What a source profile can fit: the concepts of social care, their fields and their codes.

The names are the mapping tables' source paths (mappings/sol/), so a profile never mentions FHIR and
a table never mentions a system.

Source: the process and documents of social care, reference/sol.md §1.1 and §2; FHIR R4 for status
codes; UCUM for units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mappings.source_codes import (
    ACHIEVEMENTS,
    APPLICANTS,
    AREAS,
    CONTACTS,
    DIRECTIONS,
    FACTORS,
    OUTCOMES,
    PLAN_STATUSES,
    PROTECTED,
    PROVIDER_FORMS,
    RECIPIENTS,
    REGIMES,
    REPRESENTATIVES,
    REQUEST_STATUSES,
    SCOPES,
    SERVICES,
    SEXES,
    TASK_STATUSES,
    TIMES,
    UNITS,
    VISIT_STATUSES,
    WEEKDAYS,
)
from mappings.source_field import DATE, FLAG, NUMBER, SIGNS, TEXT, Field, Kind


@dataclass(frozen=True, slots=True)
class Concept:
    """One kind of record: fields, repeated groups, and which dates say when the information is of.

    `dates` are tried in order for the date of the information itself.
    """

    info_type: str
    fields: Mapping[str, Field]
    groups: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()


_PERIOD = {"from": DATE, "to": DATE}
_GOAL = {
    "id": TEXT,
    "icf": SIGNS,
    "need": TEXT,
    "target": TEXT,
    "achievement": Field(Kind.CODE, ACHIEVEMENTS),
    "text": TEXT,
}

CONCEPTS: Mapping[str, Concept] = MappingProxyType(
    {
        "person": Concept(
            info_type="demographics",
            fields={
                "number": TEXT,
                "century": TEXT,
                "kind": TEXT,
                "protected": Field(Kind.CODE, PROTECTED),
                "given": TEXT,
                "family": TEXT,
                "name": TEXT,
                "street": TEXT,
                "postal_code": TEXT,
                "city": TEXT,
                "phone": TEXT,
                "email": TEXT,
                "language": TEXT,
                "interpreter": FLAG,
                "sex": Field(Kind.CODE, SEXES),
            },
            groups={
                "relative": {
                    "id": TEXT,
                    "relation": TEXT,
                    "name": TEXT,
                    "number": TEXT,
                    "phone": TEXT,
                    "may_be_contacted": FLAG,
                    "caring": FLAG,
                },
                "representative": {
                    "id": TEXT,
                    "type": Field(Kind.CODE, REPRESENTATIVES),
                    "name": TEXT,
                    "number": TEXT,
                    "phone": TEXT,
                    "scope": Field(Kind.CODES, SCOPES),
                    **_PERIOD,
                },
                "contact": {
                    "kind": Field(Kind.CODE, CONTACTS),
                    "role": TEXT,
                    "name": TEXT,
                    "unit": TEXT,
                    "phone": TEXT,
                    **_PERIOD,
                },
            },
        ),
        "application": Concept(
            info_type="assessment",
            fields={
                "id": TEXT,
                "date": DATE,
                "way": TEXT,
                "applicant": Field(Kind.CODE, APPLICANTS),
                "applicant_id": TEXT,
                "applicant_name": TEXT,
                "text": TEXT,
            },
            dates=("date",),
        ),
        "investigation": Concept(
            info_type="assessment",
            fields={
                "id": TEXT,
                "method": TEXT,
                "started": DATE,
                "finished": DATE,
                "investigator": TEXT,
                "assessment": TEXT,
                "text": TEXT,
                "application": Field(Kind.LINK, links="application"),
            },
            groups={
                "need": {
                    "id": TEXT,
                    "area": Field(Kind.CODE, AREAS),
                    "icf": SIGNS,
                    "local": TEXT,
                    "name": TEXT,
                    "current": TEXT,
                    "intended": TEXT,
                    "priority": TEXT,
                    "text": TEXT,
                    "own_view": TEXT,
                },
                "factor": {
                    "id": TEXT,
                    "type": Field(Kind.CODE, FACTORS),
                    "icf": SIGNS,
                    "icd10": SIGNS,
                    "direction": Field(Kind.CODE, DIRECTIONS),
                    "stated_by": Field(Kind.CODE, APPLICANTS),
                    "text": TEXT,
                },
            },
            dates=("started", "finished"),
        ),
        "health_action": Concept(
            info_type="contact",
            fields={
                "id": TEXT,
                "time": Field(Kind.TIME),
                "kva": SIGNS,
                "name": TEXT,
                "author": TEXT,
                "text": TEXT,
            },
            groups={"profession": {"code": TEXT}},
            dates=("time",),
        ),
        "visit": Concept(
            info_type="contact",
            fields={
                "id": TEXT,
                "start": Field(Kind.TIME),
                "end": Field(Kind.TIME),
                "status": Field(Kind.CODE, VISIT_STATUSES),
                "type": Field(Kind.CODE, SERVICES),
                "ksi": SIGNS,
                "reason": TEXT,
                "performer": TEXT,
                "decision": Field(Kind.LINK, links="decision"),
            },
            dates=("start", "end"),
        ),
        "care_period": Concept(
            info_type="contact",
            fields={"id": TEXT, "type": TEXT, "place": TEXT, **_PERIOD, "month": DATE},
            dates=("month", "from"),
        ),
        "case_file": Concept(
            info_type="assessment",
            fields={
                "id": TEXT,
                "type": TEXT,
                "opened": DATE,
                "closed": DATE,
                "manager": TEXT,
                "text": TEXT,
            },
            dates=("opened", "closed"),
        ),
        "decision": Concept(
            info_type="decision",
            fields={
                "id": TEXT,
                "date": DATE,
                "law": TEXT,
                "outcome": Field(Kind.CODE, OUTCOMES),
                "decided_by": TEXT,
                "reason": TEXT,
                "condition": TEXT,
                "application": Field(Kind.LINK, links="application"),
                "appealed": DATE,
                "appeal_status": TEXT,
                "not_carried_out": FLAG,
                "status": Field(Kind.CODE, REQUEST_STATUSES),
                "circle": TEXT,
                "investigation": Field(Kind.LINK, links="investigation"),
                **_PERIOD,
            },
            groups={
                "service": {
                    "id": TEXT,
                    "type": Field(Kind.CODE, SERVICES),
                    "text": TEXT,
                    "quantity": NUMBER,
                    "unit": Field(Kind.CODE, UNITS),
                    "provider_form": Field(Kind.CODE, PROVIDER_FORMS),
                    "performer": TEXT,
                    "need": TEXT,
                    **_PERIOD,
                }
            },
            dates=("date", "from"),
        ),
        "assignment": Concept(
            info_type="decision",
            fields={
                "id": TEXT,
                "decision": Field(Kind.LINK, links="decision"),
                "performer": TEXT,
                "sent": DATE,
                "status": Field(Kind.CODE, TASK_STATUSES),
                "received": DATE,
                "text": TEXT,
                **_PERIOD,
            },
            groups={"goal": dict(_GOAL)},
            dates=("sent", "received", "from"),
        ),
        "plan": Concept(
            info_type="implementation_plan",
            fields={
                "id": TEXT,
                "version": TEXT,
                "title": TEXT,
                "date": DATE,
                "to": DATE,
                "status": Field(Kind.CODE, PLAN_STATUSES),
                "participated": FLAG,
                "assignment": Field(Kind.LINK, links="assignment"),
                "decision": Field(Kind.LINK, links="decision"),
                "follow_up": DATE,
                "text": TEXT,
            },
            groups={
                "goal": {**_GOAL, "part_of": TEXT},
                "activity": {
                    "id": TEXT,
                    "service": TEXT,
                    "goal": TEXT,
                    "ksi": SIGNS,
                    "name": TEXT,
                    "days": Field(Kind.CODES, WEEKDAYS),
                    "time": Field(Kind.CODES, TIMES),
                    "minutes": NUMBER,
                    "when": TEXT,
                    "how": TEXT,
                    "responsible": TEXT,
                    "text": TEXT,
                },
            },
            dates=("date",),
        ),
        "sip": Concept(
            info_type="careplan",
            fields={
                "id": TEXT,
                "version": TEXT,
                "title": TEXT,
                "date": DATE,
                "to": DATE,
                "status": Field(Kind.CODE, PLAN_STATUSES),
                "consent": FLAG,
                "consented": DATE,
                "participated": FLAG,
                "lead": TEXT,
                "coordinator": TEXT,
                "follow_up": DATE,
                "text": TEXT,
            },
            groups={
                "party": {"organisation": TEXT, "name": TEXT, "role": TEXT, "contact": TEXT},
                "goal": dict(_GOAL),
                "activity": {
                    "id": TEXT,
                    "goal": TEXT,
                    "name": TEXT,
                    "organisation": TEXT,
                    "responsible": TEXT,
                    "when": TEXT,
                    "text": TEXT,
                },
            },
            dates=("date",),
        ),
        "note": Concept(
            info_type="social_journal",
            fields={
                "id": TEXT,
                "time": Field(Kind.TIME),
                "author": TEXT,
                "role": TEXT,
                "type": TEXT,
                "kva": SIGNS,
                "title": TEXT,
                "text": TEXT,
                "signed": FLAG,
                "deviation": FLAG,
                "struck_out_reason": TEXT,
            },
            dates=("time",),
        ),
        "follow_up": Concept(
            info_type="assessment",
            fields={
                "id": TEXT,
                "date": DATE,
                "type": TEXT,
                "decision": Field(Kind.LINK, links="decision"),
                "author": TEXT,
                "text": TEXT,
            },
            groups={
                "result": {
                    "goal": TEXT,
                    "icf": SIGNS,
                    "target": TEXT,
                    "result": TEXT,
                    "achievement": Field(Kind.CODE, ACHIEVEMENTS),
                    "text": TEXT,
                }
            },
            dates=("date",),
        ),
    }
)

HEADER_FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "owner": TEXT,
        "unit": TEXT,
        "authority": TEXT,
        "regime": Field(Kind.CODE, REGIMES),
        "recipient": Field(Kind.CODE, RECIPIENTS),
        "service": TEXT,
        "case": TEXT,
        "struck_out": FLAG,
        "not_for_person": FLAG,
    }
)
"""What every concept can have besides its own fields: what the law asks about a record."""
