"""The codes that a source profile can fit local ones to, by what they are codes of.

Source: the process and documents of social care, reference/sol.md §1.1 and §2; FHIR R4 for status
codes; UCUM for units.
"""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


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
APPLICANTS = _codes("person relative representative staff other")
SEXES = _codes("male female other unknown")
