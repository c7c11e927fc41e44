"""Search terms apart for each kind of access; accesses that a reviewer puts on the worklist.

The terms are made again from the records, in the order of the tree (docs/decisions/0026). What
files them is written here as it was when the table changed. On the worklist what lacks evidence
comes before all else from now on.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
BATCH = 1000
ROWS = sa.text(
    "SELECT t.leaf_index, r.payload FROM audit_tree t JOIN audit_record r"
    " ON r.chain = t.chain AND r.position = t.position"
    " WHERE t.leaf_index > :after AND r.payload IS NOT NULL ORDER BY t.leaf_index LIMIT :most"
)
NEW = sa.text("INSERT INTO audit_term (term, at, leaf_index) VALUES (:term, :at, :leaf_index)")
FIRST = 100
MOVED = sa.text(
    "UPDATE review_item SET rank = rank + :first WHERE reasons LIKE '%same-%'"
    " OR reasons LIKE '%-relation%' OR reasons LIKE '%colleague%' OR reasons LIKE '%mass-lookups%'"
    " OR reasons LIKE '%rule-error%' OR reasons LIKE '%not-tried%' OR reasons LIKE '%night%'"
)
KIND = sa.text("INSERT INTO audit_kind (reader, kind) VALUES (:reader, :kind)")


def upgrade() -> None:
    """File every record of the tree anew."""
    _empty()
    op.create_table(
        "audit_kind",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "kind", name=op.f("pk_audit_kind")),
    )
    op.create_table(
        "review_addition",
        sa.Column("person", sa.String(length=256), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("reviewer", sa.String(length=256), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "person", "record", "organisation", name=op.f("pk_review_addition")
        ),
    )
    op.create_index("ix_review_item_record", "review_item", ["record"])
    op.get_bind().execute(MOVED, {"first": FIRST})
    connection, after, known = op.get_bind(), -1, set[tuple[str, str]]()
    while rows := connection.execute(ROWS, {"after": after, "most": BATCH}).all():
        after = rows[-1].leaf_index
        filed: list[dict[str, int]] = []
        kinds = set[tuple[str, str]]()
        for row in rows:
            payload = json.loads(row.payload)
            kind = _kind(payload)
            filed += _filed(payload, row.leaf_index, kind)
            kinds.update((reader, kind) for reader in _readers(payload))
        if filed:
            connection.execute(NEW, filed)
        if new := kinds - known:
            connection.execute(KIND, [{"reader": r, "kind": k} for r, k in sorted(new)])
        known |= kinds


def downgrade() -> None:
    """Leave the terms empty, as they were made: a search of the log then finds new records only."""
    _empty()
    op.drop_table("audit_kind")
    op.drop_table("review_addition")
    op.drop_index("ix_review_item_record", "review_item")
    op.get_bind().execute(MOVED, {"first": -FIRST})


def _empty() -> None:
    op.drop_table("audit_term")
    op.create_table(
        "audit_term",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "at", "leaf_index", name=op.f("pk_audit_term")),
    )
    op.create_index("ix_audit_term_leaf", "audit_term", ["leaf_index"])


def _filed(payload: dict[str, Any], leaf: int, kind: str) -> Iterator[dict[str, int]]:
    since = datetime.fromisoformat(payload["recorded"]) - datetime(1970, 1, 1, tzinfo=UTC)
    at = since // timedelta(microseconds=1)
    person, own = payload.get("person"), _own(payload)
    keys = {_key(person, "record", "", "")} if person else set()
    for reader in _readers(payload):
        seen = _owners(payload) if reader in (own, person) else {reader}
        terms = {("record", ""), *(("owner", each) for each in seen)}
        concerned = seen | ({own} if own else set())
        terms |= {("concerns", each) for each in concerned - {reader}}
        terms |= {(name, payload[name]) for name in ("user", "unit") if payload.get(name)}
        keys |= {_key(reader, *term, kind) for term in terms}
        if person:
            keys.add(_key(reader, "person", person, ""))
    yield from ({"term": each, "at": at, "leaf_index": leaf} for each in keys)


def _own(payload: dict[str, Any]) -> str | None:
    own, person = payload.get("organisation"), payload.get("person")
    if own is None and (person is None or payload.get("user", "").startswith("os:")):
        return "samvy"
    return own


def _owners(payload: dict[str, Any]) -> set[str]:
    owners = {each["owner"] for each in payload.get("shown", ())}
    for rung in payload.get("rungs", ()):
        owners.update(rung.get("organisations", ()))
    return owners - {"samvy"}


def _readers(payload: dict[str, Any]) -> set[str]:
    own = _own(payload)
    return _owners(payload) | ({own} if own else set())


def _kind(payload: dict[str, Any]) -> str:
    single = (payload.get(name) for name in ("action", "outcome", "purpose"))
    several = (sorted(set(payload.get(name, ()))) for name in ("grounds", "flags"))
    return json.dumps(
        (*([each] if each else [] for each in single), *several), separators=(",", ":")
    )


def _key(reader: str, term: str, value: str, kind: str) -> int:
    text = f"{reader}\x1f{term}\x1f{value}\x1f{kind}"
    return int.from_bytes(
        sha256(text.encode("utf-8", "backslashreplace")).digest()[:8], signed=True
    )
