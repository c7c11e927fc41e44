"""What differs between what the readers got and what the law is expected to give them.

Source: the issue's demo: every cell is checked. A difference names reader, cell, and both values;
the values are counts, codes and organisations' ids, never anything of a record.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.demo.readers import Script, Step
from hub.demo.reading import Opened, Reading


def differences(
    script: Script,
    receipts: Mapping[str, int],
    readings: Sequence[Reading],
    log: Mapping[str, Any],
) -> list[str]:
    """Return a sentence for each cell that is not as expected."""
    found = list(_differs("documents", "receipts", dict(script.receipts), dict(receipts)))
    for reading in readings:
        found += _of_reader(reading)
    if not log["verified"]:
        kinds = sorted({str(fault["kind"]) for fault in log["faults"]})
        found.append(f"log: it does not verify ({', '.join(kinds)})")
    expected = sum(reading.logged for reading in readings)
    return [*found, *_differs("log", "records", expected, log["records"])]


def _of_reader(reading: Reading) -> Iterator[str]:
    reader = reading.reader
    for number, (step, opened) in enumerate(zip(reader.steps, reading.opened, strict=True), 1):
        which = reader.name if len(reader.steps) == 1 else f"{reader.name}, step {number}"
        yield from _of_step(which, step, opened)
    for kind in sorted({*reader.sees, *reading.sees}):
        expected, got = reader.sees.get(kind, 0), reading.sees.get(kind, 0)
        yield from _differs(reader.name, f"sees {kind}", expected, got)
    yield from _differs(reader.name, "from", sorted(reader.owners), sorted(reading.owners))


def _of_step(which: str, step: Step, opened: Opened) -> Iterator[str]:
    yield from _differs(which, "shows", step.shows, opened.shows)
    yield from _differs(which, "basis", sorted(step.basis), sorted(opened.basis))
    for rung in sorted({*step.names, *opened.names}):
        expected = sorted(step.names.get(rung, ()))
        yield from _differs(which, f"{rung} names", expected, sorted(opened.names.get(rung, ())))


def _differs(which: str, cell: str, expected: object, got: object) -> Iterator[str]:
    if expected != got:
        yield f"{which}: {cell}: expected {_text(expected)}, got {_text(got)}"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{count} {name}" for name, count in sorted(value.items())) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(each) for each in value) or "none"
    return str(value)
