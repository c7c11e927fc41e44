"""Documents fetched from a source: each contract asked for, and its answer taken in.

Source: INTERFACES, `pull`; rivta.md §0, §4.1. One contract that is not answered never ends the
others; what an aggregating service could not reach stands in the receipt.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.document import Note
from adapters.rivta.client import Client, NotAnswered, opened
from adapters.rivta.contracts import CONTRACTS, Contract
from adapters.rivta.pages import More, gathered
from adapters.rivta.request import OBSERVATIONS, CannotBeAsked, Question
from hub.config.pull import Pull
from hub.config.pull_entry import endpoint_of
from hub.config.source import Source
from hub.ingest.delivery import Document, ingest_document
from hub.ingest.receipt import Receipt, State
from hub.store.connect import Store
from hub.store.identity import person_key
from mappings.personal_identity import Identity

BY_NAME = {each.name: each for each in CONTRACTS}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is fetched: from a source that has `pull`, about a person, by these contracts.

    `address`: another system than the source's own logical address.
    """

    source: Source
    pull: Pull
    person: Identity
    contracts: tuple[str, ...]
    address: str | None = None

    @property
    def logical_address(self) -> str:
        """Return whom the questions are addressed to."""
        return self.address or self.pull.logical_address


def contracts_of(pull: Pull) -> tuple[str, ...]:
    """Return the contracts that a source is asked for when none is named."""
    if pull.contracts:
        return pull.contracts
    return tuple(
        each.name
        for each in CONTRACTS
        if each.operation != OBSERVATIONS or pull.agreement is not None
    )


def pull(
    store: Store, key: bytes, asked: Asked, at: datetime, *, pause: float = 1.0
) -> Iterator[Receipt]:
    """Yield the receipts of what a source answers, each once its part is durable."""
    try:
        with opened(endpoint_of(asked.pull), pause=pause) as client:
            for name in asked.contracts:
                yield from _contract(store, key, asked, at, _Conversation(client, asked, name))
    except NotAnswered as why:
        yield _not_answered(asked, None, why.note)


@dataclass(frozen=True, slots=True)
class _Conversation:
    """One contract's question and the answers that belong together."""

    client: Client
    asked: Asked
    name: str

    @property
    def contract(self) -> Contract:
        return BY_NAME[self.name]

    def answer(self) -> bytes:
        first = self.client.ask(self._question(self.asked.logical_address))
        return gathered(first, self.contract, self._rest)

    def _rest(self, more: More) -> bytes | None:
        try:
            return self.client.ask(self._question(more.address, more.reference))
        except NotAnswered:
            return None

    def _question(self, address: str, more: str | None = None) -> Question:
        return Question(self.contract, self.asked.person, address, more, self.asked.pull.agreement)


def _contract(
    store: Store, key: bytes, asked: Asked, at: datetime, conversation: _Conversation
) -> Iterator[Receipt]:
    try:
        content = conversation.answer()
    except NotAnswered as why:
        yield _not_answered(asked, conversation.name, why.note)
        return
    except CannotBeAsked as why:
        note = Note("error", "cannot-be-asked", "person number", str(why))
        yield _not_answered(asked, conversation.name, note)
        return
    person = asked.person
    document = Document(
        _name(asked, conversation.name),
        content,
        asked.source,
        at,
        adapter="rivta",
        about=person_key(key, person.system, person.value),
    )
    yield from ingest_document(store, key, document)


def _name(asked: Asked, contract: str | None) -> str:
    return f"{contract or 'pull'} from {asked.logical_address}"


def _not_answered(asked: Asked, contract: str | None, note: Note) -> Receipt:
    return Receipt(
        _name(asked, contract),
        None,
        asked.source.id,
        "rivta",
        contract,
        State.SOURCE_ERROR,
        issues=(note,),
    )


def named(pull: Pull, names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the contracts that names stand for, with or without version; None: one is unknown."""
    offered = contracts_of(pull)
    found: list[str] = []
    for name in names:
        meant = [each for each in offered if name in (each, each.partition(" ")[0])]
        if not meant:
            return None
        found += [each for each in meant if each not in found]
    return tuple(found) or offered
