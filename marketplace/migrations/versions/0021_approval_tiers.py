"""How many persons release a payment batch, by its amount"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0021_approval_tiers"
down_revision = "0020_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_tier",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("city", types.Name(), nullable=False),
        sa.Column("above_fen", types.Fen(), nullable=False, comment="a batch of more than this"),
        sa.Column("persons", types.Count(), nullable=False, comment="who release it, the maker not among them"),
        sa.Column("made_by", types.ID(), nullable=False, comment="person"),
        sa.Column("ended_at", types.Instant(), nullable=True),
        sa.Column("ended_by", types.ID(), nullable=True, comment="person"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("approval_tier_ended_by_and_when")),
        sa.CheckConstraint("above_fen >= 0", name=op.f("approval_tier_amount_not_negative")),
        sa.CheckConstraint("persons BETWEEN 2 AND 4", name=op.f("approval_tier_two_to_four_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_tier")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_approval_tier_living",
        "approval_tier",
        ["city", "above_fen"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "batch_release",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("batch_id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("assignment_id", types.ID(), nullable=False),
        sa.Column("total_fen", types.Fen(), nullable=False, comment="what the person saw"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name=op.f("fk_batch_release_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_release")),
        sa.UniqueConstraint("batch_id", "person_id", name=op.f("uq_batch_release_batch_id_person_id")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("batch_release")
    op.drop_index("uq_approval_tier_living", table_name="approval_tier")
    op.drop_table("approval_tier")
