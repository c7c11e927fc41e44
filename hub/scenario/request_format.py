"""The `requests` of a scenario as written, with what the law is expected to answer.

Source: the page of the scenario format, section `requests`.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, PlainValidator

from consent.decision import Obligation, Outcome
from consent.facts import ActiveChoice, BlockKind, Capacity, Danger, Operation, Purpose
from consent.search_term import SearchTerm
from hub.config.entry import Entry, Identifier, Listed, When, one_of, wrong
from hub.scenario.facts_format import BlockKindCode, CapacityCode, Mask

ACTS = ("SVOD", "PDL", "OSL", "SoL", "SoLPuL", "LSS", "HSL", "LUS", "PSL", "FB", "FMU")
_SECTION = re.compile(r"([A-Za-z]+) [0-9]{1,3}(:[0-9]{1,3})?( [a-z])?", re.ASCII)
EXAMPLE_TIME = datetime(2026, 3, 10, 10, 0)  # noqa: DTZ001 - Swedish local time, as it is written


class Shown(StrEnum):
    """What an answer as a whole may reveal besides permitted content."""

    U0 = "U0"
    U1 = "U1"
    B0 = "B0"
    B1 = "B1"
    I0 = "I0"
    I1 = "I1"


class Asked(StrEnum):
    """What a scenario may ask for: making available is the owner's own step, and not among them."""

    READ = "read"
    LIST = "list"
    BLOCK = "block"
    LIFT = "lift"
    REQUEST_LIFT = "request_lift"
    LOG_EXTRACT = "log_extract"
    SEARCH = "search"
    ANSWER = "answer"
    WITHDRAW = "withdraw"


_asked = one_of(Asked)
_choice = one_of(ActiveChoice)


def _operation(value: object) -> Operation:
    return Operation(_asked(value))


def _active_choice(value: object) -> ActiveChoice:
    if isinstance(value, bool):
        return ActiveChoice.CONTENT if value else ActiveChoice.NONE
    return _choice(value)


def _section(value: object) -> str:
    found = _SECTION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise wrong("this is not an act and a section", 'write "SVOD 3:1" or "OSL 26:9 c"')
    if found.group(1) not in ACTS:
        raise wrong("the act is not known", f"write one of {', '.join(ACTS)}")
    return found.group(0)


class ReaderEntry(Entry):
    """Who asks."""

    user: Identifier | None = None
    organisation: Identifier | None = None
    authority: Identifier | None = None
    unit: Identifier | None = None
    process: Identifier | None = None
    as_: CapacityCode = Capacity.VARDPERSONAL
    assignment_valid: bool = True
    strong_auth: bool = True
    takes_part_in_care: bool = True


class EmergencyEntry(Entry):
    """What the reader judges about an emergency."""

    danger: Annotated[Danger, PlainValidator(one_of(Danger))] = Danger.NONE
    consent_obtainable: bool = True
    can_request_lift: bool = True
    absolutely_needed: bool = False


class TargetEntry(Entry):
    """What the operations are about; `conveyed`: staff write down what the person has said."""

    owner: Identifier | None = None
    kind: BlockKindCode = BlockKind.OUTER
    across_persons: bool = False
    terms: Listed[Annotated[SearchTerm, PlainValidator(one_of(SearchTerm))]] = Field(
        default_factory=list
    )
    conveyed: bool = False


class AnswerEntry(Entry):
    """Whom an answer that is given or taken back lets read, or not."""

    organisation: Identifier
    conveyed: bool = False


class ItemExpectationEntry(Entry):
    """What is expected for one item."""

    outcome: Annotated[Outcome, PlainValidator(one_of(Outcome))]
    basis: Listed[Annotated[str, PlainValidator(_section)]] = Field(default_factory=list)


class ExpectationEntry(Entry):
    """What is expected of an answer."""

    items: dict[str, ItemExpectationEntry] = Field(default_factory=dict)
    shows: Listed[Annotated[Shown, PlainValidator(one_of(Shown))]] = Field(default_factory=list)
    masked: Listed[Annotated[Mask, PlainValidator(one_of(Mask))]] = Field(default_factory=list)
    obligations: Listed[Annotated[Obligation, PlainValidator(one_of(Obligation))]] = Field(
        default_factory=list
    )


class RequestEntry(Entry):
    """One request."""

    id: Identifier
    op: Annotated[Operation, PlainValidator(_operation)] = Operation.READ
    at: When = EXAMPLE_TIME
    reader: ReaderEntry
    purpose: Annotated[Purpose, PlainValidator(one_of(Purpose))] = Purpose.VARD
    patient_requested: bool = False
    relevance: bool = True
    active_choice: Annotated[ActiveChoice, PlainValidator(_active_choice)] = ActiveChoice.CONTENT
    necessary: bool = False
    emergency: EmergencyEntry = EmergencyEntry()
    registers_reachable: bool = True
    block: TargetEntry | None = None
    answer: AnswerEntry | None = None
    items: Listed[Identifier] | None = None
    expect: ExpectationEntry | None = None
