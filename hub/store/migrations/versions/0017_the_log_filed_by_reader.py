"""The log's search terms are filed under each reader, by what that reader may read (DESIGN §6).

They are made again from the records, in the order of the tree. What files them is written here as
it was when the table changed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0014"
BATCH = 1000
ROWS = sa.text(
    "SELECT t.leaf_index, r.payload FROM audit_tree t JOIN audit_record r"
    " ON r.chain = t.chain AND r.position = t.position"
    " WHERE t.leaf_index > :after AND r.payload IS NOT NULL ORDER BY t.leaf_index LIMIT :most"
)
NEW = sa.text("INSERT INTO audit_term (term, at, leaf_index) VALUES (:term, :at, :leaf_index)")


def upgrade() -> None:
    """File every record of the tree anew."""
    op.drop_table("audit_term")
    op.create_table(
        "audit_term",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "at", "leaf_index", name=op.f("pk_audit_term")),
    )
    op.create_index("ix_audit_term_leaf", "audit_term", ["leaf_index"])
    connection, after = op.get_bind(), -1
    while rows := connection.execute(ROWS, {"after": after, "most": BATCH}).all():
        after = rows[-1].leaf_index
        filed = [new for row in rows for new in _filed(json.loads(row.payload), row.leaf_index)]
        if filed:
            connection.execute(NEW, filed)


def downgrade() -> None:
    """Leave the terms empty, as they were made: a search of the log then finds new records only."""
    op.drop_table("audit_term")
    op.create_table(
        "audit_term",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "at", "leaf_index", name=op.f("pk_audit_term")),
    )
    op.create_index("ix_audit_term_leaf", "audit_term", ["leaf_index"])


def _filed(payload: dict[str, Any], leaf: int) -> Iterator[dict[str, int]]:
    since = datetime.fromisoformat(payload["recorded"]) - datetime(1970, 1, 1, tzinfo=UTC)
    at = since // timedelta(microseconds=1)
    own, person = payload.get("organisation"), payload.get("person")
    owners = {each["owner"] for each in payload.get("shown", ())}
    for rung in payload.get("rungs", ()):
        owners.update(rung.get("organisations", ()))
    owners -= {"samvy"}
    if own is None and (person is None or payload.get("user", "").startswith("os:")):
        own = "samvy"
    keys = {_key(person, "record", "")} if person else set()
    for reader in {*owners, own} - {None}:
        seen = owners if reader in (own, person) else {reader}
        terms = {("record", ""), *(("owner", each) for each in seen)}
        terms |= {("concerns", each) for each in {*seen, own} - {None}}
        terms |= {("ground", each) for each in payload.get("grounds", ())}
        terms |= {("flag", each) for each in payload.get("flags", ())}
        single = ("person", "user", "unit", "purpose", "action", "outcome")
        terms |= {(name, payload[name]) for name in single if payload.get(name)}
        terms -= {("outcome", "permit"), ("outcome", "partial")}
        keys |= {_key(reader, *term) for term in terms}
    yield from ({"term": each, "at": at, "leaf_index": leaf} for each in keys)


def _key(reader: str, kind: str, value: str) -> int:
    text = f"{reader}\x1f{kind}\x1f{value}"
    return int.from_bytes(
        sha256(text.encode("utf-8", "backslashreplace")).digest()[:8], signed=True
    )
