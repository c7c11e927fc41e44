"""An adapter whose deliveries a test prepares, to send what no adapter of ours gives."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.document import AccessHeader, Delivery, Part, Record, Tree, WrittenIdentity
from hub.config.source import Source
from hub.ingest import delivery
from hub.ingest.adapters import ADAPTERS, Known
from tests.hub.ingest.documents import NAMND, REGION, SIGNE, SYSTEM, WARD

PREPARED = Source("prepared", "prepared", (REGION, NAMND))


def diagnosis_body() -> Tree:
    """The smallest diagnosis that can be mapped."""
    code = Tree({"code": "I10.9", "codeSystem": "1.2.752.116.1.1.1.1.3", "displayName": "Text"})
    return Tree(
        {
            "diagnosisHeader": Tree({"documentId": "D-1"}),
            "diagnosisBody": Tree({"typeOfDiagnosis": "Huvuddiagnos", "diagnosisCode": code}),
        }
    )


def record(
    body: Callable[[], Tree] = diagnosis_body,
    table: str = "rivta/get_diagnosis_2",
    path: str = "answer/record[1]",
    **header: Any,  # noqa: ANN401
) -> Record:
    usual = {
        "record_id": "D-1",
        "person": WrittenIdentity(SIGNE),
        "info_type": "diagnosis",
        "owner": REGION,
        "unit": WARD,
        "source_system": SYSTEM,
    }
    return Record(AccessHeader(**{**usual, **header}), table, path, body)


def part(*records: Record, number: str | None = SIGNE, name: str = "part 1") -> Part:
    raw = "|".join(repr(each.header) for each in records).encode()
    person = None if number is None else WrittenIdentity(number)
    return Part(name, raw, person, records)


@dataclass(frozen=True)
class Prepared:
    """Reads any document as the parts that were prepared; `fails` after them, if it shall."""

    parts: Sequence[Part] = ()
    fails: Exception | None = None
    name: str = "prepared"

    def recognises(self, content: bytes, name: str) -> bool:  # noqa: ARG002
        return False

    def read(self, content: bytes, name: str, profile: Mapping[str, object] | None) -> Delivery:  # noqa: ARG002
        def parts() -> Iterator[Part]:
            yield from self.parts
            if self.fails is not None:
                raise self.fails

        return Delivery("Prepared 1.0", parts=parts)


def prepare(
    monkeypatch: pytest.MonkeyPatch,
    *parts: Part,
    fails: Exception | None = None,
    keeps: bool = True,
) -> None:
    """Make the adapter `prepared` read any document as these parts."""
    known = Known(Prepared(parts, fails), keeps_unreadable=keeps, holds_everybody=False)
    monkeypatch.setattr(delivery, "ADAPTERS", {**ADAPTERS, "prepared": known})
