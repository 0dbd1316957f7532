"""Webhooks: addresses of organisations' own programs, and what is sent to them"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0020_webhooks"
down_revision = "0019_redemption_codes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "webhook",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("organisation_id", types.ID(), nullable=False),
        sa.Column("url", types.Name(), nullable=False),
        sa.Column("note", types.Name(), nullable=False, comment="which program it is, in its owner's words"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("secret_version", types.Count(), nullable=False),
        sa.Column("rotated_at", types.Instant(), nullable=True, comment="when the present version began"),
        sa.Column("delivered_at", types.Instant(), nullable=True, comment="last delivery that was taken"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint("state IN ('active', 'paused', 'stopped', 'removed')", name=op.f("webhook_state_known")),
        sa.CheckConstraint(
            "(secret_version = 1) = (rotated_at IS NULL)", name=op.f("webhook_rotated_iff_a_later_version")
        ),
        sa.CheckConstraint("secret_version >= 1", name=op.f("webhook_secret_has_a_version")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_webhook_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sqlite_strict=True,
    )
    op.create_index("ix_webhook_organisation", "webhook", ["organisation_id", "created_at", "id"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("webhook_id", types.ID(), nullable=False),
        sa.Column("message_id", types.ID(), nullable=False, comment="the receiver drops what came twice"),
        sa.Column("topic", types.Name(), nullable=False),
        sa.Column("body", types.Name(), nullable=False, comment="the very text that is signed and sent"),
        sa.Column("state", types.Choice(), nullable=False),
        sa.Column("attempts", types.Count(), nullable=False),
        sa.Column("next_try_at", types.Instant(), nullable=False),
        sa.Column("until", types.Instant(), nullable=False, comment="given up when it still fails then"),
        sa.Column("tried_at", types.Instant(), nullable=True, comment="last attempt"),
        sa.Column("status", types.Count(), nullable=True, comment="HTTP status of the last answer"),
        sa.Column("problem", types.Choice(), nullable=True, comment="why the last attempt failed"),
        sa.Column("took_ms", types.Count(), nullable=True, comment="how long the last attempt took"),
        sa.Column("delivered_at", types.Instant(), nullable=True),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("webhook_delivery_delivered_iff_when")
        ),
        sa.CheckConstraint(
            "problem IN ('address', 'name', 'connection', 'tls', 'timeout', 'redirect', 'status', 'gone', 'answer')",
            name=op.f("webhook_delivery_problem_known"),
        ),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'given_up')", name=op.f("webhook_delivery_state_known")),
        sa.CheckConstraint("attempts >= 0", name=op.f("webhook_delivery_attempts_counted")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("webhook_id", "message_id", name=op.f("uq_webhook_delivery_webhook_id_message_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_webhook_delivery_age", "webhook_delivery", ["created_at"], unique=False)
    op.create_index("ix_webhook_delivery_newest", "webhook_delivery", ["webhook_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_webhook_delivery_state", "webhook_delivery", ["webhook_id", "state", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_webhook_delivery_waiting",
        "webhook_delivery",
        ["next_try_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "webhook_topic",
        sa.Column("webhook_id", types.ID(), nullable=False),
        sa.Column("topic", types.Name(), nullable=False),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_topic_webhook_id")),
        sa.PrimaryKeyConstraint("webhook_id", "topic", name=op.f("pk_webhook_topic")),
        sqlite_strict=True,
    )
    op.create_index("ix_webhook_topic_topic", "webhook_topic", ["topic"], unique=False)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("webhook_topic")
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
    # ### end Alembic commands ###
    # tables: end
