"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _log()
    _persons()
    _directory()
    _resources()
    _parts()
    _search()
    _sessions()
    _settings()


def downgrade() -> None:
    """Drop every table, those that point at others first."""
    for table in _TABLES:
        op.drop_table(table)


_TABLES = (
    "resource_version",
    "audit_record",
    "unreadable_delivery",
    "staff",
    "source_part",
    "source",
    "setting",
    "resource",
    "reading_session",
    "person_link",
    "person_counter",
    "page_set",
    "organisation_counter",
    "organisation",
    "ix_uri",
    "ix_token",
    "ix_string",
    "ix_reference",
    "ix_quantity",
    "ix_number",
    "ix_date",
    "issuer_key",
    "identity",
    "fact",
    "audit_tree",
    "audit_key",
    "audit_checkpoint",
    "audit_chain",
)


def _log() -> None:
    """The log: chains, tree, checkpoints and keys."""
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("started", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed", sa.String(length=27), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_key",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_key")),
    )
    op.create_table(
        "audit_tree",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_audit_tree")),
        sa.UniqueConstraint("chain", "position", name=op.f("uq_audit_tree_chain_position")),
    )
    op.create_table(
        "audit_record",
        sa.Column("chain", sa.String(length=16), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("recorded", sa.String(length=27), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["chain"], ["audit_chain.id"], name=op.f("fk_audit_record_chain")),
        sa.PrimaryKeyConstraint("chain", "position", name=op.f("pk_audit_record")),
    )
    op.create_index("ix_audit_record_person_recorded", "audit_record", ["person", "recorded"])
    op.create_index("ix_audit_record_user_recorded", "audit_record", ["user_id", "recorded"])


def _persons() -> None:
    """Persons: identities, links, facts, counters."""
    op.create_table(
        "fact",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("person", "id", "recorded_from", name=op.f("pk_fact")),
    )
    op.create_table(
        "identity",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person", "system", "value", name=op.f("pk_identity")),
    )
    op.create_table(
        "person_counter",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_counter")),
    )
    op.create_table(
        "person_link",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        sa.Column("first", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("person", "recorded_from", name=op.f("pk_person_link")),
    )
    op.create_index("ix_person_link_first", "person_link", ["first"])


def _directory() -> None:
    """Organisations, staff and sources, with their history."""
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_organisation")),
    )
    op.create_table(
        "organisation_counter",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_organisation_counter")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "recorded_from", name=op.f("pk_source")),
    )
    op.create_table(
        "staff",
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("recorded_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_to", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "id", "recorded_from", name=op.f("pk_staff")),
    )
    op.create_index("ix_staff_id", "staff", ["id"])


def _resources() -> None:
    """Resources and their versions."""
    op.create_table(
        "resource",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_updated", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("masked_body", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("authority", sa.String(length=64), nullable=True),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("process", sa.String(length=64), nullable=True),
        sa.Column("regime", sa.String(length=16), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=True),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("info_type", sa.String(length=32), nullable=False),
        sa.Column("date_from", sa.BigInteger(), nullable=True),
        sa.Column("date_to", sa.BigInteger(), nullable=True),
        sa.Column("collected_for", sa.String(length=16), nullable=False),
        sa.Column("per_person_file", sa.Boolean(), nullable=False),
        sa.Column("informed", sa.Boolean(), nullable=False),
        sa.Column("availability", sa.String(length=8), nullable=False),
        sa.Column("available_since", sa.BigInteger(), nullable=True),
        sa.Column("secret_from_person", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("masks", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=True),
        sa.Column("contract", sa.String(length=64), nullable=True),
        sa.Column("part", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("person", "type", "id", name=op.f("pk_resource")),
    )
    op.create_index("ix_resource_owner", "resource", ["owner"])
    op.create_index("ix_resource_person_last_updated", "resource", ["person", "last_updated", "id"])
    op.create_index("ix_resource_person_source_record", "resource", ["person", "source", "record"])
    op.create_index("ix_resource_type_id", "resource", ["type", "id"])
    op.create_table(
        "resource_version",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_updated", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("masked_body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person", "type", "id"],
            ["resource.person", "resource.type", "resource.id"],
            name=op.f("fk_resource_version_person_type_id"),
        ),
        sa.PrimaryKeyConstraint(
            "person", "type", "id", "version", name=op.f("pk_resource_version")
        ),
    )


def _parts() -> None:
    """Source parts, and what remains of deliveries that could not be read."""
    op.create_table(
        "source_part",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("adapter", sa.String(length=32), nullable=False),
        sa.Column("contract", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", "id", name=op.f("pk_source_part")),
    )
    op.create_index(
        "ix_source_part_person_source", "source_part", ["person", "source", "content_hash"]
    )
    op.create_index("ix_source_part_state", "source_part", ["state", "received"])
    op.create_table(
        "unreadable_delivery",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("adapter", sa.String(length=32), nullable=True),
        sa.Column("keyed_hash", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable_delivery")),
    )


def _search() -> None:
    """The search index."""
    op.create_table(
        "ix_date",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_date")),
    )
    op.create_index(
        "ix_ix_date_low_high", "ix_date", ["person", "type", "param", "low", "high", "id"]
    )
    op.create_table(
        "ix_number",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_number")),
    )
    op.create_index(
        "ix_ix_number_low_high", "ix_number", ["person", "type", "param", "low", "high", "id"]
    )
    op.create_table(
        "ix_quantity",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column(
            "unit", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "system", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column("base_low", sa.Double(), nullable=True),
        sa.Column("base_high", sa.Double(), nullable=True),
        sa.Column("dimension", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_quantity")),
    )
    op.create_index(
        "ix_ix_quantity_dimension_base_low",
        "ix_quantity",
        ["person", "type", "param", "dimension", "base_low", "id"],
    )
    op.create_index(
        "ix_ix_quantity_low_high", "ix_quantity", ["person", "type", "param", "low", "high", "id"]
    )
    op.create_table(
        "ix_reference",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("target_type", sa.String(length=64), nullable=True),
        sa.Column(
            "target_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "url", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "system", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "value", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_reference")),
    )
    op.create_index(
        "ix_ix_reference_target_id_target_type",
        "ix_reference",
        ["person", "type", "param", "target_id", "target_type", "id"],
    )
    op.create_index("ix_ix_reference_url", "ix_reference", ["person", "type", "param", "url", "id"])
    op.create_index(
        "ix_ix_reference_value_system",
        "ix_reference",
        ["person", "type", "param", "value", "system", "id"],
    )
    op.create_table(
        "ix_string",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column(
            "start", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "value", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "exact", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_string")),
    )
    op.create_index("ix_ix_string_start", "ix_string", ["person", "type", "param", "start", "id"])
    op.create_table(
        "ix_token",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column(
            "system", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "code", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.Column(
            "text", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=True
        ),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_token")),
    )
    op.create_index(
        "ix_ix_token_code_system", "ix_token", ["person", "type", "param", "code", "system", "id"]
    )
    op.create_table(
        "ix_uri",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column(
            "value", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.PrimaryKeyConstraint("person", "type", "id", "position", name=op.f("pk_ix_uri")),
    )
    op.create_index("ix_ix_uri_value", "ix_uri", ["person", "type", "param", "value", "id"])


def _sessions() -> None:
    """Reading sessions and pages."""
    op.create_table(
        "page_set",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "id", name=op.f("pk_page_set")),
    )
    op.create_index("ix_page_set_expires", "page_set", ["expires"])
    op.create_index("ix_page_set_id", "page_set", ["id"])
    op.create_table(
        "reading_session",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", "id", name=op.f("pk_reading_session")),
    )
    op.create_index("ix_reading_session_expires", "reading_session", ["expires"])
    op.create_index("ix_reading_session_id", "reading_session", ["id"])


def _settings() -> None:
    """What a store remembers about itself."""
    op.create_table(
        "issuer_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_key")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
