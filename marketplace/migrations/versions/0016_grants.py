"""Lists of other programmes"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0016_grants"
down_revision = "0015_contracts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grant_list",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("region", types.Name(), nullable=False, comment="city or province whose orders it is compared with"),
        sa.Column("programme", types.Name(), nullable=False, comment="whose money it was, unless a row says so"),
        sa.Column("filename", types.Name(), nullable=False),
        sa.Column("document_id", types.ID(), nullable=False),
        sa.Column("rows", types.Count(), nullable=False),
        sa.Column("sha256", types.Name(), nullable=False, comment="of the canonical rows, in hex"),
        sa.Column("state", types.Name(), nullable=False),
        sa.Column("brought_by", types.ID(), nullable=True, comment="person"),
        sa.Column("withdrawn_by", types.ID(), nullable=True, comment="person"),
        sa.Column("withdrawn_at", types.Instant(), nullable=True),
        sa.Column("reason", types.Name(), nullable=False, comment="of the withdrawal"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("state IN ('active', 'withdrawn')", name=op.f("grant_list_state_known")),
        sa.CheckConstraint("rows > 0", name=op.f("grant_list_a_list_has_rows")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("grant_list_digest_whole")),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND reason <> '')",
            name=op.f("grant_list_withdrawn_iff_day_and_reason"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_grant_list_document_id")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_grant_list_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_list")),
        sqlite_strict=True,
    )
    active = sa.text("state = 'active'")
    op.create_index(
        "uq_grant_list_active_once",
        "grant_list",
        ["region", "sha256"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_index("ix_grant_list_newest", "grant_list", ["region", "created_at", "id"])
    op.create_table(
        "grant_row",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("list_id", types.ID(), nullable=False),
        sa.Column("number", types.Count(), nullable=False, comment="as the spreadsheet shows it"),
        sa.Column("uscc", types.Name(), nullable=False, comment="empty where the list has none"),
        sa.Column("name", types.Name(), nullable=False),
        sa.Column("name_key", types.Name(), nullable=False),
        sa.Column("project", types.Name(), nullable=False),
        sa.Column("project_key", types.Name(), nullable=False),
        sa.Column("contract", types.Name(), nullable=False),
        sa.Column("contract_key", types.Name(), nullable=False),
        sa.Column("programme", types.Name(), nullable=False),
        sa.Column("amount_fen", types.Fen(), nullable=True),
        sa.Column("granted_on", types.Day(), nullable=True),
        sa.Column("row_key", types.Name(), nullable=False, comment="digest of what it says, in any list"),
        sa.Column("enterprise_id", types.ID(), nullable=True, comment="who it is here; empty: not registered"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("uscc <> '' OR name <> ''", name=op.f("grant_row_an_enterprise_is_named")),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen > 0", name=op.f("grant_row_amount_is_positive")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["organisation.id"], name=op.f("fk_grant_row_enterprise_id")),
        sa.ForeignKeyConstraint(["list_id"], ["grant_list.id"], name=op.f("fk_grant_row_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_row")),
        sa.UniqueConstraint("list_id", "number", name=op.f("uq_grant_row_list_id_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_grant_row_enterprise", "grant_row", ["enterprise_id"])
    op.create_index("ix_grant_row_uscc", "grant_row", ["uscc"])
    op.create_index("ix_grant_row_key", "grant_row", ["row_key"])


def downgrade() -> None:
    op.drop_table("grant_row")
    op.drop_table("grant_list")
