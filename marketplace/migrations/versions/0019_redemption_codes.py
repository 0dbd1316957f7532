"""Codes that an enterprise shows to have its voucher redeemed"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0019_redemption_codes"
down_revision = "0018_late_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redemption_code",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("order_id", types.ID(), nullable=False),
        sa.Column("provider_id", types.ID(), nullable=False),
        sa.Column("nonce", types.ID(), nullable=False, comment="with the installation's secret, the code"),
        sa.Column("digest", types.Name(), nullable=False, comment="keyed; another for each provider"),
        sa.Column("person_id", types.ID(), nullable=False, comment="of the enterprise, who shows it"),
        sa.Column("assignment_id", types.ID(), nullable=False),
        sa.Column("ends_at", types.Instant(), nullable=False, comment="a minute after it was made"),
        sa.Column("used_at", types.Instant(), nullable=True),
        sa.Column("used_by", types.ID(), nullable=True, comment="person of the provider"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name=op.f("redemption_code_used_by_and_when")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("redemption_code_digest_is_sha256_hex")),
        sa.CheckConstraint("used_at IS NULL OR used_at < ends_at", name=op.f("redemption_code_used_before_its_end")),
        sa.ForeignKeyConstraint(["order_id"], ["shop_order.id"], name=op.f("fk_redemption_code_order_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_redemption_code_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption_code")),
        sa.UniqueConstraint("order_id", name=op.f("uq_redemption_code_order_id")),
        sa.UniqueConstraint("provider_id", "digest", name=op.f("uq_redemption_code_provider_id_digest")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("redemption_code")
