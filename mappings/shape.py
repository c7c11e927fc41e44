"""The shapes of contracts, as compact facts, and what of a shape a table neither takes nor leaves.

A file `shapes/<table>.txt` has one element a line, nested by blanks; "^x" after a name says that
the element is of the same kind as the x that it stands within, however deep. The facts are made
from the published schemas.

Source: DESIGN P6 (every element of a contract is mapped or left out with a reason).
"""

from dataclasses import dataclass
from pathlib import Path

from mappings.coverage import missing
from mappings.engine import Table

FOLDER = Path(__file__).parent / "shapes"
_WITHIN = "^"


@dataclass(frozen=True, slots=True)
class Gap:
    """What is amiss between a table and its contract's shape: a path, and what is wrong with it."""

    path: str
    text: str


def leaves(name: str) -> list[str] | None:
    """Return the leaf paths of the record that a table reads; None where its shape is unknown.

    An element of the kind of one that it stands within gives the leaves of that once more.
    """
    path = FOLDER / f"{name}.txt"
    if not path.is_file():
        return None
    lines = [each for each in path.read_text("utf-8").splitlines() if each and each[0] != "#"]
    above: list[str] = []
    found: list[str] = []
    again: list[tuple[str, str]] = []
    for number, line in enumerate(lines):
        text = line.lstrip(" ")
        depth = len(line) - len(text)
        own, _, mark = text.partition(" ")
        above[depth:] = [own]
        at = "/".join(above)
        if mark.startswith(_WITHIN):
            kind = len(above) - 1 - above[::-1].index(mark.removeprefix(_WITHIN))
            again.append((at, "/".join(above[: kind + 1])))
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if len(following) - len(following.lstrip(" ")) <= depth:
            found.append(at)
    for at, kind_at in again:
        below = [each for each in found if each.startswith(f"{kind_at}/")]
        found += [f"{at}/{each.removeprefix(f'{kind_at}/')}" for each in below]
    return found


def gaps(table: Table) -> list[Gap] | None:
    """Return where a table and its contract's shape differ; None where the shape is unknown."""
    found = leaves(table.name)
    if found is None:
        return None
    lacking = [
        Gap(path, "is neither mapped nor left out with a reason")
        for path in missing(table.known, found)
    ]
    odd = [
        Gap(path, "is left out, and the contract has no such element")
        for path in table.left_out
        if not any(_holds(path.removesuffix("/*"), each) for each in found)
    ]
    return lacking + odd


def _holds(stem: str, path: str) -> bool:
    return path == stem or path.startswith(f"{stem}/")
