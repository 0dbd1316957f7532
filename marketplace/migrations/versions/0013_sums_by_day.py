"""Sums by day of fund entries and of spenders too, and how far each table's sums reach by transaction number"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0013_sums_by_day"
down_revision = "0012_signed_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snapshot_horizon",
        sa.Column("source", types.Name(), nullable=False, comment="the table that was summed"),
        sa.Column("cluster", types.Name(), nullable=False, comment="system identifier of the database cluster"),
        sa.Column("floor_id", types.Count(), nullable=False, comment="the last id when the sums were begun"),
        sa.Column("reached", types.Count(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_snapshot_horizon")),
        sqlite_strict=True,
    )
    op.create_table(
        "fund_snapshot",
        sa.Column("fund_id", types.ID(), nullable=False),
        sa.Column("part_id", types.ID(), nullable=False, comment="the line, or the fund where none moves"),
        sa.Column("kind", types.Name(), nullable=False),
        sa.Column("day", types.Day(), nullable=False),
        sa.Column("amount", types.Fen(), nullable=False),
        sa.PrimaryKeyConstraint("fund_id", "part_id", "kind", "day", name=op.f("pk_fund_snapshot")),
        sqlite_strict=True,
    )
    op.create_table(
        "spender_snapshot",
        sa.Column("line_id", types.ID(), nullable=False),
        sa.Column("enterprise_id", types.ID(), nullable=False),
        sa.Column("first_day", types.Day(), nullable=False),
        sa.PrimaryKeyConstraint("line_id", "enterprise_id", name=op.f("pk_spender_snapshot")),
        sqlite_strict=True,
    )
    # The sums are derived: without a horizon the job begins them anew.
    op.drop_table("balance_horizon")


def downgrade() -> None:
    op.create_table(
        "balance_horizon",
        sa.Column("id", types.Count(), autoincrement=False, nullable=False),
        sa.Column("reached", types.Count(), nullable=False),
        sa.Column("at", types.Instant(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("balance_horizon_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_horizon")),
        sqlite_strict=True,
    )
    op.execute(sa.text("DELETE FROM balance_snapshot"))
    op.drop_table("spender_snapshot")
    op.drop_table("fund_snapshot")
    op.drop_table("snapshot_horizon")
