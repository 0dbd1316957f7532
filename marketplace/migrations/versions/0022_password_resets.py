"""Password resets: links for who forgot a password"""

import sqlalchemy as sa
from alembic import op

from marketplace.base import types

revision = "0022_password_resets"
down_revision = "0021_approval_tiers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # tables: begin
    op.create_table(
        "password_reset",
        sa.Column("id", types.ID(), nullable=False),
        sa.Column("person_id", types.ID(), nullable=False),
        sa.Column("expires_at", types.Instant(), nullable=False),
        sa.Column("used_at", types.Instant(), nullable=True, comment="also when another link was used"),
        sa.Column("created_at", types.Instant(), nullable=False, comment="UTC, from ctx.now"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_password_reset_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_reset")),
        sqlite_strict=True,
    )
    op.create_index("ix_password_reset_person", "password_reset", ["person_id", "created_at"], unique=False)
    op.create_index(op.f("ix_password_reset_expires_at"), "password_reset", ["expires_at"], unique=False)
    # ### end Alembic commands ###
    # tables: end


def downgrade() -> None:
    # tables: begin
    op.drop_table("password_reset")
    # ### end Alembic commands ###
    # tables: end
