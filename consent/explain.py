"""What a reader can do next, as one sentence in Swedish and one in English for each obligation.

Source: law.md §5.3. The sentences say what the law lets the reader do; they never say what is
hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from consent.decision import Obligation


@dataclass(frozen=True, slots=True)
class Next:
    """A next step: its code, and a sentence for the reader in Swedish and in English."""

    obligation: Obligation
    sv: str
    en: str


NEXT_STEPS: Mapping[Obligation, Next] = {
    step.obligation: step
    for step in (
        Next(
            Obligation.ASK_CONSENT,
            "Fråga personen om samtycke till att du läser det som finns hos andra.",
            "Ask the person for consent to your reading what others hold.",
        ),
        Next(
            Obligation.PROMPT_ACTIVE_CHOICE,
            "Välj aktivt om du vill se om det finns uppgifter hos andra enheter i din egen"
            " organisation.",
            "Choose actively whether to see if other units of your own organisation hold data.",
        ),
        Next(
            Obligation.REQUEST_LIFT,
            "Begär att den som har spärrat häver spärren.",
            "Ask the one who blocked to lift the block.",
        ),
        Next(
            Obligation.REQUEST_MANUAL_DISCLOSURE,
            "Fråga den som ansvarar för uppgifterna om de kan lämnas ut på annat sätt.",
            "Ask the one who is responsible for the data whether they can be disclosed otherwise.",
        ),
        Next(
            Obligation.RECORD_ASSESSMENT,
            "Dokumentera den bedömning som du har gjort.",
            "Record the assessment that you have made.",
        ),
    )
}


def next_steps(owed: frozenset[Obligation]) -> list[Next]:
    """Return what the reader can do next, in a fixed order."""
    return [step for obligation, step in NEXT_STEPS.items() if obligation in owed]
