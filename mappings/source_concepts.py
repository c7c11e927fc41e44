"""What a source profile can fit: the concepts of social care, their fields and their codes.

The names are the mapping tables' source paths (mappings/sol/), so a profile never mentions FHIR and
a table never mentions a system.

Source: the process and documents of social care, reference/sol.md §1.1 and §2; FHIR R4 for status
codes; UCUM for units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """How a field's value is read and written out; SIGNS are a code that holds no blanks.

    A time is also given as `<field>_exact` where the source knows the time of day.
    """

    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    FLAG = "flag"
    SIGNS = "signs"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, the codes it may have (none: any), and the concept that a link names."""

    kind: Kind = Kind.TEXT
    codes: frozenset[str] = frozenset()
    links: str | None = None


@dataclass(frozen=True, slots=True)
class Concept:
    """One kind of record: fields, repeated groups, and which dates say when the information is of.

    `dates` are tried in order for the date of the information itself.
    """

    info_type: str
    fields: Mapping[str, Field]
    groups: Mapping[str, Mapping[str, Field]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXT = Field()
DATE = Field(Kind.DATE)
NUMBER = Field(Kind.NUMBER)
FLAG = Field(Kind.FLAG)
SIGNS = Field(Kind.SIGNS)

PROTECTED = _codes("none sekretessmarkering skyddad_folkbokforing fingerad")
REGIMES = _codes("HSL TandvL LPT LRV SmL GIL KoordL KonsL FMU ESTETIK SoL LSS OTHER")
RECIPIENTS = _codes("older disability other")
OUT = "out"
"""The meaning that a profile gives to areas and services that SVOD does not cover."""

SERVICES = _codes(
    "home_help safety_alarm meal_delivery day_activity relief escort contact_person "
    "short_term_stay special_housing housing_support occupation housing_disability "
    "personal_assistance counselling short_term_supervision housing_children daily_activities "
    "cleaning shopping family_caregiver_support"
)
OUTCOMES = _codes("granted partly refused")
UNITS = _codes(
    "h/mo h/wk h/d min/d min/wk d d/mo d/wk {portion}/wk {portion}/d {visit}/wk {visit}/d 1"
)
TASK_STATUSES = _codes(
    "draft requested received accepted rejected ready cancelled in-progress on-hold failed "
    "completed"
)
PLAN_STATUSES = _codes("draft active on-hold revoked completed unknown")
ACHIEVEMENTS = _codes(
    "in-progress improving worsening no-change achieved sustaining not-achieved no-progress "
    "not-attainable"
)
WEEKDAYS = _codes("mon tue wed thu fri sat sun")
TIMES = _codes("MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT")
PROVIDER_FORMS = _codes("municipal private")
SCOPES = _codes("legal_rights property person")
REPRESENTATIVES = _codes("god_man forvaltare guardian power_of_attorney")

AREAS = _codes("d1 d2 d3 d4 d5 d6 d7 d8 d9 safety caring_relative")
"""IBIC's life areas: the nine of ICF, and two of its own."""
FACTORS = _codes("environment personal health_condition body_function body_structure")
DIRECTIONS = _codes("barrier facilitator")
REQUEST_STATUSES = _codes("draft active on-hold revoked completed unknown")
VISIT_STATUSES = _codes("planned in-progress finished cancelled unknown")

CONTACTS = _codes("fixed_social_contact fixed_health_contact contact_person responsible")
"""Fast omsorgskontakt (SoL) and fast vårdkontakt (HSL) are two roles, and kontaktperson a third."""
APPLICANTS = _codes("person relative representative other")

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
                "sex": Field(Kind.CODE, _codes("male female other unknown")),
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
