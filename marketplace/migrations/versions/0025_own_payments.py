"""Own payments: what the receipt of the enterprise's own payment says"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0025_own_payments"
down_revision = "0024_certificates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "own_payment",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("round", types.Count(), nullable=False),
        sa.Column("paid_on", types.Day(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("payer", types.Name(), nullable=False),
        sa.Column("receiver", types.Name(), nullable=False),
        sa.Column("reference", types.Name(), nullable=False, comment="the bank's number of the payment"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("amount_fen > 0", name=op.f("own_payment_something_paid")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim_form.claim_id"], name=op.f("fk_own_payment_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_payment")),
        sa.UniqueConstraint("claim_id", "round", name=op.f("uq_own_payment_claim_id_round")),
        sqlite_strict=True,
    )
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("own_payment")
    # ### end Alembic commands ###
    # tables: end
