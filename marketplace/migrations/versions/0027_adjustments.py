"""Year end and corrections: what one person proposes and another books"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0027_adjustments"
down_revision = "0026_year_end"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "adjustment",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("kind", types.Choice(), nullable=False),
        sa.Column("line_id", types.ID(), nullable=True),
        sa.Column("closes_on", types.Day(), nullable=True, comment="last day of the new period"),
        sa.Column("entry_id", types.Count(), nullable=True, comment="the movement that is taken back"),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("happened_on", types.Day(), nullable=True, comment="the bank's day"),
        sa.Column("bank_reference", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=True, comment="the bank's paper"),
        sa.Column("reason", types.Name(), nullable=False),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("proposed_by", types.ID(), nullable=False, comment="person"),
        sa.Column("decided_by", types.ID(), nullable=True, comment="person: another one, or who withdrew it"),
        sa.Column("decided_at", types.Instant(), nullable=True),
        sa.Column("answer", types.Name(), nullable=False, comment="of the second person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(kind = 'carry') = (closes_on IS NOT NULL)", name=op.f("adjustment_new_period_iff_carried")
        ),
        sa.CheckConstraint("(kind = 'correct') = (entry_id IS NOT NULL)", name=op.f("adjustment_entry_iff_corrected")),
        sa.CheckConstraint(
            "(kind IN ('close', 'carry')) = (line_id IS NOT NULL)", name=op.f("adjustment_line_iff_of_a_line")
        ),
        sa.CheckConstraint(
            "(kind IN ('interest', 'remit', 'return')) = (happened_on IS NOT NULL AND bank_reference <> '')",
            name=op.f("adjustment_bank_paper_iff_at_bank"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)", name=op.f("adjustment_proposed_iff_undecided")
        ),
        sa.CheckConstraint(
            "kind IN ('close', 'carry', 'interest', 'remit', 'return', 'correct')", name=op.f("adjustment_kind_known")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("adjustment_has_its_reason")),
        sa.CheckConstraint(
            "state IN ('proposed', 'booked', 'declined', 'withdrawn', 'corrected')", name=op.f("adjustment_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('booked', 'corrected', 'declined') OR decided_by <> proposed_by",
            name=op.f("adjustment_four_eyes"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('declined', 'withdrawn') OR answer <> ''", name=op.f("adjustment_a_no_has_its_reason")
        ),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("adjustment_decided_by_and_when")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("adjustment_amount_positive")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_adjustment_document_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["fund_entry.id"], name=op.f("fk_adjustment_entry_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_adjustment_fund_id")),
        sa.ForeignKeyConstraint(["line_id"], ["budget_line.id"], name=op.f("fk_adjustment_line_id")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_adjustment_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    op.create_index("ix_adjustment_city_newest", "adjustment", ["city", "created_at", "id"], unique=False)
    op.create_index("ix_adjustment_pilot_newest", "adjustment", ["pilot_id", "created_at", "id"], unique=False)
    op.create_index(
        "uq_adjustment_bank_reference",
        "adjustment",
        ["fund_id", "bank_reference"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'booked') AND bank_reference <> ''"),
        postgresql_where=sa.text("state IN ('proposed', 'booked') AND bank_reference <> ''"),
    )
    op.create_index(
        "uq_adjustment_entry",
        "adjustment",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'booked')"),
        postgresql_where=sa.text("state IN ('proposed', 'booked')"),
    )
    op.create_index(
        "uq_adjustment_line_waiting",
        "adjustment",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    # tables: end


def downgrade() -> None:
    op.drop_table("adjustment")
