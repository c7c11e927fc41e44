"""A decision in words: a sentence for the person, one for the reader, and the trail for the lawyer.

Source: DESIGN §2, law.md §5.3. Made from the sections that decided and the rungs that were shown.
The reader's sentence says what the answer says and no more: of what is hidden it is silent.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from consent.decision import Decision, Obligation, Outcome
from consent.facts import READING, Capacity, Item, Operation
from consent.law import Law, in_force
from consent.section import Opens
from consent.situation import Situation
from consent.trail import Tried, trail


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


WHO: Mapping[Capacity, str] = {
    Capacity.VARDPERSONAL: "Vårdpersonal hos {}",
    Capacity.OMSORGSPERSONAL: "Omsorgspersonal hos {}",
    Capacity.INDIVIDUAL: "Du",
    Capacity.GUARDIAN: "Din vårdnadshavare",
    Capacity.REPRESENTATIVE: "Ett ombud",
    Capacity.OFFICER: "En behörig befattningshavare hos {}",
    Capacity.AUDITOR: "En logggranskare hos {}",
    Capacity.SYSTEM: "Ett datasystem hos {}",
    Capacity.OTHER: "Någon utanför vården och omsorgen",
}
DONE: Mapping[Operation, str] = {
    Operation.READ: "läsa uppgiften",
    Operation.LIST: "läsa uppgiften",
    Operation.BLOCK: "spärra uppgiften",
    Operation.LIFT: "häva spärren",
    Operation.REQUEST_LIFT: "begära att spärren hävs",
    Operation.LOG_EXTRACT: "få veta vilka som har tagit del av uppgiften",
    Operation.SEARCH: "hitta uppgiften i en sökning",
    Operation.MAKE_AVAILABLE: "göra uppgiften tillgänglig för andra",
    Operation.ANSWER: "svara på om uppgifter får läsas",
    Operation.WITHDRAW: "ta tillbaka ett svar",
}
RUNGS: Mapping[Opens, str] = {
    Opens.U0: "det finns ospärrade uppgifter hos andra",
    Opens.U1: "du får veta vilka som har dem",
    Opens.B0: "det finns spärrade uppgifter hos en annan vårdgivare",
    Opens.B1: "du får veta vilken vårdgivare som har spärrat",
    Opens.I0: "det finns uppgifter hos andra enheter i den egna vårdgivaren",
    Opens.I1: "du får veta vilka enheter",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision in words.

    `person` and `reader` are one sentence each, in Swedish; `next` what the reader can do; `trail`
    every section that had something to say, with each condition and the facts it looked at.
    """

    person: str
    reader: str
    next: tuple[Next, ...]
    trail: tuple[Tried, ...]


def explain(
    situation: Situation, item: Item, decision: Decision, law: Law | None = None
) -> Explanation:
    """Return the words for what `consent.decide` said of `item` in this situation."""
    return Explanation(
        person=for_the_person(situation, decision, law),
        reader=for_the_reader(situation.request.op, decision.outcome, decision.rungs),
        next=tuple(next_steps(decision.obligations)),
        trail=trail(situation, item, law),
    )


def for_the_person(situation: Situation, decision: Decision, law: Law | None = None) -> str:
    """Return one sentence that says to the person who may do what, and why."""
    reader = situation.request.reader
    who = WHO[reader.as_].format(reader.organisation or "en okänd organisation")
    what = DONE[situation.request.op]
    ground = _ground(decision, in_force(situation.day) if law is None else law)
    if decision.outcome is Outcome.PERMIT:
        return f"{who} får {what}{ground}."
    if decision.outcome is Outcome.METADATA:
        return f"{who} får inte läsa uppgiften, bara veta att det finns uppgifter{ground}."
    return f"{who} får inte {what}{ground}."


def for_the_reader(op: Operation, outcome: Outcome, rungs: AbstractSet[Opens]) -> str:
    """Return one sentence that says to the reader what the answer says, and nothing beyond it."""
    if outcome is Outcome.PERMIT:
        return f"Du får {DONE[op]}."
    shown = [sentence for rung, sentence in RUNGS.items() if rung in rungs]
    if shown and op in READING:
        text = "; ".join(shown)
        return f"{text[:1].upper()}{text[1:]}."
    return "Det finns inget att visa." if op in READING else f"Du får inte {DONE[op]}."


def _ground(decision: Decision, law: Law) -> str:
    """Return why, by the first section that decided: its citation and its plain clause."""
    if decision.errors:
        return ", eftersom det inte gick att pröva"
    plain = {section.citation: section.plain for section in law}
    cited = next((each for each in decision.basis if each in plain), None)
    return "" if cited is None else f" ({cited}: {plain[cited]})"


def next_steps(owed: frozenset[Obligation]) -> list[Next]:
    """Return what the reader can do next, in a fixed order."""
    return [step for obligation, step in NEXT_STEPS.items() if obligation in owed]
