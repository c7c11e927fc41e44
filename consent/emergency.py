"""Conditions about emergencies and about judgements of the person's attitude.

Source: SVOD 3:3-3:6 and PDL 4:5. Emergency is two rules: unblocked data may be opened (3:6); of
blocked data the reader learns who blocked and asks that vardgivare to lift (3:5).
"""

from consent.condition import fact
from consent.facts import Assessment, Danger
from consent.situation import Situation


def _own_assessments(situation: Situation) -> list[Assessment]:
    return [
        each
        for each in situation.facts.assessments
        if each.kind == "will" and each.by == situation.request.reader.organisation
    ]


danger_to_life_or_health = fact(
    "emergency.danger",
    "there is danger to the person's life or a serious risk to health",
    lambda s: s.request.emergency.danger is not Danger.NONE,
)
consent_cannot_be_obtained = fact(
    "emergency.consent_cannot_be_obtained",
    "the person's consent cannot be obtained",
    lambda s: not s.request.emergency.consent_obtainable,
)
person_cannot_request_lift = fact(
    "emergency.cannot_request_lift",
    "the person is unable to ask for the block to be lifted",
    lambda s: not s.request.emergency.can_request_lift,
)
absolutely_needed = fact(
    "emergency.absolutely_needed",
    "the person absolutely needs the care",
    lambda s: s.request.emergency.absolutely_needed,
)
attitude_clarified = fact(
    "assessment.attitude_clarified",
    "the reader's organisation has clarified the person's attitude as far as possible",
    lambda s: any(each.clarified for each in _own_assessments(s)),
)
no_reason_to_think_opposed = fact(
    "assessment.no_reason_to_think_opposed",
    "the reader's organisation has found no reason to think that the person would have opposed it",
    lambda s: (
        bool(_own_assessments(s))
        and not any(each.reason_to_think_opposed for each in _own_assessments(s))
    ),
)
