"""Payments that the bank made after it had refused them"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0018_late_payments"
down_revision = "0017_recoveries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_payment",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("batch_id", types.ID(), nullable=False, comment="of this one payment; sends no file"),
        sa.Column("attempt_id", types.ID(), nullable=False, comment="the one that was told as failed"),
        sa.Column("bank_reference", types.Name(), nullable=False),
        sa.Column("paid_on", types.Day(), nullable=False, comment="the bank's day"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("bank_reference <> ''", name=op.f("late_payment_has_its_reference")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payout_attempt.id"], name=op.f("fk_late_payment_attempt_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name=op.f("fk_late_payment_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_payment")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_late_payment_attempt_id")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_late_payment_batch_id")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("late_payment")
