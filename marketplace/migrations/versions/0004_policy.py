"""Editions of rule books, findings, sanctions"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0004_policy"
down_revision = "0003_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "book_edition",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("code", types.Name(), nullable=False, comment="code of the book: jiangxi-2023"),
        sa.Column("version", types.Name(), nullable=False),
        sa.Column("content_hash", types.Name(), nullable=False, comment="SHA-256 of the content"),
        sa.Column("name_zh", types.Name(), nullable=False),
        sa.Column("name_en", types.Name(), nullable=False),
        sa.Column("text", types.Name(), nullable=False, comment="the TOML as published"),
        sa.Column("parents", types.Json(), nullable=False, comment="extended books: code → TOML"),
        sa.Column("published_by", types.ID(), nullable=True, comment="person; empty: the installation"),
        sa.Column("published_by_name", types.Name(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("length(content_hash) = 64", name=op.f("book_edition_content_hash_is_sha256_hex")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_edition")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_book_edition_code_version")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_book_edition_content_hash")),
        sqlite_strict=True,
    )
    op.create_index("ix_book_edition_newest", "book_edition", ["code", "created_at", "id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("detector", types.Name(), nullable=False, comment="code of what found it: party.related"),
        sa.Column("severity", types.Choice(), nullable=False),
        sa.Column("clause", types.Name(), nullable=False),
        sa.Column("subject_kind", types.Name(), nullable=False),
        sa.Column("subject_id", types.Name(), nullable=False),
        sa.Column("fingerprint", types.Name(), nullable=False, comment="tells two suspicions of a thing apart"),
        sa.Column("city", types.Name(), nullable=False, comment="GB/T 2260 code of the prefecture city"),
        sa.Column("pilot_id", types.ID(), nullable=True, comment="where it concerns one pilot"),
        sa.Column("template", types.Name(), nullable=False, comment="Chinese source text of the sentence"),
        sa.Column("evidence", types.Json(), nullable=False, comment="the values of the sentence"),
        sa.Column("url", types.Name(), nullable=True, comment="page of the thing it is about"),
        sa.Column("owner_role", types.Choice(), nullable=False, comment="whose desk it lies on"),
        sa.Column("due", types.Day(), nullable=False),
        sa.Column("due_provisional", types.Flag(), nullable=False, comment="counted beyond known holidays"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("decision", types.Choice(), nullable=True),
        sa.Column("reason", types.Name(), nullable=True),
        sa.Column("decided_by", types.ID(), nullable=True, comment="person"),
        sa.Column("decided_by_name", types.Name(), nullable=True),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'decided') = (decision IS NOT NULL AND reason IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("finding_decided_iff_decision_and_reason"),
        ),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('confirmed', 'rectify', 'dismissed')", name=op.f("finding_decision_known")
        ),
        sa.CheckConstraint(
            "owner_role IN ('enterprise', 'provider', 'pilot', 'city', 'finance', 'expert', 'province', 'auditor', 'admin')",
            name=op.f("finding_owner_role_known"),
        ),
        sa.CheckConstraint("severity IN ('fail', 'warn')", name=op.f("finding_severity_known")),
        sa.CheckConstraint("state IN ('open', 'decided')", name=op.f("finding_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint(
            "detector",
            "subject_kind",
            "subject_id",
            "fingerprint",
            name=op.f("uq_finding_detector_subject_kind_subject_id_fingerprint"),
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_finding_pilot_state_due", "finding", ["pilot_id", "state", "due", "id"], unique=False)
    op.create_index("ix_finding_place_state_due", "finding", ["city", "state", "due", "id"], unique=False)
    op.create_index("ix_finding_subject", "finding", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "ban",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("subject_kind", types.Choice(), nullable=False),
        sa.Column("subject_id", types.Name(), nullable=False, comment="region code, or the organisation's id"),
        sa.Column("subject_name", types.Name(), nullable=False),
        sa.Column("city", types.Name(), nullable=True, comment="prefecture city of the subject, where it has one"),
        sa.Column("edition_id", types.ID(), nullable=True, comment="of a book's ban"),
        sa.Column("basis", types.Name(), nullable=False, comment="rule that was broken: book, call or scheme"),
        sa.Column("clause", types.Name(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True, comment="the decision as a document"),
        sa.Column("from_day", types.Day(), nullable=False),
        sa.Column("until_day", types.Day(), nullable=False, comment="last day, inclusive"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("imposed_by", types.ID(), nullable=True, comment="person"),
        sa.Column("imposed_by_name", types.Name(), nullable=False),
        sa.Column("lifted_by", types.ID(), nullable=True, comment="person"),
        sa.Column("lifted_at", types.Instant(), nullable=True),
        sa.Column("lift_reason", types.Name(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL AND lift_reason IS NOT NULL)",
            name=op.f("ban_lifted_iff_reason"),
        ),
        sa.CheckConstraint("state IN ('imposed', 'lifted')", name=op.f("ban_state_known")),
        sa.CheckConstraint("subject_kind IN ('organisation', 'region')", name=op.f("ban_subject_kind_known")),
        sa.CheckConstraint("from_day <= until_day", name=op.f("ban_ban_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["edition_id"], ["book_edition.id"], name=op.f("fk_ban_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ban")),
        sqlite_strict=True,
    )
    op.create_index("ix_ban_newest", "ban", ["created_at", "id"], unique=False)
    op.create_index("ix_ban_subject", "ban", ["subject_kind", "subject_id", "until_day"], unique=False)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("ban")
    op.drop_table("finding")
    op.drop_table("book_edition")
    # ### end Alembic commands ###
    # tables: end
