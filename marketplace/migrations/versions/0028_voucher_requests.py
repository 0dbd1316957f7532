"""Requests for vouchers, and what each office made of them"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0028_voucher_requests"
down_revision = "0027_adjustments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "voucher_request",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("scheme_id", types.ID(), nullable=False),
        sa.Column("version_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("wanted_fen", types.Fen(), nullable=False, comment="face that is asked for, fen"),
        sa.Column("planned_fen", types.Fen(), nullable=False, comment="what the enterprise means to spend, fen"),
        sa.Column("purpose", types.Name(), nullable=False, comment="what it will be used for"),
        sa.Column("document_id", types.ID(), nullable=True, comment="plan or contract"),
        sa.Column(
            "promised_at",
            types.Instant(),
            nullable=False,
            comment="when the enterprise promised that all is true and nobody else pays for it",
        ),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("round", types.Count(), nullable=False, comment="how often it was submitted"),
        sa.Column("submitted_at", types.Instant(), nullable=False),
        sa.Column("submitted_by", types.ID(), nullable=False, comment="person"),
        sa.Column("due_on", types.Day(), nullable=True, comment="last working day of the desk it lies on"),
        sa.Column("granted_fen", types.Fen(), nullable=True, comment="face that the last desk agreed to, fen"),
        sa.Column("voucher_id", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'granted') = (voucher_id IS NOT NULL)", name=op.f("voucher_request_voucher_iff_granted")
        ),
        sa.CheckConstraint(
            "(state IN ('submitted', 'reviewed')) = (due_on IS NOT NULL)",
            name=op.f("voucher_request_due_iff_on_a_desk"),
        ),
        sa.CheckConstraint("purpose <> ''", name=op.f("voucher_request_has_its_purpose")),
        sa.CheckConstraint(
            "state IN ('submitted', 'reviewed', 'returned', 'granted', 'rejected', 'withdrawn')",
            name=op.f("voucher_request_state_known"),
        ),
        sa.CheckConstraint(
            "granted_fen IS NULL OR granted_fen BETWEEN 1 AND wanted_fen",
            name=op.f("voucher_request_granted_within_wanted"),
        ),
        sa.CheckConstraint("planned_fen >= wanted_fen", name=op.f("voucher_request_wanted_within_planned")),
        sa.CheckConstraint("round > 0", name=op.f("voucher_request_round_from_one")),
        sa.CheckConstraint("wanted_fen > 0", name=op.f("voucher_request_wanted_positive")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_voucher_request_document_id")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_voucher_request_enterprise_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_voucher_request_pilot_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_voucher_request_scheme_id")),
        sa.ForeignKeyConstraint(["version_id"], ["scheme_version.id"], name=op.f("fk_voucher_request_version_id")),
        sa.ForeignKeyConstraint(["voucher_id"], ["voucher.commitment_id"], name=op.f("fk_voucher_request_voucher_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_request")),
        sa.UniqueConstraint("number", name=op.f("uq_voucher_request_number")),
        sa.UniqueConstraint("voucher_id", name=op.f("uq_voucher_request_voucher_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_voucher_request_city_newest", "voucher_request", ["city", "created_at", "id"], unique=False)
    op.create_index(
        "ix_voucher_request_enterprise_newest", "voucher_request", ["enterprise_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_voucher_request_pilot_newest", "voucher_request", ["pilot_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_voucher_request_open",
        "voucher_request",
        ["enterprise_id", "scheme_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('submitted', 'reviewed', 'returned')"),
        postgresql_where=sa.text("state IN ('submitted', 'reviewed', 'returned')"),
    )
    op.create_table(
        "voucher_request_review",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("request_id", types.ID(), nullable=False),
        sa.Column("round", types.Count(), nullable=False),
        sa.Column("desk", types.Choice(), nullable=False),
        sa.Column("verdict", types.Choice(), nullable=False),
        sa.Column("agreed_fen", types.Fen(), nullable=True, comment="face that was agreed to, fen"),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("notes", types.Json(), nullable=False, comment="field → what to correct"),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("due_on", types.Day(), nullable=True, comment="until when it was to be decided"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(verdict = 'approved') = (agreed_fen IS NOT NULL)", name=op.f("voucher_request_review_agreed_iff_approved")
        ),
        sa.CheckConstraint("desk IN ('pilot', 'city')", name=op.f("voucher_request_review_desk_known")),
        sa.CheckConstraint(
            "verdict = 'approved' OR reason <> ''", name=op.f("voucher_request_review_a_no_has_its_reason")
        ),
        sa.CheckConstraint(
            "verdict IN ('approved', 'returned', 'rejected')", name=op.f("voucher_request_review_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["voucher_request.id"], name=op.f("fk_voucher_request_review_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_request_review")),
        sa.UniqueConstraint(
            "request_id", "round", "desk", name=op.f("uq_voucher_request_review_request_id_round_desk")
        ),
        sqlite_strict=True,
    )
    # tables: end


def downgrade() -> None:
    op.drop_table("voucher_request_review")
    op.drop_table("voucher_request")
