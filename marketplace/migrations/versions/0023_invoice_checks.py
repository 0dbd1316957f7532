"""Invoice checks: what the tax service answered about an invoice"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0023_invoice_checks"
down_revision = "0022_password_resets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "invoice_check",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("invoice_id", types.ID(), nullable=False),
        sa.Column("asked_on", types.Day(), nullable=False, comment="when the service was asked"),
        sa.Column("result", types.Choice(), nullable=False),
        sa.Column("note", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False, comment="the answer as it was shown"),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "result IN ('valid', 'not_found', 'mismatch', 'void', 'red_pending', 'red_part', 'red_flushed')",
            name=op.f("invoice_check_result_known"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_invoice_check_document_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_check_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_check")),
        sqlite_strict=True,
    )
    op.create_index("ix_invoice_check_invoice", "invoice_check", ["invoice_id", "asked_on"], unique=False)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("invoice_check")
    # ### end Alembic commands ###
    # tables: end
