"""samvy mappings check: the tables that turn documents into FHIR, checked.

Source: INTERFACES, Commands; DESIGN P6 (every element of a contract is mapped or left out with a
reason).
"""

import json
import sys
from typing import Annotated

import typer

from hub.cli.opening import JsonOption
from mappings import shape, tables
from mappings.located_yaml import TableError


def mappings_check(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="tables such as rivta/get_diagnosis_2; otherwise all"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check that every element of each contract's shape is mapped or left out with a reason."""
    wrong = False
    for name in names or tables.names():
        row = _checked(name)
        wrong = wrong or bool(row["problems"])
        sys.stdout.write((json.dumps(row, ensure_ascii=False) if as_json else _lines(row)) + "\n")
    if wrong:
        raise typer.Exit(1)


def _checked(name: str) -> dict[str, object]:
    """Return what there is to say of one table: its contract, its elements and its problems."""
    try:
        table = tables.load(name)
    except TableError as error:
        return {"table": name, "contract": None, "elements": None, "problems": [str(error)]}
    found, known = shape.gaps(table), shape.leaves(name)
    return {
        "table": name,
        "contract": table.contract,
        "elements": None if known is None else len(known),
        "left_out": len(table.left_out),
        "problems": [f"{each.path} {each.text}" for each in found or ()],
    }


def _lines(row: dict[str, object]) -> str:
    problems = row["problems"]
    assert isinstance(problems, list)  # noqa: S101 - made above
    if problems:
        return "\n".join(f"{row['table']}: {each}" for each in problems)
    if row["elements"] is None:
        return f"{row['table']} ({row['contract']}): sound; no published shape to hold it to"
    return (
        f"{row['table']} ({row['contract']}): all {row['elements']} elements are mapped or left out"
    )
