"""Rows of one table placed under the rows of another that they name, and rows made into persons.

Rows that name nobody are of no person: they cannot be judged, are not kept and are counted.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from adapters.document import Note
from adapters.fitted.table_rows import joining_columns, rows_of, table_rows
from mappings.source_fit import Join, SourceProfile
from mappings.source_node import SourceNode

Key = tuple[str, ...]
PERSON = "person"
"""What a person that is made of rows is called."""


def join(top: SourceNode, profile: SourceProfile) -> list[Note]:
    """Place the rows of an export under their persons; return what could not be placed."""
    notes: list[Note] = []
    if profile.persons:
        notes += _persons(top, profile.persons)
    rows = {
        name: rows_of(top, name)
        for name in {n for each in profile.joins for n in (each.rows, each.under)}
    }
    for each in profile.joins:
        notes += _placed(top, each, rows)
    columns = joining_columns((each.rows, [own for own, _ in each.on]) for each in profile.joins)
    for node in top.walk() if columns else ():
        node.used.update(columns.get(node.name, ()))
    return notes


def _placed(top: SourceNode, each: Join, rows: dict[str, list[SourceNode]]) -> Iterator[Note]:
    there: dict[Key, list[SourceNode]] = defaultdict(list)
    for row in rows[each.under]:
        there[tuple(value_of(row, name) for _, name in each.on)].append(row)
    lost = several = 0
    moved: set[SourceNode] = set()
    for row in rows[each.rows]:
        key = tuple(value_of(row, name) for name, _ in each.on)
        found = there.get(key, []) if all(key) else []
        lost += not found
        several += len(found) > 1
        moved.add(row)
        row.parent = found[0] if len(found) == 1 else None
        if row.parent is not None:
            row.parent.children.append(row)
    _take_out(top, each.rows, moved)
    if lost:
        yield unplaced(lost, f"name no row of {each.under}", each.rows)
    if several:
        yield unplaced(several, f"name several rows of {each.under} alike", each.rows)


def unplaced(number: int, why: str, table: str) -> Note:
    """Return the note that counts rows which are of nobody."""
    text = (
        f"{number} rows {why}, so that they are of no known person; they are not kept: correct "
        f"joins.{table} in the profile, or the export, and send it again"
    )
    return Note("warning", "no-person-of-row", table, text)


def _take_out(top: SourceNode, table: str, moved: set[SourceNode]) -> None:
    holders = [top]
    for name in table_rows(table).table.split("/")[:-1]:
        holders = [child for node in holders for child in node.children if child.name == name]
    for holder in holders:
        holder.children = [child for child in holder.children if child not in moved]


def _persons(top: SourceNode, columns: Mapping[str, str]) -> Iterator[Note]:
    """Make a node `person` of all rows that have the same value; a row without one is counted."""
    made: dict[str, SourceNode] = {}
    for table, column in columns.items():
        lost = 0
        rows = rows_of(top, table)
        _take_out(top, table, set(rows))
        for row in rows:
            value = value_of(row, column)
            if not value:
                lost += 1
                continue
            person = made.get(value)
            if person is None:
                person = made[value] = SourceNode(PERSON, parent=top)
                top.children.append(person)
            row.parent = person
            person.children.append(row)
        if lost:
            yield unplaced(lost, "have no person number", table)


def value_of(row: SourceNode, name: str) -> str:
    """Return a row's value by the name of its column, attribute or element; "" without one.

    A path of names leads to one within it: `klient/nummer`.
    """
    if name in row.attributes:
        return row.attributes[name].strip()
    first, _, rest = name.partition("/")
    found = (child for child in row.children if child.name == first)
    if rest:
        return next((value for child in found if (value := value_of(child, rest))), "")
    return next((child.text.strip() for child in found), "")
