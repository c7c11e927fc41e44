"""Where R4's own examples are on this machine, and what two forms of a resource must share.

They come with `npm ci` in tests/node (npm's hl7.fhir.r4.examples, CC0), or SAMVY_FHIR_EXAMPLES
names the folder of that package.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hub.fhir.definitions import TYPES_IN_USE

PACKAGE = Path(__file__).parents[2] / "node" / "node_modules" / "hl7.fhir.r4.examples"
SETTING = "SAMVY_FHIR_EXAMPLES"
LARGEST = 1_000_000
AGAINST_R4 = {"MedicationRequest-medrx0301.json", "Observation-clinical-gender.json"}
"""Examples that refer to a type that their own definition does not let them refer to."""


def folder() -> Path:
    """The folder of the examples; the test is skipped where there is none."""
    found = Path(os.environ.get(SETTING, PACKAGE))
    if not found.is_dir():
        pytest.skip(f"R4's examples are not here: npm ci in tests/node, or name them in {SETTING}")
    return found


def examples(*types: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every example of these types, of all types in use where none is named."""
    wanted = types or TYPES_IN_USE
    for path in sorted(folder().glob("*.json")):
        if path.name.partition("-")[0] in wanted and path.stat().st_size <= LARGEST:
            yield path.name, path.read_bytes()


def values(written: bytes) -> Any:  # noqa: ANN401 -- JSON
    """JSON with every number as it was written, and narratives as canonical XML says them."""
    return _canonical(json.loads(written, parse_float=_Digits, parse_int=_Digits))


class _Digits(str):
    """A number by its digits: 1.0 is not 1.00, and not "1.0"."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Digits) and str(self) == str(other)

    __hash__ = str.__hash__


def _canonical(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        return {
            name: etree.canonicalize(each) if name == "div" else _canonical(each)
            for name, each in value.items()
        }
    return [_canonical(each) for each in value] if isinstance(value, list) else value
