"""The search index: one narrow table for each kind of parameter, beside the resources' bytes.

Source: DESIGN §4, §7; FHIR R4 search.html. The person comes first in every key and index, so that
the rows lie with the resource that they belong to; directory entries have a person key of their
own. `position` numbers a resource's rows in a table, since they have no key of their own. Dates are
half-open spans in microseconds since 1970. Texts that are compared have the collation C, so that
both databases order them by code point. Long values are cut (hub/fhir/index_text.py) where an index
holds them. The order of the columns after `param` is that of hub.fhir.extract.IndexRows.
"""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String, Table, Text
from sqlalchemy.types import TypeEngine

from hub.store.schema.metadata import METADATA


def _text() -> TypeEngine[str]:
    return Text().with_variant(Text(collation="C"), "postgresql")


def _index(kind: str, *columns: Column[object], by: tuple[tuple[str, ...], ...]) -> Table:
    name = f"ix_{kind}"
    return Table(
        name,
        METADATA,
        Column("person", String(64), primary_key=True),
        Column("type", String(32), primary_key=True),
        Column("id", String(64), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("param", String(64), nullable=False),
        *columns,
        *(
            Index(f"ix_{name}_{'_'.join(each)}", "person", "type", "param", *each, "id")
            for each in by
        ),
    )


IX_TOKEN = _index(
    "token",
    Column("system", _text()),
    Column("code", _text()),
    Column("text", _text()),
    by=(("code", "system"),),
)
"""`text` is what people see of a code, for :text."""

IX_STRING = _index(
    "string",
    Column("start", _text(), nullable=False),
    Column("value", _text(), nullable=False),
    Column("exact", _text(), nullable=False),
    by=(("start",),),
)
"""`start` is the beginning of `value`, as long as an index can hold."""

IX_DATE = _index(
    "date",
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    by=(("low", "high"),),
)

IX_REFERENCE = _index(
    "reference",
    Column("target_type", String(64)),
    Column("target_id", _text()),
    Column("url", _text()),
    Column("system", _text()),
    Column("value", _text()),
    by=(("target_id", "target_type"), ("value", "system"), ("url",)),
)
"""A reference by type and id, by absolute URL or by identifier, as it was written."""

IX_QUANTITY = _index(
    "quantity",
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("unit", _text()),
    Column("system", _text()),
    Column("code", _text()),
    Column("base_low", Double),
    Column("base_high", Double),
    Column("dimension", String(32)),
    by=(("low", "high"), ("dimension", "base_low")),
)
"""`base_low`, `base_high`: the same in base units, where the unit can be compared with others."""

IX_NUMBER = _index(
    "number",
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    by=(("low", "high"),),
)

IX_URI = _index("uri", Column("value", _text(), nullable=False), by=(("value",),))

INDEX_TABLES = {
    "token": IX_TOKEN,
    "string": IX_STRING,
    "date": IX_DATE,
    "reference": IX_REFERENCE,
    "quantity": IX_QUANTITY,
    "number": IX_NUMBER,
    "uri": IX_URI,
}
"""By the kind of parameter, which is also the field of IndexRows."""
