"""Schemes, vouchers as people see them, codes"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0010_schemes_wallets"
down_revision = "0009_selection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "scheme",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("code", types.Name(), nullable=False),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_scheme_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme")),
        sa.UniqueConstraint("pilot_id", "code", name=op.f("uq_scheme_pilot_id_code")),
        sqlite_strict=True,
    )
    op.create_index("ix_scheme_pilot_newest", "scheme", ["pilot_id", "created_at", "id"], unique=False)
    op.create_table(
        "scheme_version",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("scheme_id", types.ID(), nullable=False),
        sa.Column("pilot_id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("number", types.Count(), nullable=False),
        sa.Column("category", types.Name(), nullable=False, comment="subsidy category of the pilot's book"),
        sa.Column("mode", types.Choice(), nullable=False),
        sa.Column("basis", types.Choice(), nullable=False),
        sa.Column("rate_bps", types.Count(), nullable=False, comment="ten-thousandths of the eligible amount"),
        sa.Column("cap_voucher_fen", types.Fen(), nullable=False, comment="largest face value, fen"),
        sa.Column(
            "cap_enterprise_year_fen", types.Fen(), nullable=True, comment="per enterprise and calendar year, fen"
        ),
        sa.Column("cost_types", types.Json(), nullable=False),
        sa.Column("on_short", types.Choice(), nullable=False),
        sa.Column("use_by", types.Day(), nullable=False, comment="last day to order"),
        sa.Column("redeem_by", types.Day(), nullable=False, comment="last day to confirm delivery"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("published_at", types.Instant(), nullable=True),
        sa.Column("published_by", types.ID(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("basis IN ('net', 'gross')", name=op.f("scheme_version_basis_known")),
        sa.CheckConstraint("mode IN ('direct', 'reimbursed')", name=op.f("scheme_version_mode_known")),
        sa.CheckConstraint("on_short IN ('partial', 'refuse')", name=op.f("scheme_version_on_short_known")),
        sa.CheckConstraint(
            "state = 'draft' OR published_at IS NOT NULL", name=op.f("scheme_version_published_at_known")
        ),
        sa.CheckConstraint("state IN ('draft', 'published', 'closed')", name=op.f("scheme_version_state_known")),
        sa.CheckConstraint(
            "cap_enterprise_year_fen IS NULL OR cap_enterprise_year_fen > 0",
            name=op.f("scheme_version_cap_year_positive"),
        ),
        sa.CheckConstraint("cap_voucher_fen > 0", name=op.f("scheme_version_cap_voucher_positive")),
        sa.CheckConstraint("rate_bps BETWEEN 1 AND 10000", name=op.f("scheme_version_rate_is_a_share")),
        sa.CheckConstraint("use_by <= redeem_by", name=op.f("scheme_version_used_before_redeemed")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_scheme_version_pilot_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_scheme_version_scheme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_version")),
        sa.UniqueConstraint("scheme_id", "number", name=op.f("uq_scheme_version_scheme_id_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_scheme_version_city_state", "scheme_version", ["city", "state"], unique=False)
    op.create_index(op.f("ix_scheme_version_pilot_id"), "scheme_version", ["pilot_id"], unique=False)
    op.create_index(
        "scheme_version_draft_once",
        "scheme_version",
        ["scheme_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "scheme_version_open_once",
        "scheme_version",
        ["scheme_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
    op.create_table(
        "subsidy_trace",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("stage", types.Name(), nullable=False),
        sa.Column("version_id", types.ID(), nullable=False),
        sa.Column("steps", types.Json(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("stage IN ('order', 'contract')", name=op.f("subsidy_trace_stage_known")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_subsidy_trace_order_id")),
        sa.ForeignKeyConstraint(["version_id"], ["scheme_version.id"], name=op.f("fk_subsidy_trace_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_trace")),
        sa.UniqueConstraint("order_id", "stage", name=op.f("uq_subsidy_trace_order_id_stage")),
        sqlite_strict=True,
    )
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("subsidy_trace")
    op.drop_table("scheme_version")
    op.drop_table("scheme")
    # ### end Alembic commands ###
    # tables: end
