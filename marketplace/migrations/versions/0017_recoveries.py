"""Recoveries: money that was paid wrongly comes back"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0017_recoveries"
down_revision = "0016_grants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "recovery",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("number", types.Name(), nullable=False, comment="as people say it"),
        sa.Column("claim_id", types.ID(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("debtor_id", types.ID(), nullable=False, comment="whoever was paid"),
        sa.Column("ground", types.Choice(), nullable=False),
        sa.Column("ground_id", types.ID(), nullable=True, comment="the finding, the invoice or the order"),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("received_fen", types.Fen(), nullable=False),
        sa.Column("reason", types.Name(), nullable=False, comment="the debtor reads it"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("opened_by", types.ID(), nullable=False, comment="person"),
        sa.Column("answer_by", types.Day(), nullable=False, comment="last working day to answer"),
        sa.Column("agrees", types.Flag(), nullable=True, comment="what the debtor says of it"),
        sa.Column("answer", types.Name(), nullable=False),
        sa.Column("answered_by", types.ID(), nullable=True, comment="person"),
        sa.Column("answered_at", types.Instant(), nullable=True),
        sa.Column("decided_by", types.ID(), nullable=True, comment="another person than the one who opened it"),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("decision", types.Name(), nullable=False, comment="why it was demanded or dropped"),
        sa.Column("pay_by", types.Day(), nullable=True, comment="last working day to pay back"),
        sa.Column("escalated_on", types.Day(), nullable=True, comment="when the city got a case of it"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(ground = 'inspection') = (ground_id IS NULL)", name=op.f("recovery_ground_named_unless_inspection")
        ),
        sa.CheckConstraint("(state = 'opened') = (decided_by IS NULL)", name=op.f("recovery_opened_iff_undecided")),
        sa.CheckConstraint(
            "(state = 'settled') = (received_fen = amount_fen)", name=op.f("recovery_settled_iff_all_received")
        ),
        sa.CheckConstraint(
            "(state IN ('demanded', 'settled')) = (pay_by IS NOT NULL)", name=op.f("recovery_demanded_until_a_day")
        ),
        sa.CheckConstraint(
            "ground IN ('finding', 'invoice', 'dispute', 'inspection')", name=op.f("recovery_ground_known")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("recovery_has_its_reason")),
        sa.CheckConstraint("state IN ('opened', 'demanded', 'settled', 'dropped')", name=op.f("recovery_state_known")),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("recovery_answered_by_and_when")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("recovery_decided_by_and_when")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("recovery_amount_positive")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> opened_by", name=op.f("recovery_four_eyes")),
        sa.CheckConstraint(
            "received_fen >= 0 AND received_fen <= amount_fen", name=op.f("recovery_received_within_amount")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim_form.claim_id"], name=op.f("fk_recovery_claim_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["organisation.id"], name=op.f("fk_recovery_debtor_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_recovery_fund_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_recovery_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("number", name=op.f("uq_recovery_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_recovery_city_newest", "recovery", ["city", "created_at", "id"], unique=False)
    op.create_index("ix_recovery_debtor_newest", "recovery", ["debtor_id", "created_at", "id"], unique=False)
    op.create_index("ix_recovery_pay_by", "recovery", ["pay_by"], unique=False)
    op.create_index("ix_recovery_pilot_newest", "recovery", ["pilot_id", "created_at", "id"], unique=False)
    op.create_index(
        "uq_recovery_living",
        "recovery",
        ["claim_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('opened', 'demanded')"),
        postgresql_where=sa.text("state IN ('opened', 'demanded')"),
    )
    op.create_table(
        "recovery_part",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("recovery_id", types.ID(), nullable=False),
        sa.Column("redemption_id", types.Count(), nullable=False),
        sa.Column("entry_id", types.Count(), nullable=False, comment="the ledger's clawback"),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("received_fen", types.Fen(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "amount_fen > 0 AND received_fen >= 0 AND received_fen <= amount_fen",
            name=op.f("recovery_part_within_amount"),
        ),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_part_recovery_id")),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemption.entry_id"], name=op.f("fk_recovery_part_redemption_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_part")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_recovery_part_entry_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_recovery_part_recovery", "recovery_part", ["recovery_id", "entry_id"], unique=False)
    op.create_table(
        "recovery_receipt",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("recovery_id", types.ID(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("bank_reference", types.Name(), nullable=False),
        sa.Column("received_on", types.Day(), nullable=False, comment="the bank's day"),
        sa.Column("recorded_by", types.ID(), nullable=False, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("bank_reference <> ''", name=op.f("recovery_receipt_has_its_reference")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("recovery_receipt_amount_positive")),
        sa.ForeignKeyConstraint(["recovery_id"], ["recovery.id"], name=op.f("fk_recovery_receipt_recovery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_receipt")),
        sa.UniqueConstraint(
            "recovery_id", "bank_reference", name=op.f("uq_recovery_receipt_recovery_id_bank_reference")
        ),
        sqlite_strict=True,
    )
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("recovery_receipt")
    op.drop_table("recovery_part")
    op.drop_table("recovery")
    # ### end Alembic commands ###
    # tables: end
