"""An OperationOutcome from what the check found.

Source: FHIR R4 operationoutcome.html. `details.coding` is of our own code system and holds the rule
that was broken, which for an invariant is its key.
"""

from collections.abc import Sequence

from hub.errors import Place, Unprocessable, operation_outcome
from hub.fhir.check import Issue

ALL_WELL = Place("informational", "valid", "no fault was found", severity="information")


def places(issues: Sequence[Issue]) -> tuple[Place, ...]:
    """Return the issues as places of a HubError."""
    return tuple(
        Place(each.code, each.rule, each.text, each.expression, each.severity) for each in issues
    )


def outcome(issues: Sequence[Issue]) -> bytes:
    """Return the OperationOutcome of a check as JSON; one that says so when nothing is wrong."""
    return operation_outcome(places(issues) or (ALL_WELL,))


def refuse(issues: Sequence[Issue]) -> None:
    """Raise Unprocessable with all issues when one of them is an error; warnings pass."""
    if any(each.severity == "error" for each in issues):
        raise Unprocessable("the resource breaks a rule of FHIR R4", places=places(issues))
